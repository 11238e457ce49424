/*
 * What the client asks for. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "asked.h"
#include "clock.h"
#include "note.h"
#include "rec.h"
#include "text.h"
#include "url.h"

#define ROUNDS	 8   /* of reading; then others have their turn */
#define LINES	 100 /* in a second, but for a file's bytes */
#define TOLD_MAX 20  /* messages of its own, in all */
#define ID_MAX	 4294967295.0

void
asked_init(
    struct asked *a, const struct choice *c, const char *instance, int dir)
{
	*a = (struct asked){.instance = instance,
	    .urls = -1,
	    .notes = -1,
	    .urls_open = c->urls,
	    .notes_open = c->notifications,
	    .tray_open = c->tray};
	tray_init(&a->tray, instance, c->border);
	sent_init(&a->sent, instance, c->files, c->printing, dir);
}

void
asked_end(struct asked *a)
{
	sent_end(&a->sent, false);
	tray_end(&a->tray);
	if (a->urls >= 0)
		close(a->urls);
	if (a->notes >= 0)
		close(a->notes);
	a->urls = a->notes = -1;
}

int
asked_wait(const struct asked *a)
{
	long long left = (a->second + 1) * 1000 - clock_ms();

	if (a->lines < LINES || left <= 0)
		return -1;
	return (int)left;
}

/* A whole number from 0 to max; -1 for what is none. */
static double
number(jv o, const char *key, double max)
{
	jv v = obj_get(o, key);
	double n = jv_get_kind(v) == JV_KIND_NUMBER ? jv_number_value(v) : -1;

	jv_free(v);
	return n >= 0 && n <= max && floor(n) == n ? n : -1;
}

static bool
is_true(jv o, const char *key)
{
	jv v = obj_get(o, key);
	bool is = jv_get_kind(v) == JV_KIND_TRUE;

	jv_free(v);
	return is;
}

static void
say(struct asked *a, const char *text)
{
	char *s;

	if (a->told++ >= TOLD_MAX)
		return;
	s = text_fmt("%.300s", text);
	text_clean(s);
	warnx("%s: %s", a->instance, s);
	free(s);
}

static void
open_url(struct asked *a, const char *url)
{
	if (!a->urls_open)
		return;
	if (a->urls < 0)
		a->urls = url_opener();
	if (a->urls >= 0)
		url_open(a->urls, url);
}

static void
note(struct asked *a, jv o)
{
	struct note n = {.id = number(o, "note", ID_MAX),
	    .replaces = number(o, "replaces", ID_MAX),
	    .urgency = number(o, "urgency", 2),
	    .instance = a->instance,
	    .summary = obj_str(o, "summary"),
	    .body = obj_str(o, "body")};

	if (!a->notes_open || n.id < 0 || n.summary == NULL || n.body == NULL)
		return;
	if (a->notes < 0)
		a->notes = note_helper();
	if (a->notes >= 0)
		note_show(a->notes, &n);
}

static void
close_note(struct asked *a, double id)
{
	if (a->notes >= 0 && id >= 0)
		note_close(a->notes, id);
}

/* One without a size is gone. */
static void
icon(struct asked *a, jv o)
{
	double id = number(o, "icon", ID_MAX);
	const char *title = obj_str(o, "title"), *argb = obj_str(o, "argb");

	if (!a->tray_open || id < 0)
		return;
	if (title != NULL && argb != NULL)
		tray_show(&a->tray, (uint32_t)id, title,
		    (int)number(o, "w", TRAY_SIDE),
		    (int)number(o, "h", TRAY_SIDE), argb);
	else
		tray_hide(&a->tray, (uint32_t)id);
}

bool
asked_click(struct asked *a, struct tray_heard *h)
{
	if (!tray_read(&a->tray, h))
		return false;
	if (h->button == 0)
		say(a, "no tray here takes the icon of a program");
	return h->button != 0;
}

static void
begin_file(struct asked *a, jv o, const char *name)
{
	struct fail f;

	if (sent_begin(&a->sent, name, number(o, "size", SENT_MAX),
		is_true(o, "print"), &f) < 0)
		say(a, f.text);
}

static void
end_file(struct asked *a, bool whole)
{
	struct fail f = {.text = ""};

	if (sent_finish(&a->sent, whole, &f) < 0)
		say(a, f.text);
}

static void
last_word(struct asked *a, const char *why)
{
	snprintf(a->why, sizeof(a->why), "%s", why);
	text_clean(a->why);
}

/* An object, borrowed. Which of the things that may be asked for is it? */
static int
obey(struct asked *a, jv o, struct fail *f)
{
	const char *s;

	if ((s = obj_str(o, "data")) != NULL)
		return sent_data(&a->sent, s), 0;
	a->lines++;
	if ((s = obj_str(o, "file")) != NULL)
		begin_file(a, o, s);
	else if (jv_object_has(jv_copy(o), jv_string("end")))
		end_file(a, is_true(o, "end"));
	else if (jv_object_has(jv_copy(o), jv_string("note")))
		note(a, o);
	else if (jv_object_has(jv_copy(o), jv_string("close")))
		close_note(a, number(o, "close", ID_MAX));
	else if (jv_object_has(jv_copy(o), jv_string("icon")))
		icon(a, o);
	else if ((s = obj_str(o, "url")) != NULL)
		open_url(a, s);
	else if ((s = obj_str(o, "say")) != NULL)
		say(a, s);
	else if ((s = obj_str(o, "why")) != NULL)
		last_word(a, s);
	else if (is_true(o, "locked"))
		a->locked = true;
	else
		return fail_set(f, FAIL_PROTOCOL,
		    "the client asks for what there is not: it was ended");
	return 0;
}

static int
lines(struct asked *a, struct fail *f)
{
	char *end, *at = a->in;
	size_t left = a->have;
	int ret = 0;
	jv o;

	while (ret == 0 && (end = memchr(at, '\n', left)) != NULL) {
		if (rec_parse(at, (size_t)(end - at), &o, f) < 0)
			return fail_set(f, FAIL_PROTOCOL,
			    "what the client says is no JSON: it was ended");
		ret = jv_get_kind(o) == JV_KIND_OBJECT
			  ? obey(a, o, f)
			  : fail_set(f, FAIL_PROTOCOL,
				"what the client says is no object: it was "
				"ended");
		jv_free(o);
		left -= (size_t)(end + 1 - at);
		at = end + 1;
	}
	memmove(a->in, at, left);
	a->have = left;
	if (ret == 0 && left == sizeof(a->in))
		return fail_set(f, FAIL_PROTOCOL,
		    "the client's line has no end: it was ended");
	return ret;
}

int
asked_read(struct asked *a, int control, struct fail *f)
{
	long long second = clock_ms() / 1000;
	int rounds = ROUNDS, ret = 0;
	ssize_t n = 1;

	if (second != a->second)
		a->lines = 0;
	a->second = second;
	while (ret == 0 && n > 0 && rounds-- > 0 && a->lines < LINES) {
		n = recv(control, a->in + a->have, sizeof(a->in) - a->have,
		    MSG_DONTWAIT);
		if (n > 0) {
			a->have += (size_t)n;
			ret = lines(a, f);
		}
	}
	return ret;
}
