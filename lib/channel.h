/*
 * A program in an instance, and bytes both ways, over the engine's exec.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_CHANNEL_H
#define LXG_CHANNEL_H

#include <jv.h>
#include <stdint.h>

#include "fail.h"
#include "lxd.h"
#include "ws.h"

/* Standard input, output and error of the program's, and what ends it. */
enum { CHANNEL_IN, CHANNEL_OUT, CHANNEL_ERR, CHANNEL_CONTROL, CHANNELS };

struct channel {
	char *path[CHANNELS]; /* until they are connected */
	struct ws *ws[CHANNELS];
};

/*
 * Asks for argv (array of strings, consumed) as uid, gid. Whoever connects it
 * is the only one who can: a process that is forked in between may.
 */
int channel_ask(struct lxd *, const char *instance, jv argv, uint32_t uid,
    uint32_t gid, struct channel *, struct fail *);

/* With all four the program begins; without the last of them it is killed. */
int channel_connect(struct lxd *, struct channel *, struct fail *);
void channel_close(struct channel *);

#endif
