/*
 * The folder of copies that a batch goes to. SPDX-License-Identifier: ISC
 */
#ifndef LXG_MAP_FOLDERS_H
#define LXG_MAP_FOLDERS_H

#include <jv.h>

#include "fail.h"
#include "lxd.h"
#include "rec.h"
#include "state.h"

struct folders {
	int copies;
	char *source, *path; /* of copies: here, and inside */
	jv taken;	     /* names of this batch, and of what was lent */
};

/* The one of a record's instance, by what the engine has. */
int folders_open(const struct rec *, struct lxd *, struct state *,
    struct folders *, struct fail *);
void folders_close(struct folders *);

/* A name that no copy has or had, nor the folder, for the record. */
void folders_choose(struct folders *, struct rec *);
/* What is lent anew may have its name again. */
void folders_forget(struct folders *, const char *source);

#endif
