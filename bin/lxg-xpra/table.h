/*
 * Sessions for a person to read. SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_TABLE_H
#define LXG_XPRA_TABLE_H

#include "fail.h"
#include "rec.h"

/*
 * Writes a line for each record to standard output and closes that; those of no
 * session have dashes in its place. Above them stand what they are, where it is
 * a terminal.
 */
int table_write(const struct recs *, struct fail *);

#endif
