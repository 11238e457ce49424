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

/*
 * The sessions of all of these instances that are other machines', asked for
 * side by side: one answer for each record, as that of session_list(), which
 * far_take() has. Owned by the caller, who frees it with free(3).
 */
struct far_answer {
	bool failed;
	struct fail why;
	char *text; /* what the instance says, or NULL: it has no sessions */
};

struct far_answer *far_ask(const struct recs *);
int
far_take(const struct rec *, struct far_answer *, struct recs *, struct fail *);

#endif
