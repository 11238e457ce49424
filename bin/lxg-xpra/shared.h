/*
 * The xpra folder that the instance shares and can write: all that lies in it
 * is hostile. No link is followed, nothing blocks, everything has a limit.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_SHARED_H
#define LXG_XPRA_SHARED_H

#include <stdbool.h>
#include <stddef.h>

#include "fail.h"
#include "idmap.h"
#include "rec.h"

/* The path of the record's xpra folder, owned. */
char *shared_path(const struct rec *, struct fail *);

/*
 * Opens it: FAIL_NO where there is none, FAIL_PERM where the instance's folder
 * is not the user's alone, FAIL_CREATE where it was made for another instance
 * of that name.
 */
int shared_open(const struct rec *, struct fail *);

/* A folder in it, or -1 and errno. */
int shared_folder(int xpra, const char *session);

/* A regular file, opened for reading, or -1 and errno. */
int shared_file(int dir, const char *name);

/*
 * A small file's text, NUL behind it; its length. -1 and errno where it isn't
 * a regular file or is larger.
 */
ssize_t shared_read(int dir, const char *name, char *, size_t size);

/* A file of one decimal number up to max, else -1. */
int shared_number(int dir, const char *name, int max);

/* Does the session's supervisor live? It holds a lock as long. */
bool shared_alive(int folder);

/*
 * Connects to a socket in a folder. Not a socket, or the peer's uid is not of
 * the map: FAIL_PERM, with no byte sent.
 */
int
shared_connect(int dir, const char *name, const struct idmap *, struct fail *);

/* Removes what is in a folder, as far as it can be. */
void shared_empty(int dir);

/*
 * Removes what a session left there; what the instance made so that it can't
 * be removed from here fails with FAIL_AGAIN.
 */
int shared_remove(int xpra, const char *session, struct fail *);

#endif
