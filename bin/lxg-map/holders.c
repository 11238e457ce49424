/*
 * Who in an instance holds a lent file. A write lease is the quick no: the
 * kernel gives one to the owner of a file that nobody else has open, mapped
 * files included (fcntl(2), F_SETLEASE). Only where it is refused the
 * instance's processes are looked at, by a helper inside.
 * SPDX-License-Identifier: ISC
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "data.h"
#include "device.h"
#include "far.h"
#include "ident.h"
#include "inst.h"
#include "map.h"
#include "sig.h"
#include "take.h"
#include "text.h"

/*
 * Of inodes, or of paths to ask for theirs: which they are, a line each, and
 * then what has them, by two lists of patterns: what stat prints of a
 * descriptor, and what a line of maps has. Then every process's name, so that
 * one helper is enough. Its output is cut, since the instance decides how much
 * there is.
 */
static const char script[] =
    "fds= maps=; for f; do\n"
    "case $f in /*) f=$(stat -c %d:%i -- \"$f\" 2>/dev/null) ;; esac\n"
    "printf '%s\\n' \"$f\"; [ -n \"$f\" ] || continue\n"
    "fds=\"$fds\n= $f\" maps=\"$maps\n ${f#*:} \"; done\n"
    "[ -n \"$fds\" ] || exit 0; set -- \"${fds#?}\" \"${maps#?}\"\n"
    "{ stat -L -c '%n = %d:%i' /proc/[0-9]*/fd/* | grep -F -e \"$1\"\n"
    "grep -s -F -e \"$2\" /proc/[0-9]*/maps\n"
    "grep -s . /proc/[0-9]*/comm; } 2>/dev/null | head -c 500000";

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

/*
 * Then *id is the inode, if it can be told. Nothing here tells of a copy on
 * another machine.
 */
static bool
held(const struct rec *r, struct ident *id)
{
	struct fail ignored;
	struct stat st;
	bool is;
	int fd;

	id->dev[0] = '\0';
	if (is_far(r))
		return is_copy(r);
	if ((fd = open_lent(r)) < 0)
		return !is_copy(r); /* the file has another name now */
	is = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	     data_lease(fd, F_WRLCK) != 0;
	if (is)
		ident_fd(fd, id, &ignored);
	close(fd);
	return is;
}

/* The inode that a line has becomes the record's. */
static void
take_inode(struct rec *r, const char *line)
{
	char dev[24], ino[24];
	int end = 0;

	if (sscanf(line, "%23[0-9]:%23[0-9]%n", dev, ino, &end) == 2 &&
	    line[end] == '\0') {
		rec_set_str(r, "dev", dev);
		rec_set_str(r, "ino", ino);
	}
}

static int
search_inside(
    struct lxd *l, const struct recs *suspects, char **out, struct fail *f)
{
	jv argv = JV_ARRAY(jv_string("sh"), jv_string("-c"), jv_string(script),
	    jv_string("lxg-holders"));
	const struct rec *r;
	const char *path;
	int status;
	size_t i;
	jv what;

	for (i = 0; i < suspects->n; i++) {
		r = &suspects->v[i];
		path = obj_str(r->v, "path");
		what = is_far(r) ? jv_string(path != NULL ? path : "")
				 : jv_string_fmt("%s:%s", obj_str(r->v, "dev"),
				       obj_str(r->v, "ino"));
		argv = jv_array_append(argv, what);
	}
	return lxd_exec(
	    l, take_object(&suspects->v[0]), argv, 0, 0, &status, out, NULL, f);
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

/* What the helper printed, its lines one behind the other. */
struct lines {
	char *text, *end;
};

/* The name of a process. */
static const char *
name_of(const struct lines *l, long pid)
{
	char *key = text_fmt("/proc/%ld/comm:", pid), *s;

	for (s = l->text; s < l->end; s += strlen(s) + 1)
		if (strncmp(s, key, strlen(key)) == 0)
			return s + strlen(key);
	return "a process";
}

static void
tell_holder(const struct rec *r, const struct lines *l, long pid)
{
	const char *source = obj_str(r->v, is_copy(r) ? "origin" : "source");

	cli_say(text_fmt("%s: %s", take_object(r), source ? source : "?"),
	    "%s (%ld inside) still has it, and keeps what it has",
	    name_of(l, pid), pid);
}

/* The processes that have one file, each told once; lines come by process. */
static int
tell_of(const struct rec *r, const struct lines *l, bool aloud)
{
	const char *s;
	long pid, last = -1;
	int found = 0;

	for (s = l->text; s < l->end; s += strlen(s) + 1) {
		if (strncmp(s, "/proc/", 6) != 0 || !about(s, r))
			continue;
		pid = strtol(s + 6, NULL, 10);
		if (pid == last)
			continue;
		if (aloud)
			tell_holder(r, l, pid);
		last = pid;
		found++;
	}
	return found;
}

/* Those of a batch that may be held, as they are now. */
static struct recs
suspected(const struct batch *b)
{
	struct recs now = {NULL, 0};
	struct ident id;
	size_t i;

	for (i = 0; i < b->n; i++) {
		if (!held(b->v[i], &id))
			continue;
		recs_add(&now, jv_copy(b->v[i]->v));
		if (id.dev[0] != '\0')
			ident_to_rec(&id, &now.v[now.n - 1]);
	}
	return now;
}

/* Of what was printed, the first lines say which inodes they are. */
static int
tell_all(struct recs *suspects, char *out, bool aloud)
{
	struct lines l = {out, out + strlen(out)};
	int found = 0;
	char *s;
	size_t i;

	for (s = out; (s = strchr(s, '\n')) != NULL;)
		*s++ = '\0';
	for (i = 0, s = out; i < suspects->n && s < l.end; i++) {
		take_inode(&suspects->v[i], s);
		s += strlen(s) + 1;
	}
	for (i = 0; i < suspects->n; i++)
		found += tell_of(&suspects->v[i], &l, aloud);
	return found;
}

static int
tell_holders(struct lxd *l, const struct batch *b, bool aloud, struct fail *f)
{
	struct recs suspects = suspected(b);
	char *out;
	int found = 0;

	if (suspects.n > 0)
		found = search_inside(l, &suspects, &out, f);
	if (suspects.n > 0 && found == 0) {
		found = tell_all(&suspects, out, aloud);
		free(out);
	}
	recs_free(&suspects);
	return found;
}

int
holders_see(struct lxd *l, const struct batch *b, bool wait, struct fail *f)
{
	bool runs;
	jv instance;
	int n;

	if (suspected(b).n == 0)
		return 0;
	if (inst_fetch(l, take_object(b->v[0]), &instance, NULL, f) < 0)
		return wait && f->kind != FAIL_NO ? -1 : 0;
	runs = inst_runs(instance);
	jv_free(instance);
	n = runs ? tell_holders(l, b, true, f) : 0;
	if (!wait) {
		if (n < 0)
			cli_warn(f, take_object(b->v[0]));
		return 0;
	}
	/* once told, those that are waited for are not told again */
	while (n > 0 && !sig_caught()) {
		poll(NULL, 0, 1000);
		n = tell_holders(l, b, false, f);
	}
	return n > 0 ? fail_set(f, FAIL_INTERRUPTED, "interrupted") : n;
}
