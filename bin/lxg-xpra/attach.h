/*
 * What there is of an attach, for the files that make it.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_ATTACH_H
#define LXG_XPRA_ATTACH_H

#include <stdbool.h>

#include <jv.h>

#include "asked.h"
#include "choice.h"
#include "client.h"
#include "display.h"
#include "idmap.h"
#include "link.h"
#include "output.h"
#include "rec.h"
#include "runtime.h"
#include "sound.h"
#include "watch.h"

#define ATTACH_VERSION 32

enum end {
	GOING,
	PROGRAM_ENDED, /* and its exit status is known */
	SESSION_ENDED, /* without one: killed, stopped, or the server died */
	CLIENT_ENDED,
	DETACHED, /* by a signal */
	FAILED
};

struct attach {
	struct rec *rec;
	const char *id;
	struct idmap map;
	struct choice choice;
	int xpra, folder, signals;
	int server; /* verified, and not handed on yet; -1 */
	char version[ATTACH_VERSION];
	struct watch watch;
	struct link link; /* to another machine's instance */
	struct runtime runtime;
	struct display display;
	struct client client;
	struct asked asked;
	struct output out;
	struct sound sound;
	jv config;	    /* the instance's */
	long long deadline; /* ms; 0: none */
	bool busy;	    /* the server has too many who wait for it */
	bool over;	    /* the client has said that the server is gone */
	bool unseen;	    /* it can't be shown here, and never was */
	bool patient;	    /* where the way to it breaks it is waited for */
	bool broken;	    /* and it is */
	enum end end;
};

/*
 * Attaches to the session until the first of it, client, user and the way to it
 * ends. -1 where that was not as it should be; a->broken says that it was the
 * way. Nothing of *a is open then.
 */
int attach_once(struct attach *a, struct rec *, bool patient,
    char *const *options, int n, int to, struct fail *);

/* Each may set a->end; -1: it has failed. */
int attach_look(struct attach *, struct fail *); /* at the shared folders */
int attach_look_at_display(struct attach *, struct fail *);
void attach_look_at_end(struct attach *); /* has the session ended? */

/* It can't be shown here: -1, and one that was just started is to end. */
int attach_cannot_show(struct attach *);

#endif
