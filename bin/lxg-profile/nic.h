/*
 * Nics that leave open what they are connected to.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_PROFILE_NIC_H
#define LXG_PROFILE_NIC_H

#include <jv.h>

#include "fail.h"
#include "lxd.h"

/*
 * A nic of the body without network, parent and nictype gives way to each nic
 * of the project's default profile, with its keys on top. Warns where the
 * addresses of one can't be filtered. FAIL_PROTOCOL where the engine's answer
 * is none.
 */
int nic_connect(struct lxd *, jv *body, struct fail *);

#endif
