/*
 * What the policy and the user's options make of the client.
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "choice.h"
#include "color.h"
#include "policy.h"
#include "text.h"

/* Consumes value; the process ends with the client. */
static void
add(struct choice *c, const char *option, char *value)
{
	if (c->n + 3 > CHOICE_ARGS) {
		free(value);
		return;
	}
	if (strcmp(option, "-b") == 0)
		c->border = value;
	c->args[c->n++] = option;
	c->args[c->n++] = value;
	c->args[c->n] = NULL;
}

/* What tells the user whose window it is. */
static void
add_identity(struct choice *c, jv config, const char *instance)
{
	const char *title = policy_get(config, "title");

	add(c, "-b", policy_color(config, instance));
	add(c, "-t",
	    title != NULL ? text_fmt("%s", title)
			  : text_fmt("[%s] @title@", instance));
	add(c, "-c", text_fmt("lxg-%s", instance));
}

static bool
is_on(jv config, const char *key)
{
	return strcmp(policy_get(config, key), "on") == 0;
}

/* Only what is open is named. */
static void
add_policy(struct choice *c, jv config)
{
	static const char *const keys[] = {
	    "bell", "tray", "notifications", "printing", "files", "urls"};
	const char *way = policy_get(config, "clipboard");
	size_t i;

	if (strcmp(way, "off") != 0)
		add(c, "-p", text_fmt("clipboard=%s", way));
	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (is_on(config, keys[i]))
			add(c, "-p", text_fmt("%s=on", keys[i]));
	c->notifications = is_on(config, "notifications");
	c->printing = is_on(config, "printing");
	c->files = is_on(config, "files");
	c->urls = is_on(config, "urls");
	c->tray = is_on(config, "tray");
	c->speaker = strcmp(policy_get(config, "audio"), "off") != 0;
	c->microphone = strcmp(policy_get(config, "audio"), "both") == 0;
}

/* Options of xpra's own client, and what there is in their place. */
static const struct {
	const char *name, *instead;
} known[] = {
    {"--clipboard", "lxg set NAME clipboard=in, out or both"},
    {"--speaker", "lxg set NAME audio=out"},
    {"--microphone", "lxg set NAME audio=both"},
    {"--sound", "lxg set NAME audio=out"},
    {"--pulseaudio", "lxg set NAME audio=out"},
    {"--audio", "lxg set NAME audio=out"},
    {"--notifications", "lxg set NAME notifications=on"},
    {"--bell", "lxg set NAME bell=on"},
    {"--system-tray", "lxg set NAME tray=on"},
    {"--tray", "lxg set NAME tray=on"},
    {"--printing", "lxg set NAME printing=on"},
    {"--file-transfer", "lxg set NAME files=on"},
    {"--open-files", "lxg set NAME files=on, and open them yourself"},
    {"--open-url", "lxg set NAME urls=on"},
    {"--dpi", "Xft.dpi of the host (xrdb), which the session follows"},
    {"--desktop-scaling", "Xft.dpi of the host (xrdb)"},
    {"--keyboard", "setxkbmap on the host, which the session follows"},
    {"--opengl", "nothing: pixels are drawn as they come"},
    {"--encoding", "nothing: pixels come as they are, and LZ4 packs them"},
    {"--quality", "nothing: pixels come as they are"},
    {"--min-quality", "nothing: pixels come as they are"},
    {"--speed", "nothing: pixels come as they are"},
    {"--compress", "nothing: LZ4 packs what is large"},
    {"--mmap", "nothing: pixels go through the session's socket"},
    {"--webcam", "nothing: no camera reaches an instance"},
    {"--readonly", "nothing: end the attach, and the session goes on"},
    {"--splash", "nothing: there is none"},
    {"--headerbar", "nothing: there is none"},
    {"--session-name", "--title"},
};

static int
refuse(const char *option, struct fail *f)
{
	size_t i, len;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
		len = strlen(known[i].name);
		if (strncmp(option, known[i].name, len) == 0)
			return fail_set(f, FAIL_USAGE,
			    "-o %s: no option of lxg-client; use %s", option,
			    known[i].instead);
	}
	return fail_set(f, FAIL_USAGE,
	    "-o %s: none of --border=COLOR, --title=TEXT, --window-icon=FILE",
	    option);
}

static const struct {
	const char *name, *as;
} taken[] = {{"--border=", "-b"}, {"--title=", "-t"}, {"--window-icon=", "-i"}};
#define TAKEN (sizeof(taken) / sizeof(*taken))

/* Which of those it is; TAKEN: none. */
static size_t
which(const char *option)
{
	size_t i;

	for (i = 0; i < TAKEN; i++)
		if (strncmp(option, taken[i].name, strlen(taken[i].name)) == 0)
			break;
	return i;
}

int
choice_check(const char *option, struct fail *f)
{
	size_t i = which(option);
	const char *value;
	uint32_t color;

	if (!text_utf8(option, strlen(option)))
		return fail_set(f, FAIL_DATA, "-o %s: not UTF-8", option);
	if (i == TAKEN)
		return refuse(option, f);
	value = option + strlen(taken[i].name);
	if (taken[i].as[1] == 'b' &&
	    !color_parse(value, strcspn(value, ","), &color))
		return fail_set(f, FAIL_USAGE,
		    "-o %s: no colour: #rrggbb, or a name like red", option);
	if (taken[i].as[1] == 'i' && access(value, R_OK) < 0)
		return fail_errno(f, "-o %s", option);
	return 0;
}

/* One that was checked. */
static void
add_option(struct choice *c, const char *option)
{
	size_t i = which(option);

	add(c, taken[i].as, text_fmt("%s", option + strlen(taken[i].name)));
}

int
choice_make(struct choice *c, const struct rec *r, jv config,
    char *const *options, int n, struct fail *f)
{
	const char *instance = rec_str(r, "instance", f);
	int i;

	*c = (struct choice){.n = 0};
	if (instance == NULL || policy_check(config, f) < 0)
		return -1;
	c->untrusted = strcmp(policy_get(config, "x11"), "untrusted") == 0;
	add_identity(c, config, instance);
	add_policy(c, config);
	for (i = 0; i < n; i++)
		add_option(c, options[i]);
	return 0;
}
