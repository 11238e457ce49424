/*
 * Sound of a session: what it plays goes from a socket in its folder straight
 * into the host's player, and the microphone the other way, each in a process
 * of its own. Not a byte of it is looked at. SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_SOUND_H
#define LXG_XPRA_SOUND_H

#include <jv.h>
#include <sys/types.h>

#include "fail.h"
#include "idmap.h"

struct sound {
	pid_t v[2]; /* 0 where there is none */
};

/*
 * Begins what user.lxg.audio in config (borrowed) opens, of the session whose
 * folder that is, which shared_folder opened; instance is the name that the
 * host's mixer shows. FAIL_CONFIG where this host has no player; then, and with
 * audio=off, there is nothing. It ends with sound_stop, or with us.
 */
int sound_start(struct sound *, int folder, const struct idmap *, jv config,
    const char *instance, struct fail *);
void sound_stop(struct sound *);

#endif
