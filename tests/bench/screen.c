/*
 * screen echo CLASS N: presses a key N times in the window of that class, once
 * that answers to it, and prints the microseconds from each press until the
 * window's pixels change.
 * screen frames CLASS SECONDS: prints how often they changed in that time, and
 * how many pixels. What changed is what the X server's DAMAGE extension says.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include <xcb/damage.h>
#include <xcb/xcb.h>
#include <xcb/xtest.h>

#define KEY	 38 /* evdev's A, plus 8 */
#define LATE_US	 2000000
#define FIRST_US 500000 /* and again, for a window that has just come */
#define FIRST	 60
#define QUIET_US 60000 /* nothing that the key before has changed is late */
#define NOISE_US 10000000
#define GAP_US	 4000 /* between two frames */

struct screen {
	xcb_connection_t *c;
	xcb_window_t root, window;
	uint8_t damaged; /* the event's number */
};

static long long
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static bool
has_class(xcb_connection_t *c, xcb_window_t w, const char *class)
{
	xcb_get_property_reply_t *r = xcb_get_property_reply(c,
	    xcb_get_property(
		c, 0, w, XCB_ATOM_WM_CLASS, XCB_ATOM_STRING, 0, 256),
	    NULL);
	size_t len = r == NULL ? 0 : (size_t)xcb_get_property_value_length(r);
	const char *text = r == NULL ? NULL : xcb_get_property_value(r);
	bool found =
	    len > strlen(class) && strncmp(text, class, strlen(class) + 1) == 0;

	free(r);
	return found;
}

/* Depth first: below a window manager's frame as well. */
static xcb_window_t
find(xcb_connection_t *c, xcb_window_t at, const char *class)
{
	xcb_query_tree_reply_t *t =
	    xcb_query_tree_reply(c, xcb_query_tree(c, at), NULL);
	xcb_window_t found = has_class(c, at, class) ? at : XCB_NONE;
	int i;

	for (i = 0; t != NULL && !found && i < t->children_len; i++)
		found = find(c, xcb_query_tree_children(t)[i], class);
	free(t);
	return found;
}

static void
begin(struct screen *s, const char *class)
{
	const xcb_query_extension_reply_t *e;
	xcb_damage_damage_t damage;

	s->c = xcb_connect(NULL, NULL);
	if (xcb_connection_has_error(s->c))
		errx(EX_UNAVAILABLE, "no display");
	s->root = xcb_setup_roots_iterator(xcb_get_setup(s->c)).data->root;
	s->window = find(s->c, s->root, class);
	e = xcb_get_extension_data(s->c, &xcb_damage_id);
	if (s->window == XCB_NONE || e == NULL || !e->present)
		errx(EX_UNAVAILABLE, "%s: no such window, or no DAMAGE", class);
	s->damaged = e->first_event + XCB_DAMAGE_NOTIFY;
	free(xcb_damage_query_version_reply(
	    s->c, xcb_damage_query_version(s->c, 1, 1), NULL));
	damage = xcb_generate_id(s->c);
	xcb_damage_create(
	    s->c, damage, s->window, XCB_DAMAGE_REPORT_LEVEL_RAW_RECTANGLES);
	xcb_flush(s->c);
}

/* The next damage's pixels; 0 where there is none until then. */
static unsigned
next_damage(struct screen *s, long long until)
{
	struct pollfd p = {
	    .fd = xcb_get_file_descriptor(s->c), .events = POLLIN};
	xcb_damage_notify_event_t *d;
	xcb_generic_event_t *e;
	unsigned pixels = 0;
	long long left;

	while (pixels == 0) {
		while (pixels == 0 && (e = xcb_poll_for_event(s->c)) != NULL) {
			d = (xcb_damage_notify_event_t *)e;
			if ((e->response_type & 0x7f) == s->damaged)
				pixels =
				    (unsigned)d->area.width * d->area.height;
			free(e);
		}
		left = until - now_us();
		if (pixels > 0 || left <= 0)
			break;
		poll(&p, 1, (int)(left / 1000) + 1);
	}
	return pixels;
}

static void
key(struct screen *s, uint8_t type)
{
	xcb_test_fake_input(
	    s->c, type, KEY, XCB_CURRENT_TIME, s->root, 0, 0, 0);
	xcb_flush(s->c);
}

/* Presses it when nothing moves; the microseconds until something does, or 0.
 */
static long long
echo_of_one(struct screen *s, long long late)
{
	long long pressed, end = now_us() + NOISE_US;
	bool seen;

	while (next_damage(s, now_us() + QUIET_US) > 0)
		if (now_us() > end)
			errx(EX_TEMPFAIL, "the window changes by itself");
	pressed = now_us();
	key(s, XCB_KEY_PRESS);
	seen = next_damage(s, pressed + late) > 0;
	end = now_us();
	key(s, XCB_KEY_RELEASE);
	return seen ? end - pressed : 0;
}

static void
echo(struct screen *s, int n)
{
	long long took = 0;
	int i;

	xcb_set_input_focus(
	    s->c, XCB_INPUT_FOCUS_PARENT, s->window, XCB_CURRENT_TIME);
	for (i = 0; i < FIRST && took == 0; i++)
		took = echo_of_one(s, FIRST_US);
	while (n-- > 0) {
		if (took == 0 || (took = echo_of_one(s, LATE_US)) == 0)
			errx(EX_TEMPFAIL, "a key without an echo");
		printf("%lld\n", took);
	}
}

/* A frame is a burst of rectangles. */
static void
frames(struct screen *s, int seconds)
{
	long long end = now_us() + seconds * 1000000LL, last = 0, now;
	unsigned long long pixels = 0;
	unsigned n, count = 0;

	while ((n = next_damage(s, end)) > 0) {
		now = now_us();
		if (now - last > GAP_US)
			count++;
		last = now;
		pixels += n;
	}
	printf("%u %llu\n", count, pixels);
}

int
main(int argc, char **argv)
{
	struct screen s;

	if (argc != 4 || atoi(argv[3]) < 1)
		errx(EX_USAGE, "usage: screen echo|frames CLASS N");
	begin(&s, argv[2]);
	if (strcmp(argv[1], "echo") == 0)
		echo(&s, atoi(argv[3]));
	else
		frames(&s, atoi(argv[3]));
	xcb_disconnect(s.c);
	return fflush(stdout) == 0 ? 0 : EX_IOERR;
}
