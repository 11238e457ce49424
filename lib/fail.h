/*
 * Why a library call failed. The caller owns the struct, decides what to say
 * and whether to go on. SPDX-License-Identifier: ISC
 */
#ifndef LXG_FAIL_H
#define LXG_FAIL_H

#define EX_NO 1 /* a plain "no": not found, not running; see lxg(7) */

struct fail {
	int code;	 /* an exit code of sysexits(3), or EX_NO */
	char text[1024]; /* printable: control characters are filtered */
};

/* Both return -1, so that "return fail_set(...)" reads as what it is. */
int fail_set(struct fail *, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * The same with ": strerror(errno)" behind it, and the code that errno(3)
 * stands for: 77 for EACCES and EPERM, 1 for ENOENT, 74 for EIO and a full
 * disk, 71 for the rest.
 */
int fail_errno(struct fail *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
