/*
 * A tray as bars have them, for one icon: as wide as the icon asks for at the
 * least (one pixel where it doesn't), as high as the bar. It says what it does
 * on standard output; lines of standard input are "place X Y HEIGHT". With
 * "-s" the icon outlives it. SPDX-License-Identifier: ISC
 *
 * usage: tray [-s] X Y HEIGHT
 */
#include <err.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <xcb/xcb.h>
#include <xcb/xcb_icccm.h>

static struct {
	xcb_connection_t *c;
	xcb_window_t root, bar, icon;
	xcb_atom_t tray, opcode, manager, info;
	bool keeps;
	int x, y, height;
} t;

static xcb_atom_t
atom(const char *name)
{
	xcb_intern_atom_reply_t *r = xcb_intern_atom_reply(
	    t.c, xcb_intern_atom(t.c, 0, (uint16_t)strlen(name), name), NULL);
	xcb_atom_t a = r == NULL ? XCB_ATOM_NONE : r->atom;

	free(r);
	return a;
}

static int
wanted_width(void)
{
	xcb_size_hints_t h = {0};

	if (!xcb_icccm_get_wm_normal_hints_reply(
		t.c, xcb_icccm_get_wm_normal_hints(t.c, t.icon), &h, NULL) ||
	    (h.flags & XCB_ICCCM_SIZE_HINT_P_MIN_SIZE) == 0)
		return 1;
	return h.min_width < 1 ? 1 : h.min_width;
}

static void
layout(void)
{
	int width = t.icon == XCB_NONE ? 1 : wanted_width();
	uint32_t bar[] = {
	    (uint32_t)t.x, (uint32_t)t.y, (uint32_t)width, (uint32_t)t.height};
	uint32_t icon[] = {(uint32_t)width, (uint32_t)t.height};

	xcb_configure_window(t.c, t.bar,
	    XCB_CONFIG_WINDOW_X | XCB_CONFIG_WINDOW_Y |
		XCB_CONFIG_WINDOW_WIDTH | XCB_CONFIG_WINDOW_HEIGHT,
	    bar);
	if (t.icon == XCB_NONE)
		return;
	xcb_configure_window(t.c, t.icon,
	    XCB_CONFIG_WINDOW_WIDTH | XCB_CONFIG_WINDOW_HEIGHT, icon);
	printf("layout %dx%d\n", width, t.height);
}

/* Is it one that wants to be seen? */
static bool
is_mapped(xcb_window_t icon)
{
	xcb_get_property_reply_t *r = xcb_get_property_reply(
	    t.c, xcb_get_property(t.c, 0, icon, t.info, t.info, 0, 2), NULL);
	bool yes = r != NULL && xcb_get_property_value_length(r) == 8 &&
		   (((uint32_t *)xcb_get_property_value(r))[1] & 1) != 0;

	free(r);
	return yes;
}

static void
dock(xcb_window_t icon)
{
	uint32_t mask = XCB_EVENT_MASK_PROPERTY_CHANGE;

	t.icon = icon;
	xcb_change_window_attributes(t.c, icon, XCB_CW_EVENT_MASK, &mask);
	if (t.keeps)
		xcb_change_save_set(t.c, XCB_SET_MODE_INSERT, icon);
	xcb_reparent_window(t.c, icon, t.bar, 0, 0);
	layout();
	if (is_mapped(icon))
		xcb_map_window(t.c, icon);
}

static void
event(const xcb_generic_event_t *e)
{
	const xcb_client_message_event_t *m = (const void *)e;
	const xcb_property_notify_event_t *p = (const void *)e;
	unsigned type = e->response_type & 0x7f;

	if (type == XCB_CLIENT_MESSAGE && m->type == t.opcode &&
	    m->data.data32[1] == 0)
		dock(m->data.data32[2]);
	else if (type == XCB_PROPERTY_NOTIFY && p->window == t.icon &&
		 p->atom == XCB_ATOM_WM_NORMAL_HINTS)
		layout();
}

static void
begin(void)
{
	xcb_screen_t *s;
	uint32_t v[] = {0x202020, 1};
	xcb_client_message_event_t m = {
	    .response_type = XCB_CLIENT_MESSAGE, .format = 32};

	t.c = xcb_connect(NULL, NULL);
	if (xcb_connection_has_error(t.c))
		errx(EX_UNAVAILABLE, "no display");
	s = xcb_setup_roots_iterator(xcb_get_setup(t.c)).data;
	t.root = s->root;
	t.tray = atom("_NET_SYSTEM_TRAY_S0");
	t.opcode = atom("_NET_SYSTEM_TRAY_OPCODE");
	t.info = atom("_XEMBED_INFO");
	t.bar = xcb_generate_id(t.c);
	xcb_create_window(t.c, XCB_COPY_FROM_PARENT, t.bar, t.root, 0, 0, 1, 1,
	    0, XCB_WINDOW_CLASS_INPUT_OUTPUT, XCB_COPY_FROM_PARENT,
	    XCB_CW_BACK_PIXEL | XCB_CW_OVERRIDE_REDIRECT, v);
	layout();
	xcb_map_window(t.c, t.bar);
	xcb_set_selection_owner(t.c, t.bar, t.tray, XCB_CURRENT_TIME);
	m.window = t.root;
	m.type = atom("MANAGER");
	m.data.data32[1] = t.tray;
	m.data.data32[2] = t.bar;
	xcb_send_event(
	    t.c, 0, t.root, XCB_EVENT_MASK_STRUCTURE_NOTIFY, (char *)&m);
	printf("tray\n");
}

int
main(int argc, char **argv)
{
	struct pollfd p[] = {
	    {.events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
	xcb_generic_event_t *e;
	char line[64];

	t.keeps = argc > 4 && strcmp(argv[1], "-s") == 0;
	if (argc < 4)
		errx(EX_USAGE, "usage: tray [-s] X Y HEIGHT");
	t.x = atoi(argv[argc - 3]);
	t.y = atoi(argv[argc - 2]);
	t.height = atoi(argv[argc - 1]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	setvbuf(stdin, NULL, _IONBF, 0);
	begin();
	p[0].fd = xcb_get_file_descriptor(t.c);
	for (;;) {
		while ((e = xcb_poll_for_event(t.c)) != NULL) {
			event(e);
			free(e);
		}
		if (xcb_flush(t.c) <= 0)
			return 0; /* with the display */
		poll(p, 2, -1);
		if (p[1].revents == 0)
			continue;
		if (fgets(line, sizeof(line), stdin) == NULL)
			return 0;
		if (sscanf(line, "place %d %d %d", &t.x, &t.y, &t.height) == 3)
			layout();
	}
}
