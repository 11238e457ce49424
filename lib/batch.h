/*
 * A stream's records by the instance they are of, since the engine takes what
 * concerns one instance in one request. SPDX-License-Identifier: ISC
 */
#ifndef LXG_BATCH_H
#define LXG_BATCH_H

#include <stddef.h>

#include "fail.h"
#include "rec.h"

struct batch {
	struct rec **v; /* borrowed, in the stream's order, at least one */
	size_t n;
};

/*
 * By engine, api, project and instance, dry_run ones apart; FAIL_DATA where a
 * record lacks one of them (it may lack api). Records with an error are in
 * none. Ends the program where memory runs out.
 */
int batch_split(struct recs *, struct batch **, size_t *n, struct fail *);
void batch_free(struct batch *, size_t n);

#endif
