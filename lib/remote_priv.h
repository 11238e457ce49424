/*
 * What the files of the remotes share. SPDX-License-Identifier: ISC
 */
#ifndef LXG_REMOTE_PRIV_H
#define LXG_REMOTE_PRIV_H

#include "doc.h"
#include "remote.h"

/* One configuration that was read; borrows all but the document. */
struct config {
	const char *kind, *dir;
	yaml_document_t doc;
};

/*
 * A file of a configuration's folder, owned; NULL and no failure where there is
 * no such file. One that can't be read is a failure.
 */
int remote_file(const char *dir, const char *file, char **path, struct fail *);

/*
 * One (owned) of what stands below its name; FAIL_CONFIG where lxg can't use
 * it.
 */
int remote_make(struct config *, const char *name, const yaml_node_t *,
    struct remote **, struct fail *);

#endif
