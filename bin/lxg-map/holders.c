/*
 * Who in an instance holds a lent file. A write lease is the quick no: the
 * kernel gives one to the owner of a file that nobody else has open, mapped
 * files included (fcntl(2), F_SETLEASE). Only where it is refused the
 * instance's processes are looked at, by a helper inside.
 * SPDX-License-Identifier: ISC
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "device.h"
#include "far.h"
#include "ident.h"
#include "map.h"
#include "mem.h"
#include "sig.h"
#include "take.h"
#include "text.h"

/*
 * Two lists of patterns: what stat prints of a descriptor, and what a line of
 * maps has. Then every process's name, so that one helper is enough. Its
 * output is cut, since the instance decides how much there is.
 */
static const char script[] =
    "{ stat -L -c '%n = %d:%i' /proc/[0-9]*/fd/* | grep -F -e \"$1\"\n"
    "grep -s -F -e \"$2\" /proc/[0-9]*/maps\n"
    "grep -s . /proc/[0-9]*/comm; } 2>/dev/null | head -c 500000";

/*
 * Of copies on another machine: which inodes they are, a line each, and then
 * the same of these.
 */
static const char far_script[] =
    "fds= maps=; for f; do i=$(stat -c %d:%i -- \"$f\" 2>/dev/null)\n"
    "printf '%s\\n' \"$i\"; [ -n \"$i\" ] || continue\n"
    "fds=\"$fds\n= $i\" maps=\"$maps\n ${i#*:} \"; done\n"
    "[ -n \"$fds\" ] || exit 0; set -- \"${fds#?}\" \"${maps#?}\"\n";

