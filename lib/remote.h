/*
 * Engines on other machines, as the user's own configuration of incus or lxc
 * has them. SPDX-License-Identifier: ISC
 */
#ifndef LXG_REMOTE_H
#define LXG_REMOTE_H

#include <stdbool.h>

#include "fail.h"
#include "rec.h"

#define REMOTE_SCHEME "https://" /* an address begins with it */

/* All but kind is owned by it. */
struct remote {
	char *name;
	const char *kind; /* whose configuration it is in: "incus", "lxd" */
	char *url;	  /* https://HOST[:PORT]; or a socket's path, "" for the
			     usual one of that kind */
	char *project;	  /* its own, or NULL */
	char *cert, *key; /* files: who the user is there; NULL for a socket */
	char *pin; /* the file of the server's own certificate, or NULL: */
	char *ca;  /* then whose are good; NULL: those of the system */
};

/* Is it NAME:, incus:NAME: or lxd:NAME:, or a record's address of one? */
bool remote_is_choice(const char *);
bool remote_is_url(const char *);

/* What needs a folder of this host's is refused (FAIL_CONFIG) for an instance
 * of a remote's, and for a record of one. */
int remote_away(const char *name, struct fail *);
int remote_check_record(const struct rec *, struct fail *);

/*
 * The remote that is meant by a choice, or by the address in a record, which
 * may say kind and name, too (or NULL). *remote is owned by the caller. 1: no
 * such name, and those that are there; FAIL_CONFIG: both configurations have
 * it, or it is none that lxg can use, or has no key; or no remote has that
 * address.
 */
int remote_find(const char *choice, struct remote **, struct fail *);
int remote_of_url(const char *url, const char *kind, const char *name,
    struct remote **, struct fail *);
void remote_free(struct remote *);

#endif
