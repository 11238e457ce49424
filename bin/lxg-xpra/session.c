/*
 * What a session is. SPDX-License-Identifier: ISC
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "engine.h"
#include "far.h"
#include "runtime.h"
#include "session.h"
#include "shared.h"
#include "text.h"

#define COMMAND_MAX (16u << 10) /* and a longer one is not told */
#define WORDS_MAX   1024
#define ENTRIES_MAX 4096 /* looked at in a folder that the instance fills */

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789";

bool
session_valid(const char *s)
{
	return strlen(s) == SESSION_LEN && s[0] >= 'a' && s[0] <= 'z' &&
	       strspn(s, alphabet) == SESSION_LEN;
}

void
session_new(char id[SESSION_LEN + 1])
{
	int i;

	id[0] = alphabet[arc4random_uniform(26)];
	for (i = 1; i < SESSION_LEN; i++)
		id[i] = alphabet[arc4random_uniform(36)];
	id[SESSION_LEN] = '\0';
}

const char *
session_of(const struct rec *r, struct fail *f)
{
	const char *s = rec_str(r, "session", f);

	if (s != NULL && !session_valid(s)) {
		fail_set(f, FAIL_DATA, "line %zu: %s is no session's name",
		    r->line, s);
		return NULL;
	}
	return s;
}

void
session_read(struct recs *r, bool sessions)
{
	struct fail f;
	size_t i;

	cli_read(r);
	for (i = 0; i < r->n; i++)
		if (!rec_failed(&r->v[i]) &&
		    (engine_check(&r->v[i], &f) < 0 ||
			rec_str(&r->v[i], "instance", &f) == NULL ||
			(sessions && session_of(&r->v[i], &f) == NULL)))
			cli_die(&f, NULL);
}

void
session_exit(const struct recs *r)
{
	jv v =
	    r->n > 0 ? obj_get(r->v[r->n - 1].v, "exit_status") : jv_invalid();
	double status =
	    jv_get_kind(v) == JV_KIND_NUMBER ? jv_number_value(v) : 0;

	jv_free(v);
	exit(status >= 0 && status <= 255 ? (int)status : 255);
}

static int
set_socket(struct rec *r, const char *id, struct fail *f)
{
	char *path = shared_path(r, f), *sock;

	if (path == NULL)
		return -1;
	sock = text_fmt("%s/%s.sock", path, id);
	rec_set_str(r, "socket", sock);
	free(sock);
	free(path);
	return 0;
}

int
session_begin(const struct rec *instance, const char *id, jv command,
    struct rec *r, struct fail *f)
{
	r->v = jv_copy(instance->v);
	r->line = instance->line;
	rec_set_str(r, "session", id);
	rec_set(r, "command", command);
	rec_set_str(r, "state", "starting");
	return far_is(r) ? 0 : set_socket(r, id, f);
}

jv
session_command(jv v)
{
	bool good = jv_get_kind(v) == JV_KIND_ARRAY &&
		    jv_array_length(jv_copy(v)) <= WORDS_MAX;

	if (good)
		jv_array_foreach (v, i, e) {
			good = good && jv_get_kind(e) == JV_KIND_STRING;
			jv_free(e);
		}
	if (good)
		return v;
	jv_free(v);
	return jv_null();
}

/* The session's argument vector, or null. Owned. */
static jv
read_command(int folder)
{
	char *text = malloc(COMMAND_MAX);
	ssize_t len;
	struct fail ignored;
	jv v = jv_null();

	if (text == NULL)
		return v;
	len = shared_read(folder, "command", text, COMMAND_MAX);
	if (len > 0 && rec_parse(text, (size_t)len, &v, &ignored) < 0)
		v = jv_null();
	free(text);
	return session_command(v);
}

static void
look_state(struct rec *r, const char *id, int xpra, int folder)
{
	char *sock = text_fmt("%s.sock", id);
	int status = shared_number(folder, "status", 255);
	struct stat st;

	if (status >= 0)
		rec_set(r, "exit_status", jv_number(status));
	if (status >= 0 || !shared_alive(folder))
		rec_set_str(r, "state", "ended");
	else if (fstatat(xpra, sock, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		 rec_has(r, "display"))
		rec_set_str(r, "state", "live");
	else
		rec_set_str(r, "state", "starting");
	free(sock);
}

/*
 * Sets what can be seen in the xpra folder: state, display, exit_status,
 * since (seconds since the epoch), and command and socket where they lack.
 */
static int
look(struct rec *r, int xpra, struct fail *f)
{
	const char *id = session_of(r, f);
	int folder, display;
	struct stat st;

	if (id == NULL || (!rec_has(r, "socket") && set_socket(r, id, f) < 0))
		return -1;
	folder = shared_folder(xpra, id);
	if (folder < 0)
		return fail_errno(f, "session %s", id);
	display = shared_number(folder, "display", 65535);
	if (display >= 0)
		rec_set(r, "display", jv_string_fmt(":%d", display));
	look_state(r, id, xpra, folder);
	if (!rec_has(r, "command"))
		rec_set(r, "command", read_command(folder));
	if (fstatat(folder, "lock", &st, AT_SYMLINK_NOFOLLOW) == 0)
		rec_set(r, "since", jv_number((double)st.st_mtime));
	rec_set(r, "attached", jv_bool(runtime_attached(r, id)));
	close(folder);
	return 0;
}

static void
list_one(const struct rec *instance, const char *id, int xpra, struct recs *out)
{
	struct rec r = {.v = jv_copy(instance->v), .line = instance->line};
	struct fail gone;

	rec_set_str(&r, "session", id);
	if (look(&r, xpra, &gone) == 0)
		recs_add(out, r.v);
	else
		jv_free(r.v);
}

int
session_list(const struct rec *instance, struct recs *out, struct fail *f)
{
	int xpra = shared_open(instance, f), looked = 0, n = 0;
	const struct dirent *e;
	DIR *d;

	d = xpra < 0 ? NULL : fdopendir(fcntl(xpra, F_DUPFD_CLOEXEC, 3));

	/* a folder of another instance holds no session of this one */
	if (xpra < 0)
		return f->kind == FAIL_NO || f->kind == FAIL_CREATE ? 0 : -1;
	while (d != NULL && looked++ < ENTRIES_MAX && n < SESSIONS_MAX &&
	       (e = readdir(d)) != NULL)
		if (session_valid(e->d_name)) {
			list_one(instance, e->d_name, xpra, out);
			n++;
		}
	close(xpra);
	if (d != NULL)
		closedir(d);
	if (looked >= ENTRIES_MAX || n >= SESSIONS_MAX)
		return fail_set(f, FAIL_AGAIN,
		    "too much in its xpra folder: %d sessions and more", n);
	return 0;
}
