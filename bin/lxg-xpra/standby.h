/*
 * The display server that stands by in an instance whose policy has prestart
 * on (share/lxg/session.py). SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_STANDBY_H
#define LXG_XPRA_STANDBY_H

#include <jv.h>

#include "fail.h"
#include "idmap.h"
#include "rec.h"

/*
 * A row, consumed into rows, that tells what is started with these files of
 * ours from what others of them have started; *rows stay the caller's.
 */
int standby_row(jv *rows, struct fail *);

/*
 * Asks it, on its socket in the shared folder, to become the session, which
 * takes a tenth of the time that the engine's exec does. 1: it has; 0: there is
 * none, or none for this table, host and command (borrowed), and nothing was
 * done; -1: nobody knows, FAIL_AGAIN. host is what host_json says, as text.
 */
int standby_take(const struct rec *, const struct idmap *, const char *session,
    jv table, jv host, jv command, struct fail *);

#endif
