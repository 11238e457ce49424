/*
 * The manifest of copies: what lies in which instance's folder, and which file
 * it is a copy of. SPDX-License-Identifier: ISC
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "device.h"
#include "dirs.h"
#include "manifest.h"
#include "text.h"

#define MANIFEST_MAX (256u << 10)

int
manifest_open(struct fail *f)
{
	char *state = dirs_state(f), *path;
	int fd;

	if (state == NULL)
		return -1;
	path = text_fmt("%s/copies", state);
	fd = dirs_open(path, f);
	free(path);
	free(state);
	return fd;
}

/* An instance made again under the same name has another uuid, so no copies. */
char *
manifest_name(const struct rec *r)
{
	static const char *const keys[] = {
	    "api", "project", "instance", "uuid", "device"};
	char *who = text_fmt("%s", ""), *more, *name;
	const char *s;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		s = obj_str(r->v, keys[i]);
		more = text_fmt("%s%s\n", who, s != NULL ? s : "");
		free(who);
		who = more;
	}
	name = device_name("manifest", who);
	free(who);
	return name;
}

char *
manifest_snapshot(const char *name)
{
	return text_fmt("%s.snapshot", name);
}

static int
read_text(int fd, char **text, size_t *len, struct fail *f)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return fail_errno(f, "manifest");
	if (!S_ISREG(st.st_mode) || st.st_size > MANIFEST_MAX)
		return fail_set(f, EX_DATAERR, "not a manifest");
	if ((*text = malloc((size_t)st.st_size + 1)) == NULL)
		errx(EX_OSERR, "out of memory");
	n = read(fd, *text, (size_t)st.st_size);
	if (n < 0) {
		free(*text);
		return fail_errno(f, "manifest");
	}
	*len = (size_t)n;
	return 0;
}

int
manifest_read(int dir, const char *name, struct rec *r, struct fail *f)
{
	char *file = text_fmt("%s.json", name), *text = NULL;
	int fd = openat(dir, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), ret;
	size_t len = 0;

	if (fd < 0) {
		fail_errno(f, "%s", file);
		free(file);
		return -1;
	}
	r->line = 0;
	if ((ret = read_text(fd, &text, &len, f)) == 0) {
		ret = rec_parse(text, len, &r->v, f);
		free(text);
	}
	close(fd);
	if (ret == 0 && (jv_get_kind(r->v) != JV_KIND_OBJECT ||
			    obj_str(r->v, "state") == NULL ||
			    obj_str(r->v, "source") == NULL ||
			    obj_str(r->v, "origin") == NULL)) {
		jv_free(r->v);
		ret = fail_set(f, EX_DATAERR, "not a manifest");
	}
	if (ret < 0 && f->code == EX_DATAERR) {
		/* what can't be trusted is kept out of the way, and named */
		char *aside = text_fmt("%s.bad", name);

		renameat(dir, file, dir, aside);
		fail_set(f, EX_DATAERR, "the manifest %s: %s; now %s", file,
		    f->text, aside);
		free(aside);
	}
	free(file);
	return ret;
}

static int
write_file(int dir, const char *file, const char *text, struct fail *f)
{
	int fd = openat(dir, file,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool bad;

	if (fd < 0)
		return fail_errno(f, "%s", file);
	bad = dprintf(fd, "%s\n", text) < 0 || fsync(fd) < 0;
	if (bad)
		fail_errno(f, "%s", file);
	close(fd);
	return bad ? -1 : 0;
}

int
manifest_write(int dir, const char *name, const struct rec *r, struct fail *f)
{
	char *file = text_fmt("%s.json", name), *new = text_fmt("%s.new", name);
	jv text = jv_dump_string(jv_copy(r->v), 0);
	int ret = write_file(dir, new, jv_string_value(text), f);

	if (ret == 0 && (renameat(dir, new, dir, file) < 0 || fsync(dir) < 0))
		ret = fail_errno(f, "%s", file);
	jv_free(text);
	free(new);
	free(file);
	return ret;
}

int
manifest_remove(int dir, const char *name, struct fail *f)
{
	char *file = text_fmt("%s.json", name), *new = text_fmt("%s.new", name);
	char *snapshot = manifest_snapshot(name);
	int ret = 0;

	unlinkat(dir, snapshot, 0);
	unlinkat(dir, new, 0); /* of a write that was cut short */
	if ((unlinkat(dir, file, 0) < 0 && errno != ENOENT) || fsync(dir) < 0)
		ret = fail_errno(f, "%s", file);
	free(snapshot);
	free(new);
	free(file);
	return ret;
}

/* A record may lack an api or a uuid; then the others decide. */
static bool
agree(const struct rec *a, const struct rec *b, const char *key)
{
	const char *s = obj_str(a->v, key), *t = obj_str(b->v, key);

	return s == NULL || t == NULL || strcmp(s, t) == 0;
}

static bool
of_instance(const struct rec *r, const struct rec *inst)
{
	return inst == NULL ||
	       (agree(r, inst, "engine") && agree(r, inst, "api") &&
		   agree(r, inst, "project") && agree(r, inst, "instance") &&
		   agree(r, inst, "uuid"));
}

static bool
boot_id(char *id, size_t size)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, id, size - 1);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return false;
	id[n] = '\0';
	id[strcspn(id, "\n")] = '\0';
	return true;
}

