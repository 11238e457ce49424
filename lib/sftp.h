/*
 * Removing many small things in an instance at once: SFTP through the engine,
 * for one request a file would cost more than all the rest.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_SFTP_H
#define LXG_SFTP_H

#include <stddef.h>

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
 * else, is mounted on, or is not there, stays as it is.
 */
int sftp_remove_empty(
    struct sftp *, const char *const *paths, size_t n, struct fail *);

/* Removes a folder if it is empty. */
int sftp_rmdir(struct sftp *, const char *path, struct fail *);

#endif
