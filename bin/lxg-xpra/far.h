/*
 * Sessions of an instance that is another machine's: no folder is shared with
 * it, and all goes over the engine. SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_FAR_H
#define LXG_XPRA_FAR_H

#include <stdbool.h>

#include "fail.h"
#include "rec.h"

bool far_is(const struct rec *);

/* As session_list(). */
int far_list(const struct rec *, struct recs *, struct fail *);

#endif
