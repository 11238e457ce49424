/*
 * Why a library call failed. The caller owns the struct, decides what to say
 * and whether to go on. SPDX-License-Identifier: ISC
 */
#ifndef LXG_FAIL_H
#define LXG_FAIL_H

/* What went wrong; cli_code() of cli.h has the exit code for each. */
enum fail_kind {
	FAIL_NONE,	  /* nothing did: it ended as it should */
	FAIL_NO,	  /* a plain "no": not found, not running */
	FAIL_USAGE,	  /* a command line that can't be meant */
	FAIL_DATA,	  /* a record, name or file of no use */
	FAIL_NOINPUT,	  /* no records came: the stage before has failed */
	FAIL_UNAVAILABLE, /* engine, server or display: not there, or gone */
	FAIL_BUG,	  /* our own */
	FAIL_SYSTEM,	  /* the system or the engine has failed at it */
	FAIL_CREATE,	  /* can't be made, as where there is one already */
	FAIL_IO,	  /* reading or writing, as on a full disk */
	FAIL_AGAIN,	  /* in the way of others, or too slow: try again */
	FAIL_INTERRUPTED, /* a signal has ended it */
	FAIL_PROTOCOL,	  /* the other side's answer makes no sense */
	FAIL_PERM,	  /* not permitted, or not safe */
	FAIL_CONFIG,	  /* as it is set up it can't be */
	FAIL_NO_PROGRAM,  /* what was to be run is not there */
	FAIL_NOT_RUN	  /* or can't be run */
};

struct fail {
	enum fail_kind kind;
	char text[1024]; /* printable: control characters are filtered */
};

/* Both return -1, so that "return fail_set(...)" reads as what it is. */
int fail_set(struct fail *, enum fail_kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * The same with ": strerror(errno)" behind it, and the kind that errno(3)
 * stands for: FAIL_PERM for EACCES, EPERM and EROFS, FAIL_NO for ENOENT,
 * FAIL_IO for EIO and a full disk, FAIL_SYSTEM for the rest.
 */
int fail_errno(struct fail *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
