/*
 * What release 0.1 knew of copies: a file of JSON for each, beside the
 * snapshots. They become the state's, and stay, renamed.
 * SPDX-License-Identifier: ISC
 */
#include <dirent.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "cli.h"
#include "dirs.h"
#include "file.h"
#include "lent.h"
#include "text.h"

#define MAX   (256u << 10)
#define ENDED ".json"

static int
is_old(const struct dirent *e)
{
	return fnmatch("?*" ENDED, e->d_name, 0) == 0;
}

/* The folder's path, or NULL, and the names in there. */
static char *
find_old(struct dirent ***names, int *n)
{
	struct fail ignored;
	char *folder = dirs_state(&ignored);

	*n = 0;
	if (folder == NULL)
		return NULL;
	folder = text_fmt("%s/copies", folder);
	if ((*n = scandir(folder, names, is_old, alphasort)) < 0)
		*n = 0;
	return folder;
}

bool
lent_old(void)
{
	struct dirent **names;
	int n;

	find_old(&names, &n);
	return n > 0;
}

static enum copy_state
state_of(const char *word)
{
	return strcmp(word, "lent") == 0      ? COPY_LENT
	       : strcmp(word, "writing") == 0 ? COPY_WRITING
					      : COPY_LENDING;
}

/* What the state has by itself is not in its record: "" where it lacks it. */
static const char *
take_key(struct rec *r, const char *key)
{
	const char *s = obj_str(r->v, key);

	s = s != NULL ? text_fmt("%s", s) : "";
	r->v = jv_object_delete(r->v, jv_string(key));
	return s;
}

static int
put_copy(struct state *s, const char *name, struct rec *r, struct fail *f)
{
	struct copy c = {.name = name}, known;
	jv since = obj_get(r->v, "since");
	int ret;

	if (rec_str(r, "state", f) == NULL ||
	    (c.source = rec_str(r, "source", f)) == NULL ||
	    (c.origin = rec_str(r, "origin", f)) == NULL ||
	    holder_of(r, &c.by, f) < 0)
		return fail_set(f, FAIL_DATA, "%s", f->text);
	if ((ret = state_copy(s, &c.by, &known, f)) != 0)
		return ret < 0 ? -1 : 0; /* cut short before the renaming */
	c.state = state_of(take_key(r, "state"));
	c.origin_fs = take_key(r, "origin_fs");
	c.sha256 = take_key(r, "sha256");
	c.boot = take_key(r, "boot");
	if (jv_get_kind(since) == JV_KIND_NUMBER)
		c.since = (long long)jv_number_value(since);
	take_key(r, "since");
	c.record = rec_text(r);
	return state_copy_put(s, &c, f);
}

static int
read_old(const char *path, const char *file, struct rec *r, struct fail *f)
{
	char *text;
	size_t len;
	int ret;

	if (file_read(path, MAX, &text, &len, f) < 0)
		return fail_set(f, f->kind, "%s: %s", file, f->text);
	ret = rec_parse(text, len, &r->v, f);
	free(text);
	if (ret == 0 && jv_get_kind(r->v) != JV_KIND_OBJECT)
		ret = fail_set(f, FAIL_DATA, "no object");
	return ret;
}

/* What can't be trusted is kept out of the way, and named. */
static int
import_one(
    struct state *s, const char *folder, const char *file, struct fail *f)
{
	char *path = text_fmt("%s/%s", folder, file);
	char *name =
	    text_fmt("%.*s", (int)(strlen(file) - strlen(ENDED)), file);
	struct rec r = {jv_null(), 0};
	const char *end = ENDED "-0.1";
	int ret = read_old(path, file, &r, f);

	if (ret == 0)
		ret = put_copy(s, name, &r, f);
	if (ret < 0 && f->kind == FAIL_DATA) {
		end = ".bad";
		cli_say(NULL, "copies/%s: %s; now %s.bad", file, f->text, name);
		ret = 0;
	}
	if (ret == 0 &&
	    rename(path, text_fmt("%s/%s%s", folder, name, end)) < 0)
		ret = fail_errno(f, "%s", file);
	return ret;
}

int
lent_import(struct state *s, struct fail *f)
{
	int dir = lent_snapshots(f), i, n, ret = 0; /* the user's alone */
	struct dirent **names;
	char *folder;

	if (dir < 0)
		return -1;
	/* others may be at it */
	if (flock(dir, LOCK_EX) < 0)
		return fail_errno(f, "copies");
	folder = find_old(&names, &n);
	for (i = 0; i < n && ret == 0; i++)
		ret = import_one(s, folder, names[i]->d_name, f);
	close(dir);
	return ret;
}
