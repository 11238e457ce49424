/*
 * Packets of the server's by their names, old and later. A name that isn't
 * here is passed over: what it announces was not offered, or takes the host's
 * keyboard, pointer, focus or windows away from the user (pointer-grab,
 * raise-window, restack-window, initiate-moveresize, control, show-desktop).
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "clean.h"
#include "state.h"

int
malformed(struct fail *f, const struct val *packet, const char *why)
{
	char name[40];

	clean_text(val_at(packet, 0), name, sizeof(name), 32, false);
	return fail_set(f, FAIL_PROTOCOL, "packet %s: %s", name, why);
}

static int
got_startup(struct proto *p, const struct val *packet, struct fail *f)
{
	(void)packet;
	(void)f;
	/* the layout of the hello is forgotten by 6.5's */
	if (!p->started && p->config.later)
		keys_config(p);
	if (!p->started && p->config.printing)
		printer_send(p);
	p->started = true;
	return 0;
}

/* What a server says where it ends, for people. */
static int
got_end(struct proto *p, const struct val *packet, struct fail *f)
{
	char why[200], more[200];

	(void)p;
	clean_text(val_at(packet, 1), why, sizeof(why), 150, false);
	clean_text(val_at(packet, 2), more, sizeof(more), 150, false);
	return fail_set(f, FAIL_NONE, "the session has ended: %s%s%s", why,
	    more[0] != '\0' ? ": " : "", more);
}

static int
got_challenge(struct proto *p, const struct val *packet, struct fail *f)
{
	(void)p;
	(void)packet;
	return fail_set(f, FAIL_PERM, "the server asks for a password");
}

/* The first ones need no hello: a server that is slow to say its own pings. */
#define EARLY 5

static const struct {
	const char *name;
	handler *fn;
} handlers[] = {
    {"hello", got_hello},
    {"disconnect", got_end},
    {"connection-close", got_end},
    {"challenge", got_challenge},
    {"ping", got_ping},
    {"startup-complete", got_startup},
    {"draw", got_draw},
    {"window-draw", got_draw},
    {"new-window", got_window},
    {"window-create", got_window},
    {"new-override-redirect", got_window_or},
    {"new-tray", got_tray},
    {"lost-window", got_lost},
    {"window-destroy", got_lost},
    {"window-metadata", got_metadata},
    {"window-move-resize", got_move_resize},
    {"window-resized", got_resized},
    {"configure-override-redirect", got_move_or},
    {"window-icon", got_icon},
    {"cursor", got_cursor},
    {"cursor-data", got_cursor_data},
    {"cursor-default", got_cursor_default},
    {"bell", got_bell},
    {"window-bell", got_bell},
    {"notify_show", got_note},
    {"notification-show", got_note},
    {"notify_close", got_note_gone},
    {"notification-close", got_note_gone},
    {"open-url", got_url},
    {"file-open-url", got_url},
    {"send-file", got_file},
    {"file-send", got_file},
    {"send-file-chunk", got_file_chunk},
    {"file-send-chunk", got_file_chunk},
    {"clipboard-token", got_token},
    {"clipboard-data", got_data},
    {"clipboard-request", got_request},
    {"clipboard-contents", got_contents},
    {"clipboard-contents-none", got_contents_none},
};

int
dispatch(struct proto *p, const struct val *packet, struct fail *f)
{
	const struct val *name = val_at(packet, 0);

	if (name == NULL || name->kind != V_STR)
		return fail_set(f, FAIL_PROTOCOL, "a packet without a name");
	for (size_t i = 0; i < sizeof(handlers) / sizeof(*handlers); i++) {
		if (!val_is(name, handlers[i].name))
			continue;
		if (!p->greeted && i >= EARLY)
			return malformed(f, packet, "before the hello");
		return handlers[i].fn(p, packet, f);
	}
	return 0;
}

/* What we send: its name up to 6.4, and later. */
static const struct {
	const char *old, *fresh;
} names[] = {
    {"map-window", "window-map"},
    {"unmap-window", "window-unmap"},
    {"close-window", "window-close"},
    {"configure-window", "window-configure"},
    {"focus", "window-focus"},
    {"damage-sequence", "window-draw-ack"},
    {"buffer-refresh", "window-refresh"},
    {"key-action", "keyboard-event"},
    {"keymap-changed", "keyboard-config"},
    {"pointer-position", "pointer-motion"},
    {"button-action", "pointer-button"},
    {"ping_echo", "ping-echo"},
    {"disconnect", "connection-close"},
    {"desktop_size", "display-configure"},
};

void
begin(struct proto *p, const char *name)
{
	for (size_t i = 0; p->fresh && i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(name, names[i].old) == 0)
			name = names[i].fresh;
	/* 5.0 to 6.4 have it under a name of their own */
	if (p->config.later && !p->fresh && strcmp(name, "desktop_size") == 0)
		name = "configure-display";
	out_begin(&p->out, name);
}

void
done(struct proto *p)
{
	out_end(&p->out);
}
