/*
 * A profile in YAML, as the engine's "profile show" prints it.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_PROFILE_BODY_H
#define LXG_PROFILE_BODY_H

#include <jv.h>

#include "doc.h"

/*
 * A profile as the engine's "profile show" prints it: description, config and
 * devices, the scalars as they are written and so all strings. name, used_by
 * and project are passed over; any other key, a key twice, or another form is
 * a failure, FAIL_DATA. *body is an object with those three, owned.
 */
int body_of(yaml_document_t *, jv *body, struct fail *);

#endif
