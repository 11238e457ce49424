/*
 * The hello, ours and the server's: what isn't offered the server doesn't
 * send. It names neither the user nor the host. Flat keys for 3.1 and 4.4,
 * nested ones from 5 on. SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clean.h"
#include "state.h"

#define ICON_SIZE 128 /* what is larger no bar of windows shows */

static const char *const encodings[] = {"rgb24", "rgb32", NULL};
static const char *const formats[] = {"BGRX", "BGRA", NULL};
static const char *const raw[] = {"raw", NULL};
static const char *const icons[] = {"premult_argb32", NULL};
static const char *const flat_icons[] = {"png", "premult_argb32", NULL};
static const char *const lz4[] = {"lz4", NULL};
static const char *const none[] = {NULL};
static const char *const selections[] = {"CLIPBOARD", "PRIMARY", NULL};

/*
 * What a window may say of itself. Left out is what takes its marks away
 * (shape, opacity, has-alpha, decorations), what reaches beyond it (strut,
 * bypass-compositor, fullscreen-monitors), what names processes and machines
 * (pid, client-machine, command, xid, group-leader), and what tells nothing
 * that is shown (icon-title, role, class-instance, workspace).
 */
static const char *const says[] = {"title", "size-hints", /* 3.1's name */
    "size-constraints", "set-initial-position", "transient-for", "modal",
    "window-type", "maximized", "fullscreen", "iconic", "above", "below",
    "shaded", "sticky", "skip-taskbar", "skip-pager", "override-redirect",
    "tray", NULL};

static void
common(struct proto *p)
{
	struct out *o = &p->out;
	const struct proto_config *c = &p->config;

	out_kstr(o, "uuid", "00000000000000000000000000000000");
	out_kstr(o, "hostname", "lxg");
	out_kstr(o, "username", "lxg");
	out_kstr(o, "name", "lxg");
	out_kstr(o, "client_type", "lxg");
	out_kstr(o, "platform", "linux");
	out_kstr(o, "session-type", "x11");
	out_kbool(o, "lz4", true);
	out_kwords(o, "compressors", lz4);
	out_kint(o, "compression_level", 1);
	out_kbool(o, "chunks", true);
	out_kbool(o, "ui_client", true);
	out_kbool(o, "windows", true);
	out_kbool(o, "keyboard", true);
	out_kbool(o, "mouse", true);
	out_kbool(o, "cursors", true);
	out_kbool(o, "share", false);
	out_kbool(o, "steal", true);
	out_kbool(o, "ping", true);
	out_kbool(o, "bell", c->bell);
	out_kbool(o, "system_tray", c->tray);
	/* a server that repeats keys for us lets them go after a while */
	out_kpair(o, "key_repeat", 0, 0);
	out_kwords(o, "modifiers", none);
	out_kwords(o, "encodings", encodings);
	out_kint(o, "cursor.size", p->host.cursor);
	screen_hello(p);
	keys_hello(p);
}

static void
flat(struct proto *p)
{
	struct out *o = &p->out;
	const struct proto_config *c = &p->config;
	bool clip = c->clip_in || c->clip_out;

	out_kstr(o, "version", "3.1.3");
	out_kbool(o, "rencode", true);
	out_kbool(o, "zlib", false);
	out_kbool(o, "wants_aliases", false);
	out_kbool(o, "wants_versions", false);
	out_kbool(o, "wants_sound", false);
	out_kbool(o, "wants_features", false);
	out_kbool(o, "wants_encodings", false);
	out_kbool(o, "wants_events", false);
	out_kbool(o, "wants_default_cursor", false);
	out_kbool(o, "randr_notify", true);
	out_kwords(o, "encodings.core", encodings);
	out_kwords(o, "encodings.rgb_formats", formats);
	out_kwords(o, "encodings.cursor", raw);
	/* 3.1 sends none but PNGs; larger ones it makes smaller */
	out_kwords(o, "encodings.window-icon", flat_icons);
	out_kpair(o, "encoding.icons.size", ICON_SIZE, ICON_SIZE);
	out_kpair(o, "encoding.icons.max_size", ICON_SIZE, ICON_SIZE);
	out_kbool(o, "encoding.rgb_lz4", true);
	/* or one without python3-lz4 would take that */
	out_kbool(o, "encoding.rgb_zlib", false);
	out_kbool(o, "encoding.transparency", true);
	out_kbool(o, "encoding.scrolling", true); /* of windows: moves.c */
	out_kwords(o, "metadata.supported", says);
	out_kbool(o, "notifications", c->notifications);
	out_kbool(o, "clipboard", clip);
	if (clip) {
		out_kwords(o, "clipboard.selections", selections);
		out_kbool(o, "clipboard.greedy", false);
		out_kbool(o, "clipboard.want_targets", false);
		out_kbool(o, "clipboard.contents-slice-fix", true);
	}
	out_kbool(o, "file-transfer", c->files);
	out_kint(o, "file-size-limit", c->files || c->printing ? 1024 : 0);
	out_kint(o, "file-chunks", 65536);
	out_kbool(o, "printing", c->printing);
	out_kbool(o, "open-url", c->urls);
}

