/*
 * What release 0.1 knew of copies: a file of JSON for each, beside the
 * snapshots. They become the state's, and stay, renamed.
 * SPDX-License-Identifier: ISC
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "dirs.h"
#include "lent.h"
#include "text.h"

#define MAX   (256u << 10)
#define ENDED ".json"

static bool
is_old(const char *file)
{
	size_t n = strlen(file), m = strlen(ENDED);

	return n > m && strcmp(file + n - m, ENDED) == 0;
}

/* The first of them, owned; or NULL. */
static char *
first(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	char *name = NULL;

	while (d != NULL && name == NULL && (e = readdir(d)) != NULL)
		if (is_old(e->d_name))
			name = text_fmt("%s", e->d_name);
	if (d != NULL)
		closedir(d);
	return name;
}

static int
read_old(int dir, const char *file, struct rec *r, struct fail *f)
{
	int fd = openat(dir, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), ret;
	static char text[MAX];
	struct stat st;
	ssize_t n = -1;

	if (fd < 0)
		return fail_errno(f, "%s", file);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    (n = read(fd, text, sizeof(text))) < 0)
		ret = fail_errno(f, "%s", file);
	else
		ret = rec_parse(text, (size_t)n, &r->v, f);
	close(fd);
	if (ret == 0 && jv_get_kind(r->v) != JV_KIND_OBJECT) {
		jv_free(r->v);
		ret = fail_set(f, FAIL_DATA, "no object");
	}
	return ret;
}

static enum copy_state
state_of(const char *word)
{
	return strcmp(word, "lent") == 0      ? COPY_LENT
	       : strcmp(word, "writing") == 0 ? COPY_WRITING
					      : COPY_LENDING;
}

static const char *
or_empty(const struct rec *r, const char *key)
{
	const char *s = obj_str(r->v, key);

	return s != NULL ? s : "";
}

/* What the state has by itself is not in its record. */
static jv
copy_record(const struct rec *r)
{
	static const char *const own[] = {
	    "state", "sha256", "since", "boot", "origin_fs"};
	jv v = jv_copy(r->v);
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		v = jv_object_delete(v, jv_string(own[i]));
	return jv_dump_string(v, 0);
}

static int
put_copy(struct state *s, const char *name, const struct rec *r, struct fail *f)
{
	const char *word = rec_str(r, "state", f);
	struct copy c = {.name = name}, known;
	jv since, text;
	int ret;

	if (word == NULL || (c.source = rec_str(r, "source", f)) == NULL ||
	    (c.origin = rec_str(r, "origin", f)) == NULL ||
	    holder_of(r, &c.by, f) < 0)
		return fail_set(f, FAIL_DATA, "%s", f->text);
	if ((ret = state_copy(s, &c.by, &known, f)) != 0)
		return ret < 0 ? -1 : 0; /* cut short before the renaming */
	c.state = state_of(word);
	c.origin_fs = or_empty(r, "origin_fs");
	c.sha256 = or_empty(r, "sha256");
	c.boot = or_empty(r, "boot");
	since = obj_get(r->v, "since");
	if (jv_get_kind(since) == JV_KIND_NUMBER)
		c.since = (long long)jv_number_value(since);
	jv_free(since);
	text = copy_record(r);
	c.record = jv_string_value(text);
	ret = state_copy_put(s, &c, f);
	jv_free(text);
	return ret;
}

/* What can't be trusted is kept out of the way, and named. */
static int
import_one(struct state *s, int dir, const char *file, struct fail *f)
{
	char *name =
	    text_fmt("%.*s", (int)(strlen(file) - strlen(ENDED)), file);
	struct rec r = {jv_null(), 0};
	const char *end = ENDED "-0.1";
	char *to;
	int ret = read_old(dir, file, &r, f);

	if (ret == 0) {
		ret = put_copy(s, name, &r, f);
		jv_free(r.v);
	}
	if (ret < 0 && f->kind == FAIL_DATA) {
		end = ".bad";
		fail_set(f, FAIL_DATA, "copies/%s: %s; now %s.bad", file,
		    f->text, name);
		cli_warn(f, NULL);
		ret = 0;
	}
	to = text_fmt("%s%s", name, end);
	if (ret == 0 && renameat(dir, file, dir, to) < 0)
		ret = fail_errno(f, "%s", file);
	free(to);
	free(name);
	return ret;
}

int
lent_import_folder(void)
{
	struct fail ignored;
	char *state = dirs_state(&ignored), *path, *file = NULL;
	int dir;

	if (state == NULL)
		return -1;
	path = text_fmt("%s/copies", state);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(path);
	free(state);
	if (dir >= 0 && (file = first(dir)) == NULL) {
		close(dir);
		dir = -1;
	}
	free(file);
	return dir;
}

int
lent_import(struct state *s, int dir, struct fail *f)
{
	char *file;
	int ret = lent_snapshots(f);

	if (ret < 0)
		return -1; /* not the user's alone */
	close(ret);
	ret = 0;
	/* others may be at it */
	if (flock(dir, LOCK_EX) < 0)
		return fail_errno(f, "copies");
	while (ret == 0 && (file = first(dir)) != NULL) {
		ret = import_one(s, dir, file, f);
		free(file);
	}
	return ret;
}
