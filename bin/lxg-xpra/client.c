/*
 * The stock xpra client. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "client.h"
#include "display.h"
#include "options.h"
#include "policy.h"
#include "sandbox.h"
#include "text.h"

#define LOG_MAX (1 << 20)
#define WHY_MAX 4096
#define ROUNDS	16 /* a pipe's worth; then others have their turn */

/* One part of a saturated colour; hue goes around in 1536 steps. */
static int
part(int hue, int n)
{
	int k = (n * 256 + hue) % 1536;
	int low = k < 1024 - k ? k : 1024 - k;

	if (low > 256)
		low = 256;
	return 230 - (low > 0 ? low * 195 / 256 : 0);
}

/*
 * The colour that a name has, the same on each host: FNV-1a, and a finalizer,
 * without which names that differ in their last letter look alike. Owned.
 */
static char *
color_of(const char *name)
{
	uint32_t hash = 2166136261u;
	int hue;

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	hash = (hash ^ hash >> 16) * 0x7feb352du;
	hash = (hash ^ hash >> 15) * 0x846ca68bu;
	hue = (int)((hash ^ hash >> 16) % 1536);
	return text_fmt(
	    "#%02x%02x%02x", part(hue, 5), part(hue, 3), part(hue, 1));
}

static jv
add_option(jv rows, const char *name, char *value)
{
	char *option = text_fmt("--%s=%s", name, value);

	rows = options_add(rows, "client", option);
	free(option);
	free(value);
	return rows;
}

/* What tells the user whose window it is. */
static jv
add_identity(jv rows, jv config, const char *instance)
{
	const char *color = policy_get(config, "color");
	const char *title = policy_get(config, "title");

	rows = add_option(rows, "border",
	    color != NULL ? text_fmt("%s", color) : color_of(instance));
	return add_option(rows, "title",
	    title != NULL ? text_fmt("%s", title)
			  : text_fmt("[%s] @title@", instance));
}

int
client_choose(struct client_choice *c, const struct rec *r, jv config,
    char *const *options, int n, struct fail *f)
{
	const char *instance = rec_str(r, "instance", f);
	const char *x11 = policy_get(config, "x11");
	int i;

	if (instance == NULL || options_rows(config, &c->rows, f) < 0)
		return -1;
	c->plain = strcmp(x11, "untrusted") != 0;
	opening_choose(&c->opening, config);
	c->rows = add_identity(c->rows, config, instance);
	for (i = 0; i < n; i++) {
		if (!text_utf8(options[i], strlen(options[i])))
			return fail_set(
			    f, EX_DATAERR, "-o %s: not UTF-8", options[i]);
		c->rows = options_add(c->rows, "client", options[i]);
	}
	return 0;
}

static char *
spec_of(const struct client_choice *c, const struct rec *r,
    const struct display *d, int urls)
{
	char *text = c->plain ? NULL : display_keyboard(d);
	jv spec = jv_object();

	spec = jv_object_set(spec, jv_string("rows"), jv_copy(c->rows));
	spec = jv_object_set(spec, jv_string("class"),
	    jv_string_fmt("lxg-%s", obj_str(r->v, "instance")));
	spec = jv_object_set(spec, jv_string("untrusted"), jv_bool(!c->plain));
	if (text != NULL)
		spec =
		    jv_object_set(spec, jv_string("keyboard"), jv_string(text));
	free(text);
	spec = jv_object_set(
	    spec, jv_string("name"), jv_string(obj_str(r->v, "instance")));
	spec = jv_object_set(spec, jv_string("urls"), jv_number(urls));
	spec = jv_dump_string(spec, 0);
	text = text_fmt("%s", jv_string_value(spec));
	jv_free(spec);
	return text;
}

static int
launch(struct client *c, struct sandbox *s, struct fail *f)
{
	int said[2];

	if (pipe2(said, O_CLOEXEC) < 0)
		return fail_errno(f, "pipe");
	fcntl(said[0], F_SETFL, O_NONBLOCK);
	s->log = said[1];
	c->pid = sandbox_start(s, f);
	close(said[1]);
	c->said = said[0];
	if (c->pid < 0)
		return -1;
	c->weak = s->weak;
	if (!c->weak) /* the sandbox's init may be ours to wait for */
		prctl(PR_SET_CHILD_SUBREAPER, 1);
	c->pidfd = pidfd_open(c->pid, 0);
	return c->pidfd < 0 ? fail_errno(f, "pidfd_open") : 0;
}

