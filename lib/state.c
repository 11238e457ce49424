/*
 * The state's database: where it is, how it is opened, and what becomes of one
 * that is damaged.
 *
 * Its journal is SQLite's rollback journal and not the write-ahead log: that
 * one needs shared memory, which not every file system maps, and would leave
 * two more files beside at most times. It persists, so that taking back, which
 * changes the same pages as giving did, needs no room on a full disk. With
 * synchronous=FULL a commit is on the disk when it returns, its journal's end
 * as well. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "dirs.h"
#include "mem.h"
#include "sig.h"
#include "state_priv.h"
#include "text.h"

#define NAME	    "state.db"
#define NEW	    "state.new"
#define VERSION_NOW 2
#define BUSY_MS	    30000

static const char schema[] =
#include "schema.h"
    ;

static const char settings[] = "PRAGMA journal_mode = PERSIST;"
			       "PRAGMA synchronous = FULL;"
			       "PRAGMA foreign_keys = ON;"
			       "PRAGMA cell_size_check = ON;"
			       "PRAGMA temp_store = MEMORY;";

/* From 1 to 2: what a create or a delete is about. */
static const char upgrade[] =
    "BEGIN IMMEDIATE;"
    "ALTER TABLE intent ADD COLUMN uuid TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE intent ADD COLUMN call TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE intent ADD COLUMN profile INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE intent ADD COLUMN forced INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE intent ADD COLUMN stepped INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE intent ADD COLUMN used INTEGER NOT NULL DEFAULT 0;"
    "PRAGMA user_version = 2;"
    "COMMIT";

/* Waits while others write, unless a signal came. */
static int
on_busy(void *unused, int times)
{
	(void)unused;
	if (sig_caught() || times > BUSY_MS / 10)
		return 0;
	poll(NULL, 0, 10);
	return 1;
}

