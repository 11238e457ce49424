/*
 * What an X connection sees of the host's display. SPDX-License-Identifier: ISC
 */
#ifndef LXG_CLIENT_HOST_WATCH_H
#define LXG_CLIENT_HOST_WATCH_H

#include <stdbool.h>

#include "fail.h"
#include "host.h"

/*
 * A connection that watches ($DISPLAY, $XAUTHORITY), of its own: FAIL_CONFIG
 * where there is no display of this host's, or it lets nobody in.
 */
struct host_watch;
int host_open(struct host_watch **, struct fail *);
int host_fd(const struct host_watch *);
/*
 * Reads what is new: 1 where *h is another one than before, 0, or -1
 * (FAIL_UNAVAILABLE).
 */
int host_read(struct host_watch *, struct host *, struct fail *);
/* Does the X server have SECURITY (untrusted cookies)? */
bool host_has_security(const struct host_watch *);

#endif
