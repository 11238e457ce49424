/*
 * What the files of lxg-instance share. SPDX-License-Identifier: ISC
 */
#ifndef LXG_INSTANCE_H
#define LXG_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jv.h>

#include "fail.h"
#include "lock.h"
#include "lxd.h"
#include "rec.h"

/* Verbs that have a file of their own: api.c, list.c, new.c. */
int verb_api(int argc, char **argv);
int verb_list(int argc, char **argv);
int verb_create(int argc, char **argv);
int verb_copy(int argc, char **argv);

/*
 * agree.c: before a start (both are borrowed) what the engine and the state say
 * of files lent live is made one: a device whose file is another one by now, or
 * that has no grant, goes, and so does a grant that has no device.
 */
int agree(struct lxd *, const struct rec *, jv instance, struct fail *);

/*
 * allowed.c: FAIL_CONFIG where the project's restrictions rule out what lxg
 * makes, or what a profile (borrowed, as the API gives it) has, with the key
 * and what changes it.
 */
int allowed_by_project(struct lxd *, struct fail *);
int allowed_by_profile(
    struct lxd *, const char *name, jv, bool no_network, struct fail *);
/* Both, of the default profile: what rules out any create. */
int allowed_here(struct lxd *, struct fail *);

/*
 * Makes a failed creation FAIL_CONFIG where the project's limits are the
 * reason.
 */
void allowed_count(struct lxd *, struct fail *);

/* Has the project restrictions? */
bool allowed_restricted(struct lxd *);

/* The engine's own client, for what an administrator is told to type. */
const char *allowed_client(struct lxd *);

/* Does the project let its users say which range of ids an instance has? */
bool allowed_idmap(struct lxd *);

/*
 * boot.c: says on standard error what a boot that takes long is waiting for;
 * the process id of the instance's init on the host, 0: it has none.
 */
void boot_explain(struct lxd *, const char *instance, long seconds);
int64_t boot_pid(struct lxd *, const char *instance);
/*
 * Where its user-data restarts it or powers it off (power_state, shutdown(8)):
 * waits until init is another one than pid, or starts it again; *again where it
 * did.
 */
int boot_again(struct lxd *, const char *instance, int64_t pid, bool *again,
    struct fail *);

/* others.c: to a plain no it adds which instances there are. */
void others_tell(struct lxd *, struct fail *);

/* create.c */
struct wish {
	const char *name; /* of the instance */
	const char *profile, *image;
	const char *keys; /* an authorized_keys file's text, or NULL */
	size_t keys_len;
	bool no_network;
	bool installs; /* no network once cloud-init is done */
	bool brief;    /* it goes when it stops */
	bool nobody;   /* its user-data makes no user who could log in */
	char call[17]; /* tells what this call makes from what others do */
};
/* An instance's config key, and a record's of one that is to be undone. */
#define CREATE_CALL "user.lxg.create"
/*
 * Makes the instance, or goes on where an earlier create was cut off. *rec is
 * its record, owned. On failure *undo says whether the call may have brought
 * it into being and it is to go again; one in which cloud-init failed is kept.
 * *made, which says what to create, then says how to know it.
 */
int create_instance(struct lxd *, const struct wish *, struct rec *made,
    bool *undo, jv *rec, struct fail *);
/* From here on it is known by its uuid, however often its name is given. */
void create_know(struct rec *made, jv instance);
/* Each nic among these (borrowed, or no devices at all) becomes nothing. */
void create_unplug(jv all, jv *devices);
/* One create of an instance at a time, until lock_drop(). */
int create_lock(struct lxd *, const char *name, struct lock *, struct fail *);

/*
 * adopt.c: a copy that the engine made of an instance of lxg's becomes one of
 * its own: without the devices of the other, on other ids. FAIL_AGAIN where it
 * runs and may not be stopped hard (force). One that is no copy is done.
 */
int adopt_instance(struct lxd *, const char *name, bool force, struct fail *);
/*
 * Writes down that the instance (borrowed) is lxg's own by its uuid, where an
 * older lxg made it and its folders tell that it is no copy.
 */
int adopt_old(struct lxd *, const char *name, jv instance, struct fail *);

/*
 * cloudinit.c: waits for cloud-init's verdict; FAIL_AGAIN none in time,
 * FAIL_PROTOCOL a bad one. In both cases *keep says that the instance is worth
 * a look. Says so where the instance (borrowed, as the API gives it) has
 * user-data and no cloud-init.
 */
int cloudinit_wait(
    struct lxd *, const char *name, jv instance, bool *keep, struct fail *);

/* The seconds of that, as LXG_WAIT has it; -1 (FAIL_CONFIG). */
long cloudinit_patience(struct fail *);

/*
 * copy.c: of that instance one for one program, by the name in *made, which
 * goes when it stops, and is adopted. *rec is its record, owned. *made and
 * *undo are as in create_instance(). FAIL_CONFIG where the other is not
 * complete.
 */
int copy_instance(struct lxd *, const char *from, bool no_network,
    struct rec *made, bool *undo, jv *rec, struct fail *);

/* image.c: the "source" of a new instance; FAIL_NO: no such image */
int image_source(struct lxd *, const char *image, jv *source, struct fail *);

/* keys.c: FAIL_DATA for a file that holds a private key, or no public one */
int keys_read(const char *file, char **text, size_t *len, struct fail *);

/*
 * login.c: the login user, and what of it goes into the instance's config: the
 * one with that uid, or for -1 the default user of cloud-init's, uid 1000, or
 * the first that is no system user. FAIL_CONFIG where there is none.
 */
struct login {
	char *user, *home;
	uint32_t uid, gid;
};
int login_find(struct lxd *, const char *instance, int64_t uid, struct login *,
    struct fail *);
int login_install_keys(struct lxd *, const char *instance, const struct login *,
    const char *text, size_t len, struct fail *);
void login_free(struct login *);

/*
 * placed.c: a new instance (body is consumed), in a cluster on this member; as
 * it is then, owned. *made is as in create_instance(). FAIL_CONFIG where it is
 * on another one, as in a project that lets none be named.
 */
int placed_make(struct lxd *, const char *name, jv body, struct rec *made,
    jv *instance, struct fail *);

/* power.c; *started: it may run now, by this call, even where that failed */
int power_start(struct lxd *, const char *name, bool *started, struct fail *);
/* Of the record's instance and uuid; one that is gone is done. */
int power_stop(struct lxd *, const struct rec *, bool force, struct fail *);
int power_delete(struct lxd *, const struct rec *, bool force, struct fail *);

/* progress.c: one line on stderr where that is a terminal */
void progress_show(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void progress_end(void);
void progress_operation(jv operation, void *instance);

/*
 * set.c: settings (KEY=VALUE, NULL at the end) as an owned object; FAIL_CONFIG
 * for an unknown key or value. Then they become the instance's (consumed); an
 * empty value takes the key away.
 */
int set_parse(char **settings, jv *policy, struct fail *);
int set_policy(struct lxd *, const char *instance, jv policy, struct fail *);

/*
 * silent.c: an instance in a list (borrowed) on a member of a cluster that does
 * not answer; lxg's profile that it uses (owned), or NULL, by what profiles
 * says, which is not an array before the first; and what is to be said of it.
 */
bool silent_is(jv instance);
char *silent_profile(struct lxd *, jv instance, jv *profiles);
void silent_why(jv instance, struct fail *);

/* slot.c: a range of host ids that no engine within reach uses */
int slot_give(struct lxd *, const char *instance, struct fail *);

#endif
