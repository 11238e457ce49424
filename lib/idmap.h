/*
 * An instance's id map. SPDX-License-Identifier: ISC
 */
#ifndef LXG_IDMAP_H
#define LXG_IDMAP_H

#include <stdbool.h>
#include <stdint.h>

#include <jv.h>

#include "fail.h"

struct idmap_range {
	bool is_uid, is_gid;
	uint32_t host, inside, count;
};

struct idmap {
	struct idmap_range v[32];
	int n;
};

/*
 * From an instance as the API gives it (borrowed): volatile.idmap.current when
 * it runs, volatile.idmap.next when it is stopped. Refused with FAIL_CONFIG,
 * judged on the expanded config: a privileged instance, raw.idmap, a map that
 * is empty, or one that holds 0, the caller's uid or gid, or a uid or gid of
 * the host's passwd(5) and group(5).
 */
int idmap_of(jv instance, struct idmap *, struct fail *);
/* Of that the first two alone: what can be judged of another machine's. */
int idmap_check_config(jv instance, struct fail *);

/* Inside to host; false where the map has no such id. */
bool idmap_host_uid(const struct idmap *, uint32_t inside, uint32_t *host);
bool idmap_host_gid(const struct idmap *, uint32_t inside, uint32_t *host);

/* Does the map hold this host uid? */
bool idmap_has_uid(const struct idmap *, uint32_t host);

#endif
