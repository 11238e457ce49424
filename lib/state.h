/*
 * What lxg has lent, and to whom: one SQLite database a user,
 * $XDG_STATE_HOME/lxg/state.db. Only state*.c speak SQL; schema.sql is the
 * page to read about what is in it. SPDX-License-Identifier: ISC
 */
#ifndef LXG_STATE_H
#define LXG_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fail.h"
#include "ident.h"
#include "rec.h"

struct state;

/*
 * Opens it: NULL on failure. Where there is none, STATE_MAKE makes it, and
 * what release 0.1 had lent becomes part of it (its files stay beside,
 * renamed); without, the state is empty and nothing is made. With STATE_ALONE
 * it waits for the lock that one process holds from its look at the state
 * until the ACLs and the state agree again; who changes no ACL has no need of
 * it. STATE_READY is for who leaves it to others to make it what it should be:
 * FAIL_NO where it is not that, or not there. FAIL_INTERRUPTED where a signal
 * ends the wait (sig.h); FAIL_PERM where the folder is not the user's or others
 * may write in it; FAIL_CONFIG on a file system whose locks do not hold over
 * machines (NFS), and for the state of a later release.
 *
 * What can't be read as a state is renamed to state.db.bad and kept, and an
 * empty one is begun: state_damage() then has a line to tell, NULL else.
 * Nothing that a damaged state might have said is guessed: state_lost().
 *
 * All that is got from a state lives until state_close(): who is handed a
 * struct frees nothing in it.
 */
#define STATE_MAKE  1u
#define STATE_ALONE 2u
#define STATE_READY 4u

struct state *state_open(unsigned, struct fail *);
void state_close(struct state *); /* NULL will do */
const char *state_damage(const struct state *);
/* Is there one, and none beside it that was damaged? Asks for no more. */
bool state_is_whole(void);
/* Might one that was damaged have had that inode? */
int state_lost(struct state *, const struct ident *, bool *, struct fail *);

/*
 * Changes that come between these two are on the disk together when
 * state_commit() returns 0, or not at all; state_rollback() drops them. A
 * change outside of them is durable when its call returns. FAIL_IO where the
 * disk is full or fails, FAIL_AGAIN where others keep the state busy.
 */
int state_begin(struct state *, struct fail *);
int state_commit(struct state *, struct fail *);
void state_rollback(struct state *);

/*
 * Who holds something. How the engine's socket was spelled is no part of it; of
 * a remote, engine is its address. Without a uuid ("") the instance's name
 * decides.
 */
struct holder {
	const char *machine, *host; /* machine.h: its id; its name, to tell */
	const char *engine, *project, *instance, *uuid, *device;
};

/*
 * The holder that a record means, here unless its key "machine" says another
 * one; its strings are the record's. FAIL_DATA where a key is missing.
 */
int holder_of(const struct rec *, struct holder *, struct fail *);
bool holder_same(const struct holder *, const struct holder *);
bool holder_here(const struct holder *); /* is it this machine's? */

/* A grant: one entry in the ACL of one inode. */
struct grant {
	struct holder by;
	uint32_t uid;	      /* whose entry it is */
	unsigned asked, perm; /* what for; what others have left of it */
	bool fresh;	      /* not of the state: asked for by this call */
	bool carried;	      /* nor is this: its entry came with a save */
	long long granted;    /* or gone: when, in seconds since 1970 */
	const char *boot;     /* in which boot: machine.h */
	uint64_t fs;	      /* its file system's id (statfs(2)); 0: unknown */
	bool memory;	      /* which doesn't outlive a boot */
	bool gone;	      /* taken back when its inode was not found */
	long long intent;     /* of a pipeline under way; 0: none */
	const char *record;   /* as it was granted, JSON */
};

/*
 * An inode on loan. The ACLs are text, "-" for none: [0] its own, [1] a
 * folder's default one. base: as it would be, were it lent to nobody. old:
 * just before lxg last changed it; where a crash came first, it still is.
 */
struct loan {
	long long id; /* 0: not of the state yet */
	struct ident ident;
	const char *base[2], *old[2];
	bool merged; /* others changed the ACL, and base is made of that */
	struct grant *v;
	size_t n;
};

/* 1: *loan is the inode's; 0: there is none. By number alone: holder's. */
int
state_loan(struct state *, const struct ident *, struct loan *, struct fail *);
int state_loan_by_number(struct state *, const struct ident *,
    const struct holder *, struct loan *, struct fail *);
/* 1: another inode is lent to that user by this path; 0: none is. */
int state_lent_as(struct state *, const struct loan *, const char *source,
    uint32_t uid, struct fail *);
/* All there are, in the order in which they came; *v is the state's. */
int state_loans(struct state *, struct loan **v, size_t *n, struct fail *);
/* What it is now, with all of its grants; without one it is forgotten. */
int state_loan_put(struct state *, struct loan *, struct fail *);

/* A copy that was lent, and what it is of. */
enum copy_state {
	COPY_LENDING, /* being made: it may be there in part, or not at all */
	COPY_LENT,
	COPY_WRITING, /* the original is being written, from the snapshot */
};

struct copy {
	long long id; /* 0: not of the state yet */
	struct holder by;
	enum copy_state state;
	const char *name;      /* of its snapshot, and unique */
	const char *source;    /* the copy on the host */
	const char *origin;    /* the user's file */
	const char *origin_fs; /* the id of its file system, or "" */
	const char *sha256;    /* what both sides had last, or "" */
	long long since;       /* seconds of this boot, when its state began */
	const char *boot;
	long long intent;   /* as in a grant */
	const char *record; /* the device record, JSON */
};

/* 1: *copy is the holder's; 0: there is none. */
int
state_copy(struct state *, const struct holder *, struct copy *, struct fail *);
/* Those of an instance (its device doesn't count), or all: NULL. */
int state_copies(struct state *, const struct holder *, struct copy **v,
    size_t *n, struct fail *);
int state_copy_put(struct state *, struct copy *, struct fail *);
int state_copy_drop(struct state *, long long id, struct fail *);

/*
 * A pipeline under way. What its stages give (LXG_INTENT is its id) is marked
 * with it, so that what a crash left half done is known, and by whom.
 */
struct intent {
	long long id;
	const char *verb;
	struct holder by;	/* without a device; instance "": not of one */
	long long pid, started; /* the process: machine.h */
	const char *boot;
	const char *call; /* of a create: the key of what it makes, or "" */
	bool profile;	  /* and it makes that, too */
	bool forced;	  /* -f was said */
	bool used;	  /* it was cut short, and another verb came after it */
	long long stepped; /* when it last might start it, since 1970 */
	bool alive;	   /* got: is that process still there? */
};

/* One that begins is used where another create or delete was cut short. */
int state_intent_begin(struct state *, struct intent *, struct fail *);
int state_intent_end(struct state *, long long id, struct fail *);
int state_intents(struct state *, struct intent **v, size_t *n, struct fail *);
/*
 * 1: a row whose process is gone is the process's of *i from here on, its pid,
 * start and boot, and *i what it is now; 0: it is no more, or another's.
 */
int state_intent_take(struct state *, struct intent *i, struct fail *);
long long state_intent(void); /* LXG_INTENT, or 0 */

/*
 * The row that LXG_INTENT names, where it is of a create or a delete, tells of
 * what is about to be done by one of its stages: what of *i is set, and when.
 */
int state_note(const struct intent *i, struct fail *);
/*
 * Somebody uses this instance: a create or delete of it that was cut short is
 * not to be finished by itself any more. It is known by its uuid, or by its
 * name where one side has none.
 */
int state_use(const struct holder *, struct fail *);

#endif
