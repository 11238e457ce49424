/*
 * Servers that mean no good, against the protocol with a display that is none
 * and that aborts where it is lied to. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "../../bin/lxg-client/proto.h"
#include "../../bin/lxg-client/proto/out.h"
#include "../lib/check.h"
#include "stub.h"

struct session {
	struct ui ui;
	struct ask ask;
	struct proto *p;
	struct out out; /* what the server says */
	struct fail fail;
};

static const struct host host = {.w = 800, .h = 600, .dpi = 96};

static int
feed(struct session *s)
{
	int n = proto_feed(s->p, s->out.data, out_left(&s->out), &s->fail);

	out_sent(&s->out, out_left(&s->out));
	return n;
}

static void
start(struct session *s)
{
	static const struct proto_config c = {.title = "@title@",
	    .later = true,
	    .clip_in = true,
	    .clip_out = true,
	    .bell = true,
	    .tray = true,
	    .notifications = true,
	    .files = true,
	    .urls = true};

	memset(s, 0, sizeof(*s));
	s->p = proto_new(&c, &host, &s->ui, &s->ask);
	ui_listen(&s->ui, s->p);
	s->out.plus = true;
	out_begin(&s->out, "hello");
	out_dict(&s->out);
	out_kstr(&s->out, "version", "6.5");
	out_close(&s->out);
	out_end(&s->out);
	CHECK(feed(s) == 0);
}

static void
stop(struct session *s)
{
	proto_free(s->p);
	stub_free(&s->ui);
	out_free(&s->out);
}

static void
window(struct session *s, int64_t wid, int64_t size, int64_t parent)
{
	struct out *o = &s->out;

	out_begin(o, "window-create");
	out_int(o, wid);
	out_int(o, size * 1000);
	out_int(o, -size * 1000);
	out_int(o, size);
	out_int(o, size);
	out_dict(o);
	out_kint(o, "transient-for", parent);
	out_close(o);
	out_end(o);
}

static void
said_for(struct session *s, int64_t wid, int64_t parent)
{
	out_begin(&s->out, "window-metadata");
	out_int(&s->out, wid);
	out_dict(&s->out);
	out_kint(&s->out, "transient-for", parent);
	out_close(&s->out);
	out_end(&s->out);
}

static void
lost(struct session *s, int64_t wid)
{
	out_begin(&s->out, "window-destroy");
	out_int(&s->out, wid);
	out_end(&s->out);
}

/* The first 256 are shown; the others may come when some have gone. */
static void
test_many(void)
{
	struct session s;

	start(&s);
	for (int i = 1; i <= 10000; i++)
		window(&s, i, 10, i - 1);
	CHECK(feed(&s) == 0);
	CHECK(proto_windows(s.p) == 256);
	for (int i = 1; i <= 10000; i++)
		lost(&s, i);
	CHECK(feed(&s) == 0 && proto_windows(s.p) == 0);
	window(&s, UINT32_MAX, 10, 0);
	CHECK(feed(&s) == 0 && proto_windows(s.p) == 1);
	stop(&s);
}

/* Sizes that are none, and that X doesn't know; the stub wants them sane. */
static void
test_sizes(void)
{
	static const int64_t size[] = {0, -1, 1, 65535, 65536, INT32_MAX};
	struct session s;

	start(&s);
	for (size_t i = 0; i < sizeof(size) / sizeof(*size); i++)
		window(&s, (int64_t)i + 1, size[i], 0);
	CHECK(feed(&s) == -1); /* a place of more than 32 bits */
	stop(&s);
	start(&s);
	for (size_t i = 0; i < 4; i++)
		window(&s, (int64_t)i + 1, size[i], 0);
	CHECK(feed(&s) == 0 && proto_windows(s.p) == 4);
	stop(&s);
}

/* Each above the next, and the last one above the first. */
static void
test_circles(void)
{
	struct session s;

	start(&s);
	for (int i = 1; i <= 256; i++)
		window(&s, i, 10, 0);
	for (int i = 1; i <= 256; i++)
		said_for(&s, i, i % 256 + 1);
	for (int i = 1; i <= 256; i++)
		said_for(&s, i, i);
	for (int i = 256; i >= 1; i--)
		said_for(&s, i, (i * 7) % 256 + 1);
	for (int i = 1; i <= 256; i++)
		lost(&s, i);
	CHECK(feed(&s) == 0 && proto_windows(s.p) == 0);
	stop(&s);
}