int
client_start(struct client *c, const struct client_choice *choice,
    const struct rec *r, const struct runtime *t, struct fail *f)
{
	struct display d;
	char *relay, *spec;
	struct sandbox s = {.display = &d, .weak = choice->weak};
	int ret = -1;

	if ((c->log = runtime_log(t, f)) < 0 || display_open(&d, f) < 0)
		return -1;
	c->opening = choice->opening;
	if ((choice->weak ? opening_urls(&c->opening, f)
			  : opening_make(&c->opening, r, t, f)) < 0)
		return -1;
	relay = text_fmt("%s/relay", t->path);
	spec = spec_of(choice, r, &d, c->opening.urls);
	s.relay = relay;
	s.folder = t->dir;
	s.spec = spec;
	s.openings = c->opening.args;
	s.keep = c->opening.urls;
	s.uid = c->opening.uid;
	if (choice->plain || display_untrusted(&d, t->path, f) == 0)
		ret = launch(c, &s, f);
	opening_started(&c->opening);
	free(spec);
	free(relay);
	display_close(&d);
	return ret;
}

/* The log begins anew with what is at its end. */
static void
shorten(struct client *c)
{
	char tail[WHY_MAX];
	ssize_t n = pread(c->log, tail, WHY_MAX, c->logged - WHY_MAX);

	if (ftruncate(c->log, 0) < 0 || n < 0)
		n = 0;
	c->logged = pwrite(c->log, tail, (size_t)n, 0) == n ? n : 0;
}

void
client_listen(struct client *c)
{
	char data[4096];
	int rounds = ROUNDS;
	ssize_t n = -1;

	while (rounds-- > 0 && (n = read(c->said, data, sizeof(data))) > 0) {
		if (c->logged >= LOG_MAX)
			shorten(c);
		if (pwrite(c->log, data, (size_t)n, c->logged) == n)
			c->logged += n;
	}
	if (n == 0) {
		close(c->said);
		c->said = -1;
	}
}

/*
 * The sandbox's group goes once its leader is dead and can't begin it any more;
 * until it is reaped the number is nobody else's. What a client without a
 * sandbox has started, a browser say, is the user's own.
 */
int
client_reap(struct client *c)
{
	siginfo_t info;
	int status = 0;

	while (waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOWAIT) < 0 &&
	       errno == EINTR)
		;
	if (!c->weak)
		kill(-c->pid, SIGKILL);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(c->pidfd);
	c->pidfd = -1;
	if (c->said >= 0)
		client_listen(c);
	return status;
}

void
client_stop(struct client *c)
{
	bool ran = c->pidfd >= 0;

	if (ran) {
		kill(c->pid, SIGKILL);
		client_reap(c);
	}
	opening_end(&c->opening);
	if (!ran || c->weak)
		return;
	while (wait(NULL) > 0) /* all of it is killed by now */
		;
}

/* The last line that isn't empty. */
static char *
last_line(char *text)
{
	char *line = text, *next, *last = text;

	while ((next = strsep(&line, "\n")) != NULL)
		if (*next != '\0')
			last = next;
	return last;
}

int
client_why(struct client *c, const struct runtime *t, struct fail *f)
{
	char text[WHY_MAX + 1];
	off_t at = c->logged > WHY_MAX ? c->logged - WHY_MAX : 0;
	ssize_t n = pread(c->log, text, WHY_MAX, at);
	const char *last;

	text[n > 0 ? n : 0] = '\0';
	if (strncmp(text, "lxg: no bwrap", 13) == 0)
		return fail_set(
		    f, EX_CONFIG, "bubblewrap is not installed on this host");
	if (strncmp(text, "bwrap: execvp", 13) != 0 &&
	    strncmp(text, "bwrap: ", 7) == 0)
		return fail_set(f, EX_CONFIG,
		    "the client's sandbox can't be made (%s): bubblewrap needs "
		    "unprivileged user namespaces, see lxg-xpra(1); "
		    "--weak-sandbox does without it",
		    last_line(text));
	if (strstr(text, "No module named 'xpra") != NULL)
		return fail_set(
		    f, EX_CONFIG, "xpra is not installed on this host");
	last = last_line(text);
	if (strncmp(last, "bwrap: No such file", 19) == 0 || *last == '\0')
		last = "it said nothing";
	return fail_set(f, EX_UNAVAILABLE,
	    "the client ended (%.200s); what it said is in %s/log", last,
	    t->path);
}
