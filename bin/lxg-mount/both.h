/*
 * What lies in a share, and who of the two users may do what with it: the host
 * user, and the instance's. SPDX-License-Identifier: ISC
 */
#ifndef LXG_MOUNT_BOTH_H
#define LXG_MOUNT_BOTH_H

#include <sys/stat.h>
#include <sys/types.h>

#include "fail.h"

enum both {
	BOTH_OPEN,   /* to either of them */
	BOTH_MENDED, /* was the host user's, and has been opened just now */
	BOTH_CHMOD, /* is to be opened inside: its mode is all that closes it */
	BOTH_LOST,  /* has no entry for the host user, which none inside sets */
	BOTH_LEFT,  /* is not to be touched, and the fail says why */
};

struct users {
	uid_t host, inside; /* as the host has them */
};

/*
 * A regular file or a folder, by a descriptor that O_PATH will do for; stat is
 * what fstat(2) just said of it. What is the host user's gets the entry that
 * the instance's user lacks, for no more than its owner may do, in one write;
 * nobody else's rights grow with the mask. Never with several names or with
 * setuid or setgid bits.
 */
enum both
both_look(int fd, const struct stat *, const struct users *, struct fail *);

#endif
