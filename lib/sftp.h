/*
 * Small things done to many files of an instance at once: SFTP through the
 * engine, for one request a file would cost more than all the rest.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_SFTP_H
#define LXG_SFTP_H

#include <stddef.h>
#include <stdint.h>

#include "fail.h"
#include "lxd.h"

struct sftp;

/*
 * Asks for the connection and does not wait for it (the engine starts a
 * process), so that other work can be done meanwhile.
 */
struct sftp *sftp_open(struct lxd *, const char *instance, struct fail *);
void sftp_close(struct sftp *);

/*
 * Removes those of the paths that are empty regular files; what is anything
 * else, or is mounted on, stays as it is. Afterwards paths holds those that
 * are still there; their number.
 */
int
sftp_remove_empty(struct sftp *, const char **paths, size_t n, struct fail *);

/*
 * Makes the folder where it is missing, and gives it to a user if it is root's,
 * as one is that the engine makes on the way to a mount point.
 */
int sftp_give_folder(
    struct sftp *, const char *path, uint32_t uid, uint32_t gid, struct fail *);

/* Removes a folder if it is empty. */
int sftp_rmdir(struct sftp *, const char *path, struct fail *);

#endif
