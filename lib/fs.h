/*
 * What a file system is good for. SPDX-License-Identifier: ISC
 */
#ifndef LXG_FS_H
#define LXG_FS_H

#include "fail.h"

/*
 * Is a file (O_PATH will do) on one where the kernel judges by the ACL that is
 * set? FAIL_PERM where it isn't: there is none to be set; or it is stored, and
 * access goes by the mode alone, whose group bits an ACL makes its mask.
 */
int fs_judges_acl(int fd, const char *path, struct fail *);

/* The second of these alone; what has no ACLs says so when one is set. */
int fs_keeps_acl(int fd, struct fail *);

#endif