static void
nested_encoding(struct out *o)
{
	out_key(o, "encoding");
	out_dict(o);
	out_kwords(o, "options", encodings);
	out_kwords(o, "core", encodings);
	out_kstr(o, "setting", "rgb24");
	out_kwords(o, "rgb_formats", formats);
	out_kbool(o, "transparency", true);
	out_kbool(o, "rgb_lz4", true);
	out_kbool(o, "rgb_zlib", false);
	out_kwords(o, "window-icon", icons);
	out_close(o);
	out_key(o, "cursor");
	out_dict(o);
	out_kwords(o, "encodings", raw);
	out_kbool(o, "backwards-compatible", true);
	out_close(o);
	out_key(o, "metadata");
	out_dict(o);
	out_kwords(o, "supported", says);
	out_close(o);
}

static void
nested_transfer(struct proto *p)
{
	struct out *o = &p->out;
	const struct proto_config *c = &p->config;

	out_key(o, "file");
	out_dict(o);
	out_kbool(o, "enabled", c->files);
	out_kbool(o, "ask", false);
	out_kint(o, "size-limit", 1 << 30);
	out_kint(o, "chunks", 65536);
	out_kbool(o, "open", false);
	out_kbool(o, "open-url", c->urls);
	out_kbool(o, "printing", c->printing);
	out_close(o);
	out_key(o, "printer");
	out_dict(o);
	out_kbool(o, "printing", c->printing);
	out_close(o);
}

static void
nested(struct proto *p)
{
	struct out *o = &p->out;
	const struct proto_config *c = &p->config;

	out_kstr(o, "version", "6.5");
	out_kbool(o, "rencodeplus", true);
	out_kwords(o, "encoders", (const char *const[]){"rencodeplus", NULL});
	out_kwords(o, "wants", none);
	out_kwords(o, "metadata.supported", says);
	out_key(o, "pointer");
	out_dict(o);
	out_key(o, "double_click");
	out_dict(o);
	out_close(o);
	out_close(o);
	nested_encoding(o);
	out_kbool(o, "notification", c->notifications);
	if (c->notifications) {
		out_key(o, "notifications");
		out_dict(o);
		out_kbool(o, "enabled", true);
		out_close(o);
	}
	if (c->clip_in || c->clip_out) {
		out_key(o, "clipboard");
		out_dict(o);
		out_kbool(o, "enabled", true);
		out_kbool(o, "notifications", false);
		out_kwords(o, "selections", selections);
		out_kbool(o, "greedy", false);
		out_kbool(o, "want_targets", false);
		out_close(o);
	}
	if (c->files || c->printing || c->urls)
		nested_transfer(p);
}

void
hello_send(struct proto *p)
{
	out_begin(&p->out, "hello");
	out_dict(&p->out);
	common(p);
	if (p->config.later)
		nested(p);
	else
		flat(p);
	out_close(&p->out);
	out_end(&p->out);
}

static int
refuse(struct fail *f, const char *version, const char *why)
{
	return fail_set(f, FAIL_CONFIG,
	    "the session's xpra is version %s, %s (3.1 to 6)", version, why);
}

int
got_hello(struct proto *p, const struct val *packet, struct fail *f)
{
	const struct val *caps = val_at(packet, 1);
	const struct val *v = val_key(caps, "version");
	char text[32];

	if (p->greeted)
		return malformed(f, packet, "a second one");
	/* some say it below "build" as well; this is the one of them all */
	clean_text(v, text, sizeof(text), 30, false);
	if (sscanf(text, "%d.%d", &p->major, &p->minor) < 1)
		return malformed(f, packet, "no version");
	if (p->major < 3 || (p->major == 3 && p->minor < 1))
		return refuse(f, text, "which is too old");
	if (p->major > 6)
		return refuse(f, text, "which is too new");
	p->greeted = true;
	p->fresh = p->major == 6 && p->minor >= 5;
	host_late(p);
	return 0;
}