/* A whole session's bytes in two parts, cut at each of them. */
static void
test_cuts(void)
{
	struct session s;
	uint8_t *all;
	size_t n;

	start(&s);
	window(&s, 1, 10, 0);
	said_for(&s, 1, 7);
	lost(&s, 1);
	n = out_left(&s.out);
	all = malloc(n);
	memcpy(all, s.out.data, n);
	for (size_t cut = 0; cut <= n; cut++) {
		CHECK(proto_feed(s.p, all, cut, &s.fail) == 0);
		CHECK(proto_feed(s.p, all + cut, n - cut, &s.fail) == 0);
		CHECK(proto_windows(s.p) == 0);
	}
	free(all);
	stop(&s);
}

/* Things that belong to windows, before there are any and after. */
static void
test_order(void)
{
	static const char *const names[] = {"window-draw", "window-icon",
	    "window-metadata", "window-resized", "window-move-resize",
	    "clipboard-contents", "file-send-chunk", "window-destroy"};
	struct session s;

	start(&s);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		out_begin(&s.out, names[i]);
		for (int k = 0; k < 12; k++)
			out_int(&s.out, k + 5);
		out_end(&s.out);
		feed(&s);
	}
	lost(&s, 1);
	lost(&s, 1);
	on_key(s.p, 1, 38, 0, true, 0, 0);
	on_button(s.p, 1, 1, true, 0, 0, 0);
	on_focus(s.p, 1);
	CHECK(feed(&s) == 0);
	stop(&s);
	/* nothing but a hello comes first, and a ping where that is late */
	start(&s);
	proto_free(s.p);
	s.p = proto_new(&(struct proto_config){.title = "", .later = true},
	    &host, &s.ui, &s.ask);
	out_begin(&s.out, "ping");
	out_int(&s.out, 1);
	out_end(&s.out);
	CHECK(feed(&s) == 0);
	window(&s, 1, 10, 0);
	CHECK(feed(&s) == -1 && s.fail.kind == FAIL_PROTOCOL);
	stop(&s);
}

/* A server that asks and asks, and reads no answer. */
static void
test_deaf(void)
{
	struct session s;
	const uint8_t *data;
	int n = 0;

	start(&s);
	window(&s, 1, 10, 0);
	CHECK(feed(&s) == 0);
	on_focus(s.p, 1);
	on_sel_owner(
	    s.p, UI_CLIPBOARD, (const char *const[]){"UTF8_STRING"}, 1);
	for (int i = 0; n == 0 && i < 3000; i++) {
		struct ui_data d = {"UTF8_STRING", 8, (const uint8_t *)"x", 1};

		for (int k = 0; k < 1000; k++) {
			out_begin(&s.out, "clipboard-request");
			out_int(&s.out, k);
			out_str(&s.out, "CLIPBOARD");
			out_str(&s.out, "UTF8_STRING");
			out_end(&s.out);
		}
		n = feed(&s);
		on_sel_data(s.p, (unsigned)i + 1, &d);
		on_motion(s.p, 1, i, i, 0);
	}
	CHECK(n == -1 && s.fail.kind == FAIL_PROTOCOL);
	CHECK(proto_pending(s.p, &data) <= OUT_HARD);
	stop(&s);
}

/* More than twenty in ten seconds are not shown. */
static void
test_notes(void)
{
	struct session s;
	FILE *out = tmpfile();
	int lines = 0, c;

	start(&s);
	s.ask.out = out;
	for (int i = 0; i < 500; i++) {
		out_begin(&s.out, "notification-show");
		out_str(&s.out, "");
		out_int(&s.out, i);
		for (int k = 0; k < 9; k++)
			out_str(&s.out, "<<<&lt;>>");
		out_end(&s.out);
	}
	CHECK(feed(&s) == 0);
	rewind(out);
	while ((c = getc(out)) != EOF)
		lines += c == '\n';
	CHECK(lines == 20);
	fclose(out);
	stop(&s);
}

int
main(void)
{
	test_many();
	test_sizes();
	test_circles();
	test_cuts();
	test_order();
	test_deaf();
	test_notes();
	return check_failed;
}
