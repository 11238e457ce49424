/*
 * cloud-config, checked before anything is sent. SPDX-License-Identifier: ISC
 */
#ifndef LXG_PROFILE_CLOUD_H
#define LXG_PROFILE_CLOUD_H

#include "fail.h"
#include "mime.h"

/*
 * Is each part one that cloud-init knows, and what is YAML good YAML of the
 * form that it wants? FAIL_DATA otherwise, naming file, line and column. Warns
 * of what cloud-init will take and do something else with than its author
 * meant. Sets config, merges and keys of each part.
 */
int cloud_check(struct part *, size_t n, struct fail *);

/*
 * Do the parts, once checked, say that nobody is to be made who could log in?
 * Only where nothing else in them could make one after all.
 */
bool cloud_nobody(const struct part *, size_t n);

#endif
