/*
 * The whole of the client's protocol under libFuzzer, with a display that is
 * none and that aborts where it is told what it must not be. Input: a byte of
 * what is set up, then steps. A step is a byte of what it is, two of a length,
 * and so many bytes: a packet's, a chunk's, the stream's as it is, or what a
 * display tells. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "../../bin/lxg-client/proto.h"
#include "../../bin/lxg-client/proto/out.h"
#include "../../bin/lxg-client/proto/wire.h"
#include "../client/stub.h"

#define LATER  0x01
#define CLOSED 0x02 /* the policy opens nothing */
#define SILENT 0x04 /* no hello of ours goes ahead */
#define RIGID  0x08 /* pixels can't be moved */
#define SHOWN  0x10 /* there is a window 1, and it has been drawn */

enum { PACKET, CHUNK, PACKED, RAW, EVENT, TICK, STEPS };

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static struct ui ui;
static struct ask ask;
static const struct host host = {.w = 1920,
    .h = 1080,
    .dpi = 96,
    .n = 1,
    .v = {{.w = 1920, .h = 1080, .primary = true}},
    .layout = "us"};

static int
hello(struct proto *p, bool later, struct fail *f)
{
	struct out o = {.plus = later};
	int n;

	out_begin(&o, "hello");
	out_dict(&o);
	out_kstr(&o, "version", later ? "6.5" : "3.1.3");
	out_close(&o);
	out_end(&o);
	n = proto_feed(p, o.data, out_left(&o), f);
	out_free(&o);
	return n;
}

/* What a hundred kilobytes of an input would be for. */
static int
shown(struct proto *p, bool later, struct fail *f)
{
	static const uint8_t white[200 * 200 * 4];
	struct out o = {.plus = later};
	int n;

	out_begin(&o, "new-window");
	for (int64_t i = 0; i < 5; i++)
		out_int(&o, i == 0 ? 1 : i < 3 ? 10 : 200);
	out_dict(&o);
	out_close(&o);
	out_end(&o);
	out_begin(&o, "draw");
	for (int64_t i = 0; i < 5; i++)
		out_int(&o, i == 0 ? 1 : i < 3 ? 0 : 200);
	out_str(&o, "rgb24");
	out_bytes(&o, white, sizeof(white));
	out_int(&o, 1);
	out_int(&o, 800);
	out_dict(&o);
	out_close(&o);
	out_end(&o);
	n = proto_feed(p, o.data, out_left(&o), f);
	out_free(&o);
	return n;
}

static int
packet(struct proto *p, unsigned kind, bool later, const uint8_t *data,
    size_t len, struct fail *f)
{
	uint8_t head[WIRE_HEADER];

	if (len == 0)
		return 0;
	wire_header(head, later, len - (kind == CHUNK));
	if (kind == CHUNK)
		head[3] = *data++ | 1;
	if (kind == PACKED)
		head[2] = WIRE_LZ4 | 1;
	if (proto_feed(p, head, sizeof(head), f) == -1)
		return -1;
	return proto_feed(p, data, len - (kind == CHUNK), f);
}

static void
event(struct proto *p, const uint8_t *v, size_t len)
{
	static const char *const targets[] = {
	    "UTF8_STRING", "image/png", "TARGETS", "x"};
	uint8_t d[8] = {0};
	struct ui_place place;
	struct ui_data data = {"UTF8_STRING", 8, v, len};
	struct host other = host;

	memcpy(d, v, len < sizeof(d) ? len : sizeof(d));
	place =
	    (struct ui_place){(int8_t)d[2] * 99, d[3], d[4] + 1u, d[5] + 1u};
	switch (d[0] % 13) {
	case 0:
		on_key(p, d[1], d[2], d[3], d[4] & 1, d[5], d[6]);
		break;
	case 1:
		on_motion(p, d[1], (int8_t)d[2], d[3], d[4]);
		break;
	case 2:
		on_button(p, d[1], d[2], d[3] & 1, d[4], d[5], d[6]);
		break;
	case 3:
		on_focus(p, d[1]);
		break;
	case 4:
		stub_place(&ui, d[1], &place);
		on_map(p, d[1], &place, d[6]);
		break;
	case 5:
		on_unmap(p, d[1]);
		break;
	case 6:
		stub_place(&ui, d[1], &place);
		on_configure(p, d[1], &place, d[6]);
		break;
	case 7:
		d[2] & 1 ? on_close(p, d[1]) : on_refresh(p, d[1]);
		break;
	case 8:
		on_sel_owner(p, d[1] & 1, targets, d[2] & 3);
		break;
	case 9:
		on_sel_wanted(p, d[1] & 1, targets[d[2] & 3], d[3]);
		break;
	case 10:
		on_sel_data(p, d[1], d[2] & 1 ? &data : NULL);
		break;
	case 11:
		proto_click(p, d[1], d[2], (int8_t)d[3] * 99, d[4]);
		break;
	default:
		other.w += d[1];
		other.layout[0] = 'a' + (d[2] & 7);
		proto_host(p, &other);
	}
}

static int
step(struct proto *p, unsigned kind, bool later, const uint8_t *data,
    size_t len, struct fail *f)
{
	const uint8_t *pending;

	switch (kind) {
	case PACKET:
	case CHUNK:
	case PACKED:
		return packet(p, kind, later, data, len, f);
	case RAW:
		return proto_feed(p, data, len, f);
	case EVENT:
		event(p, data, len);
		return 0;
	default:
		proto_tick(p, proto_wait(p, 0) + (long long)len * 100);
		proto_sent(p, proto_pending(p, &pending) / 2);
		stub_step(&ui);
		return 0;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct proto_config c = {.title = "[x] @title@"};
	uint8_t flags = len > 0 ? *data++ : 0;
	const uint8_t *pending;
	struct proto *p;
	struct fail f;
	size_t n;
	int ret = 0;

	len -= len > 0;
	c.later = flags & LATER;
	c.clip_in = c.clip_out = c.bell = c.tray = c.notifications =
	    c.printing = c.files = c.urls = !(flags & CLOSED);
	ui.rigid = flags & RIGID;
	p = proto_new(&c, &host, &ui, &ask);
	ui_listen(&ui, p);
	if (!(flags & SILENT))
		ret = hello(p, c.later, &f);
	if (ret == 0 && flags & SHOWN)
		ret = shown(p, c.later, &f);
	while (ret == 0 && len >= 3) {
		unsigned kind = data[0] % STEPS;

		n = data[1] | (size_t)data[2] << 8;
		data += 3;
		len -= 3;
		n = n < len ? n : len;
		ret = step(p, kind, c.later, data, n, &f);
		data += n;
		len -= n;
	}
	proto_leave(p, "done");
	if (proto_pending(p, &pending) > OUT_HARD)
		abort();
	proto_free(p);
	stub_reset(&ui);
	return 0;
}
