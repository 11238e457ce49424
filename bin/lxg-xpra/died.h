/*
 * An instance's last program, where it failed before it showed a window.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_DIED_H
#define LXG_XPRA_DIED_H

#include "rec.h"
#include "runtime.h"

/*
 * Of a session that is over, from its folder: a record beside those of the
 * instance's sessions in the runtime folder, for lxg doctor and logs, which
 * the next one replaces; none where all went well. Below lxg -g it is said,
 * too. Best effort.
 */
void died_note(const struct rec *, int folder, const struct runtime *);

#endif
