/*
 * The folder of copies that a batch goes to. SPDX-License-Identifier: ISC
 */
#ifndef LXG_MAP_FOLDERS_H
#define LXG_MAP_FOLDERS_H

#include <stdbool.h>

#include <jv.h>

#include "fail.h"
#include "lxd.h"
#include "rec.h"
#include "state.h"

struct folders {
	bool far;	     /* of an instance on another machine: */
	jv there;	     /* what is in its folder, an object's keys; */
	int copies;	     /* or else the folder */
	char *source, *path; /* of copies: here, and inside */
	jv taken;	     /* names of this batch, and of what was lent */
};

#define FOLDERS_NONE                                                           \
	(struct folders)                                                       \
	{                                                                      \
		.copies = -1, .taken = jv_object(), .there = jv_object()       \
	}

/* The one of a record's instance, by what the engine has; it was none. */
int folders_open(const struct rec *, struct lxd *, struct state *,
    struct folders *, struct fail *);

/* A name that no copy has or had, nor the folder, for the record. */
void folders_choose(struct folders *, struct rec *);
bool folders_have(const struct folders *, const char *source);
/* What is lent anew may have its name again. */
void folders_forget(struct folders *, const char *source);

#endif