/* The lent file, O_PATH; a copy is whatever has its name by now. */
static int
open_lent(const struct rec *r)
{
	struct fail ignored;
	const char *source = obj_str(r->v, "source");

	if (!is_copy(r))
		return device_source(r, &ignored);
	return source == NULL ? -1
			      : open(source, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

static bool
leased(int path)
{
	char proc[64];
	bool is = false;
	int fd;

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", path);
	fd = open(proc, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	/* who opens the file in this moment waits, and we are told by SIGIO */
	signal(SIGIO, SIG_IGN);
	if (fd >= 0 && fcntl(fd, F_SETLEASE, F_WRLCK) == 0) {
		fcntl(fd, F_SETLEASE, F_UNLCK);
		is = true;
	}
	if (fd >= 0)
		close(fd);
	return is;
}

/* Then *id is the inode, if it can be told. */
static bool
held(const struct rec *r, struct ident *id)
{
	int fd = open_lent(r);
	struct fail ignored;
	struct stat st;
	bool is;

	id->dev[0] = '\0';
	if (fd < 0)
		return !is_copy(r); /* the file has another name now */
	is = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && !leased(fd);
	if (is)
		ident_fd(fd, id, &ignored);
	close(fd);
	return is;
}

/* One pattern a line, which is how grep takes a list. */
static void
append(char **list, char *more)
{
	char *s = *list != NULL ? text_fmt("%s\n%s", *list, more)
				: text_fmt("%s", more);

	free(*list);
	free(more);
	*list = s;
}

/* Nothing here tells of a copy on another machine. */
bool
holders_suspected(const struct batch *b)
{
	struct ident id;
	size_t i;

	for (i = 0; i < b->n; i++)
		if (is_far(b->v[i]) ? is_copy(b->v[i]) : held(b->v[i], &id))
			return true;
	return false;
}

static int
search_far(struct lxd *l, const struct batch *b, char **out, struct fail *f)
{
	jv argv = JV_ARRAY(jv_string("sh"), jv_string("-c"),
	    jv_string_fmt("%s%s", far_script, script),
	    jv_string("lxg-holders"));
	const char *path;
	int status;
	size_t i;

	for (i = 0; i < b->n; i++) {
		path = obj_str(b->v[i]->v, "path");
		argv = jv_array_append(argv, jv_string(path ? path : ""));
	}
	return lxd_exec(
	    l, take_object(b->v[0]), argv, 0, 0, &status, out, NULL, f);
}

static bool
is_number(const char *s, const char *end)
{
	return s < end && s + strspn(s, "0123456789") == end;
}

/* The inode that a line has becomes the record's. */
static void
take_inode(struct rec *r, const char *line)
{
	const char *colon = strchr(line, ':');
	char *dev;

	if (colon == NULL || !is_number(line, colon) ||
	    !is_number(colon + 1, line + strlen(line)))
		return;
	dev = text_fmt("%.*s", (int)(colon - line), line);
	rec_set_str(r, "dev", dev);
	rec_set_str(r, "ino", colon + 1);
	free(dev);
}

static int
search_inside(struct lxd *l, const struct batch *b, char **out, struct fail *f)
{
	char *fds = NULL, *maps = NULL;
	int status, ret;
	size_t i;
	jv argv;

	if (is_far(b->v[0]))
		return search_far(l, b, out, f);

	for (i = 0; i < b->n; i++) {
		append(&fds, text_fmt("= %s:%s", obj_str(b->v[i]->v, "dev"),
				 obj_str(b->v[i]->v, "ino")));
		append(&maps, text_fmt(" %s ", obj_str(b->v[i]->v, "ino")));
	}
	argv = JV_ARRAY(jv_string("sh"), jv_string("-c"), jv_string(script),
	    jv_string("lxg-holders"), jv_string(fds), jv_string(maps));
	ret = lxd_exec(
	    l, take_object(b->v[0]), argv, 0, 0, &status, out, NULL, f);
	free(fds);
	free(maps);
	return ret;
}

/*
 * Does the line, of process PID, say that it has the file? In maps the number
 * of the device is another one on some file systems, but the path is ours.
 */
static bool
about(const char *line, const struct rec *r)
{
	const char *dev = obj_str(r->v, "dev"), *ino = obj_str(r->v, "ino");
	const char *path = obj_str(r->v, "path"), *tail;
	char *want;
	bool is;

	if (dev == NULL || ino == NULL)
		return false;
	if ((tail = strstr(line, "/fd/")) != NULL) {
		want = text_fmt(" = %s:%s", dev, ino);
		tail = strstr(line, " = ");
		is = tail != NULL && strcmp(tail, want) == 0;
	} else {
		want = text_fmt(" %s ", ino);
		is = strstr(line, "/maps:") != NULL &&
		     strstr(line, want) != NULL && path != NULL &&
		     (tail = strchr(strstr(line, want) + 1, '/')) != NULL &&
		     strncmp(tail, path, strlen(path)) == 0;
	}
	free(want);
	return is;
}

/* The name of a process in what the helper printed. Owned. */
static char *
name_of(const char *out, long pid)
{
	char *key = text_fmt("/proc/%ld/comm:", pid), *name;
	const char *s = strstr(out, key);

	if (s == NULL)
		name = text_fmt("a process");
	else
		name = text_fmt("%.*s", (int)strcspn(s + strlen(key), "\n"),
		    s + strlen(key));
	free(key);
	return name;
}

static void
tell_holder(const struct rec *r, const char *out, long pid)
{
	const char *source = obj_str(r->v, is_copy(r) ? "origin" : "source");
	char *name = name_of(out, pid), *what;
	struct fail f;

	fail_set(&f, FAIL_NONE,
	    "%s (%ld inside) still has it, and keeps what it has", name, pid);
	what = text_fmt("%s: %s", take_object(r), source ? source : "?");
	cli_warn(&f, what);
	free(what);
	free(name);
}

/* The processes that have one file, each told once; lines come by process. */
static int
tell_of(
    const struct rec *r, const char *out, char **lines, size_t n, bool aloud)
{
	long pid, last = -1;
	int found = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (strncmp(lines[i], "/proc/", 6) != 0 || !about(lines[i], r))
			continue;
		pid = strtol(lines[i] + 6, NULL, 10);
		if (pid == last)
			continue;
		if (aloud)
			tell_holder(r, out, pid);
		last = pid;
		found++;
	}
	return found;
}

static char **
split(char *text, size_t *n)
{
	char **v, *line, *p;
	size_t lines = 1;

	for (p = text; *p != '\0'; p++)
		lines += *p == '\n';
	v = mem_need(calloc(lines, sizeof(*v)));
	for (*n = 0; (line = strsep(&text, "\n")) != NULL; (*n)++)
		v[*n] = line;
	return v;
}

/* Once told, those that are waited for are not told again. */
int
holders_wait(struct lxd *l, const struct batch *b, struct fail *f)
{
	int n = holders_tell(l, b, true, f);

	while (n > 0 && !sig_caught()) {
		poll(NULL, 0, 1000);
		n = holders_tell(l, b, false, f);
	}
	return n > 0 ? fail_set(f, FAIL_INTERRUPTED, "interrupted") : n;
}

/* Those of a batch that may be held, as they are now; in *now, owned. */
static struct batch
suspected(const struct batch *b, struct recs *now)
{
	struct batch some = {mem_need(calloc(b->n + 1, sizeof(*b->v))), 0};
	struct ident id;
	size_t i;

	for (i = 0; i < b->n; i++) {
		if (is_far(b->v[i])) {
			if (is_copy(b->v[i]))
				recs_add(now, jv_copy(b->v[i]->v));
			continue;
		}
		if (!held(b->v[i], &id))
			continue;
		recs_add(now, jv_copy(b->v[i]->v));
		if (id.dev[0] != '\0')
			ident_to_rec(&id, &now->v[now->n - 1]);
	}
	for (; some.n < now->n; some.n++)
		some.v[some.n] = &now->v[some.n];
	return some;
}

int
holders_tell(struct lxd *l, const struct batch *b, bool aloud, struct fail *f)
{
	struct recs now = {NULL, 0};
	struct batch suspects = suspected(b, &now);
	char *out, *text, **lines;
	int found = 0;
	size_t i, n;

	if (suspects.n > 0 && search_inside(l, &suspects, &out, f) < 0)
		found = -1;
	else if (suspects.n > 0) {
		text = text_fmt("%s", out);
		lines = split(text, &n);
		for (i = 0; i < suspects.n && is_far(&now.v[0]); i++)
			take_inode(&now.v[i], i < n ? lines[i] : "");
		for (i = 0; i < suspects.n; i++)
			found += tell_of(&now.v[i], out, lines, n, aloud);
		free(lines);
		free(text);
		free(out);
	}
	free(suspects.v);
	recs_free(&now);
	return found;
}
