/*
 * Contents of files: copied, and compared by hash.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_MAP_DATA_H
#define LXG_MAP_DATA_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "fail.h"

#define HASH_LEN 65 /* SHA-256 in hex, and a NUL */

/* Opens what an O_PATH descriptor is of, without waiting. */
int data_reopen(int path, int flags);
/*
 * What the kernel has to say to a lease on it (F_RDLCK, F_WRLCK), which ends
 * with the call: an errno, 0 where it gives one.
 */
int data_lease(int path, int type);
/*
 * Copies all of a file, as a reflink where the file systems can; FAIL_DATA
 * where it is larger than data_max().
 */
int data_clone(int from, int to, struct fail *);
/* Room for so much, and no more of it to be seen, where file systems can. */
int data_reserve(int fd, off_t size, struct fail *);
/* Of any size, over what is there, from both descriptors' offsets on. */
int data_copy(int from, int to, struct fail *);
/*
 * The same, where others may write to it: what was there goes to before, and
 * its hash to hash.
 */
int data_swap(int from, int to, int before, char hash[HASH_LEN], struct fail *);
int data_hash(int fd, char hash[HASH_LEN], struct fail *);
bool data_same_time(const struct timespec *, const struct timespec *);
off_t data_max(struct fail *); /* LXG_COPY_MAX; -1: not a number */
int data_too_large(off_t max, struct fail *);

#endif
