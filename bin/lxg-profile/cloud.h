/*
 * cloud-config, checked before anything is sent. SPDX-License-Identifier: ISC
 */
#ifndef LXG_PROFILE_CLOUD_H
#define LXG_PROFILE_CLOUD_H

#include "fail.h"
#include "mime.h"

/*
 * Is each part that is YAML good YAML of the form that cloud-init wants? 65
 * otherwise, naming file, line and column. Warns of what cloud-init will take
 * and do something else with than its author meant.
 */
int cloud_check(const struct part *, size_t n, struct fail *);

#endif