static int
open_db(struct state *s, const char *name, struct fail *f)
{
	char *path = text_fmt("%s/%s", s->path, name);
	int code;

	code = sqlite3_open_v2(s->dir < 0 ? ":memory:" : path, &s->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	free(path);
	if (code != SQLITE_OK)
		return state_fail(s, code, f);
	sqlite3_extended_result_codes(s->db, 1);
	sqlite3_busy_handler(s->db, on_busy, NULL);
	return 0;
}

static int
fill(struct state *s, struct fail *f)
{
	char version[40];

	snprintf(version, sizeof(version), "PRAGMA user_version = %d;COMMIT",
	    VERSION_NOW);
	if (state_run(s, "PRAGMA journal_mode = OFF; BEGIN", f) < 0 ||
	    state_run(s, schema, f) < 0)
		return -1;
	return state_run(s, version, f);
}

/* Empty and unnamed, as far as anybody else can see. */
static int
create_file(const struct state *s, const char *name, struct fail *f)
{
	int fd = openat(s->dir, name,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail_errno(f, "%s/%s", s->path, name);
	close(fd);
	return 0;
}

static int
sync_file(const struct state *s, const char *name, struct fail *f)
{
	int fd = openat(s->dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int ret =
	    fd < 0 || fsync(fd) < 0 ? fail_errno(f, "%s/%s", s->path, name) : 0;

	if (fd >= 0)
		close(fd);
	return ret;
}

/*
 * It gets its name when it is complete and on disk, so one that is empty is
 * damaged and not new. A journal that another state left would be rolled back
 * into it.
 */
static int
make_file(struct state *s, struct fail *f)
{
	int ret;

	unlinkat(s->dir, NEW, 0);
	if (create_file(s, NEW, f) < 0)
		return -1;
	ret = open_db(s, NEW, f) < 0 ? -1 : fill(s, f);
	state_close_db(s);
	if (ret == 0)
		ret = sync_file(s, NEW, f);
	unlinkat(s->dir, NAME "-journal", 0);
	if (ret == 0 &&
	    (renameat(s->dir, NEW, s->dir, NAME) < 0 || syncfs(s->dir) < 0))
		ret = fail_errno(f, "%s/" NAME, s->path);
	if (ret < 0)
		unlinkat(s->dir, NEW, 0);
	return ret;
}

/* A name for what is set aside that hides nothing that was before. */
static char *
bad_name(const struct state *s)
{
	char *name = text_fmt(NAME ".bad");
	struct stat st;
	int n;

	for (n = 2; fstatat(s->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0; n++) {
		free(name);
		name = text_fmt(NAME ".bad-%d", n);
	}
	return name;
}

/* Its journal goes first: it must not be taken for that of the next one. */
static int
set_aside(struct state *s, const char *why, struct fail *f)
{
	char *name = bad_name(s), *journal = text_fmt("%s-journal", name);
	int ret = 0;

	renameat(s->dir, NAME "-journal", s->dir, journal);
	if (renameat(s->dir, NAME, s->dir, name) < 0)
		ret = fail_errno(f, "%s/" NAME, s->path);
	else
		s->damage = text_fmt("%s; kept as %s (sqlite3 %s/%s .recover "
				     "shows what is whole)",
		    why, name, s->path, name);
	free(journal);
	free(name);
	return ret;
}

/* Its first look at the file: its version, or -1 and what is wrong. */
static int
look(struct state *s, struct fail *f)
{
	sqlite3_stmt *st;
	long long version;

	if (open_db(s, NAME, f) < 0 || state_run(s, settings, f) < 0 ||
	    (st = state_sql(s, f, "PRAGMA user_version", "")) == NULL ||
	    state_step(s, st, f) < 0)
		return -1;
	version = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	if (version > VERSION_NOW)
		return fail_set(f, FAIL_CONFIG,
		    "%s/" NAME ": of a later release of lxg (its schema is "
		    "%lld)",
		    s->path, version);
	return version > 0 ? (int)version
			   : fail_set(f, FAIL_DATA,
				 "%s/" NAME ": damaged: no state", s->path);
}

/* 1: there is none. */
static int
check_file(const struct state *s, struct fail *f)
{
	struct stat st;

	if (fstatat(s->dir, NAME, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 1 : fail_errno(f, "%s/" NAME, s->path);
	if (!S_ISREG(st.st_mode))
		return fail_set(f, FAIL_DATA,
		    "%s/" NAME ": damaged: no regular file", s->path);
	if (st.st_uid != geteuid())
		return fail_set(
		    f, FAIL_PERM, "%s/" NAME ": not yours", s->path);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return fail_set(f, FAIL_PERM,
		    "%s/" NAME ": others may write here", s->path);
	return 0;
}

/* The locks of these are the server's, or nobody's, and get lost. */
static int
check_system(const struct state *s, struct fail *f)
{
	static const unsigned long bad[] = {NFS_SUPER_MAGIC, SMB_SUPER_MAGIC,
	    SMB2_SUPER_MAGIC, CIFS_SUPER_MAGIC, AFS_SUPER_MAGIC, AFS_FS_MAGIC,
	    CODA_SUPER_MAGIC, NCP_SUPER_MAGIC, V9FS_MAGIC};
	struct statfs st;
	size_t i;

	if (fstatfs(s->dir, &st) < 0)
		return fail_errno(f, "%s", s->path);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if ((unsigned long)st.f_type == bad[i])
			return fail_set(f, FAIL_CONFIG,
			    "%s: on a file system of the network, whose locks "
			    "don't hold; set XDG_STATE_HOME to a folder on a "
			    "disk of this machine's",
			    s->path);
	return 0;
}

/* 1: the folder isn't the one at that path any more. */
static int
lock(const struct state *s, struct fail *f)
{
	struct stat mine, there;

	if (flock(s->dir, LOCK_EX) < 0) {
		fail_errno(f, "%s", s->path);
		if (errno == EINTR)
			f->kind = FAIL_INTERRUPTED;
		return -1;
	}
	if (fstat(s->dir, &mine) < 0)
		return fail_errno(f, "%s", s->path);
	if (stat(s->path, &there) < 0)
		return errno == ENOENT ? 1 : fail_errno(f, "%s", s->path);
	return mine.st_dev != there.st_dev || mine.st_ino != there.st_ino;
}

static int
open_folder(struct state *s, bool alone, struct fail *f)
{
	int ret;

	do {
		if ((s->dir = dirs_open(s->path, f)) < 0)
			return -1;
		ret = alone ? lock(s, f) : 0;
		if (ret != 0) {
			close(s->dir);
			s->dir = -1;
		}
	} while (ret == 1);
	return ret < 0 ? -1 : check_system(s, f);
}

/* With the lock: there is a state afterwards, and what 0.1 had is in it. */
static int
prepare_file(struct state *s, struct fail *f)
{
	int none = check_file(s, f), version = -1;

	if (none == 0)
		version = look(s, f);
	if ((none < 0 || (none == 0 && version < 0)) && f->kind == FAIL_DATA) {
		state_close_db(s);
		s->corrupt = false;
		none = set_aside(s, f->text, f) < 0 ? -1 : 1;
	}
	if (none == 1 && make_file(s, f) == 0)
		version = look(s, f);
	if (version < 0 ||
	    (version < VERSION_NOW && state_run(s, upgrade, f) < 0))
		return -1;
	return state_import(s, f);
}

static bool
is_there(const struct state *s, const char *name)
{
	char *path = text_fmt("%s/%s", s->path, name);
	struct stat st;
	bool is = lstat(path, &st) == 0 || errno != ENOENT;

	free(path);
	return is;
}

/* Needs nothing to be made, mended or taken over: the usual case. */
static bool
is_ready(struct state *s)
{
	struct fail ignored;

	if (is_there(s, "grants") || check_file(s, &ignored) != 0)
		return false;
	if (look(s, &ignored) == VERSION_NOW)
		return true;
	state_close_db(s);
	return false;
}

static int
open_state(struct state *s, unsigned how, struct fail *f)
{
	bool alone = (how & STATE_ALONE) != 0;
	int ret;

	if ((s->path = dirs_state(f)) == NULL)
		return -1;
	if ((how & STATE_READY) && !is_there(s, NAME))
		return fail_set(f, FAIL_NO, "no state");
	if (!(how & STATE_MAKE) && !is_there(s, NAME) && !is_there(s, "grants"))
		return open_db(s, "", f) < 0 ? -1 : fill(s, f);
	if (open_folder(s, alone, f) < 0)
		return -1;
	if ((s->open = is_ready(s)))
		return 0;
	if (how & STATE_READY)
		return fail_set(f, FAIL_NO, "the state is not ready");
	if (!alone && flock(s->dir, LOCK_EX) < 0)
		return fail_errno(f, "%s", s->path);
	ret = prepare_file(s, f);
	if (!alone)
		flock(s->dir, LOCK_UN);
	s->open = ret == 0;
	return ret;
}

bool
state_is_whole(void)
{
	struct fail ignored;
	char *dir = dirs_state(&ignored), *now, *bad;
	bool whole;

	if (dir == NULL)
		return false;
	now = text_fmt("%s/" NAME, dir);
	bad = text_fmt("%s/" NAME ".bad", dir);
	whole = access(now, F_OK) == 0 && access(bad, F_OK) < 0;
	free(bad);
	free(now);
	free(dir);
	return whole;
}

struct state *
state_open(unsigned how, struct fail *f)
{
	struct state *s = mem_need(calloc(1, sizeof(*s)));

	s->dir = -1;
	if (open_state(s, how, f) == 0)
		return s;
	state_close(s);
	return NULL;
}

void
state_close(struct state *s)
{
	struct fail ignored;

	if (s == NULL)
		return;
	state_rollback(s);
	state_close_db(s);
	/* so that the next one can go on */
	if (s->corrupt && s->dir >= 0 && flock(s->dir, LOCK_EX) == 0)
		set_aside(s, "damaged", &ignored);
	if (s->dir >= 0)
		close(s->dir);
	state_free(s);
	free(s->damage);
	free(s->path);
	free(s);
}

const char *
state_damage(const struct state *s)
{
	return s->damage;
}

/* Asked of each inode, and hardly ever so. */
static int
lost_any(struct state *s, struct fail *f)
{
	sqlite3_stmt *st;

	if (s->lost != 0 || s->dir < 0)
		return s->lost > 0;
	st = state_sql(s, f, "SELECT EXISTS (SELECT 1 FROM damaged)", "");
	if (st == NULL || state_step(s, st, f) < 0)
		return -1;
	s->lost = is_there(s, NAME ".bad")	   ? 2
		  : sqlite3_column_int(st, 0) != 0 ? 1
						   : -1;
	sqlite3_reset(st);
	return s->lost > 0;
}

int
state_lost(struct state *s, const struct ident *id, bool *lost, struct fail *f)
{
	sqlite3_stmt *st;
	int found = lost_any(s, f);

	if (found < 0)
		return -1;
	*lost = s->lost == 2;
	if (s->lost != 1)
		return 0;
	st = state_sql(s, f,
	    "SELECT 1 FROM damaged WHERE ino IN (?, '') AND handle IN (?, '')",
	    "tt", id->ino, id->handle);
	if (st == NULL || (found = state_step(s, st, f)) < 0)
		return -1;
	sqlite3_reset(st);
	*lost = found == 1;
	return 0;
}
