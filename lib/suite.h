/*
 * Programs of the suite that another one calls. SPDX-License-Identifier: ISC
 */
#ifndef LXG_SUITE_H
#define LXG_SUITE_H

#include "fail.h"
#include "rec.h"

/*
 * The records that "PROGRAM VERB" prints; it is looked for beside the running
 * program, and reads those of in, or nothing (NULL). Its exit code is the
 * failure's.
 */
int suite_records(const char *program, const char *verb, const struct recs *in,
    struct recs *out, struct fail *);

#endif