static double
uptime(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (double)ts.tv_sec;
}

void
manifest_begin(struct rec *m, const char *state)
{
	char boot[64];

	rec_set_str(m, "state", state);
	rec_set(m, "since", jv_number(uptime()));
	if (boot_id(boot, sizeof(boot)))
		rec_set_str(m, "boot", boot);
}

/* Seconds since it was begun, where that was in this boot. */
static void
set_age(struct rec *r)
{
	jv since = obj_get(r->v, "since");
	const char *boot = obj_str(r->v, "boot");
	char now[64];

	if (boot != NULL && jv_get_kind(since) == JV_KIND_NUMBER &&
	    boot_id(now, sizeof(now)) && strcmp(boot, now) == 0)
		rec_set(r, "age", jv_number(uptime() - jv_number_value(since)));
	jv_free(since);
}

/* What is the manifest's own business is not in records. */
jv
manifest_record(const struct rec *m)
{
	static const char *const own[] = {
	    "state", "sha256", "since", "boot", "origin_fs"};
	struct rec r = {jv_copy(m->v), 0};
	size_t i;

	set_age(&r);
	if (strcmp(obj_str(m->v, "state"), "lent") != 0)
		rec_set(&r, "unfinished", jv_true());
	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		r.v = jv_object_delete(r.v, jv_string(own[i]));
	return r.v;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What a write that was cut short has left; one under way is younger. */
static void
sweep(int dir, const char *file)
{
	struct stat st;

	if (fstatat(dir, file, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_mtime < time(NULL) - 60)
		unlinkat(dir, file, 0);
}

static bool
ends(const char *s, const char *with)
{
	size_t n = strlen(s), m = strlen(with);

	return n > m && strcmp(s + n - m, with) == 0;
}

/*
 * The names of the manifests in the folder, sorted; *v is owned, as each is.
 * Where not all can be read, there may be more that was lent.
 */
static int
names(int dir, char ***v, size_t *n, struct fail *f)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	int ret;

	*v = NULL;
	*n = 0;
	if (d == NULL)
		return fail_errno(f, "copies");
	while ((errno = 0, e = readdir(d)) != NULL) {
		if (ends(e->d_name, ".new"))
			sweep(dir, e->d_name);
		if (!ends(e->d_name, ".json"))
			continue;
		*v = reallocarray(*v, *n + 1, sizeof(**v));
		if (*v == NULL)
			errx(EX_OSERR, "out of memory");
		(*v)[(*n)++] =
		    text_fmt("%.*s", (int)strlen(e->d_name) - 5, e->d_name);
	}
	ret = errno != 0 ? fail_errno(f, "copies") : 0;
	closedir(d);
	if (*v != NULL)
		qsort(*v, *n, sizeof(**v), by_name);
	return ret;
}

/* One that is garbage was set aside, and is told; one that can't be read may be
 * of what is listed. */
static int
list_one(int dir, const char *name, const struct rec *inst, struct recs *out,
    struct fail *f)
{
	struct rec m;
	jv r;

	if (manifest_read(dir, name, &m, f) < 0) {
		if (f->code == EX_DATAERR)
			cli_warn(f, NULL);
		return f->code == EX_DATAERR || f->code == EX_NO ? 0 : -1;
	}
	if (of_instance(&m, inst)) {
		r = manifest_record(&m);
		/* what is known of the instance now, not what was then */
		if (inst != NULL)
			r = jv_object_merge(r, jv_copy(inst->v));
		recs_add(out, r);
	}
	jv_free(m.v);
	return 0;
}

int
manifest_list(const struct rec *inst, struct recs *out, struct fail *f)
{
	char *state = dirs_state(f), *path;
	size_t i, n;
	char **v;
	int dir, ret = 0;

	if (state == NULL)
		return -1;
	path = text_fmt("%s/copies", state);
	free(state);
	dir =
	    access(path, F_OK) < 0 && errno == ENOENT ? -2 : dirs_open(path, f);
	free(path);
	if (dir < 0)
		return dir == -2 ? 0 : -1; /* none was ever lent */
	ret = names(dir, &v, &n, f);
	for (i = 0; i < n; i++) {
		if (ret == 0)
			ret = list_one(dir, v[i], inst, out, f);
		free(v[i]);
	}
	free(v);
	close(dir);
	return ret;
}
