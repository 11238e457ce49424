/*
 * lxg-mount del: the devices go, and the folders that are empty.
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "device.h"
#include "folder.h"
#include "here.h"
#include "mem.h"
#include "mount.h"
#include "take.h"
#include "tree.h"

static int
empty_folder(
    struct lxd *l, const struct rec *r, const char *mount, struct fail *f)
{
	const char *path = rec_str(r, "path", f);
	int ret = folder_empty(r, mount, f), able;

	for (able = 0; ret > 0 && able < 2; able++) {
		if (path == NULL ||
		    tree_remove_inside(l, r, path, false, able != 0, f) < 0)
			return -1;
		ret = folder_empty(r, mount, f);
	}
	if (ret > 0)
		ret = fail_set(f, FAIL_AGAIN,
		    "%s: something in it can't be removed", mount);
	return ret;
}

/*
 * Before the device goes, while the user inside still has the folder. xpra
 * holds nothing but what sessions leave; the others hold the user's files.
 */
static int
prepare_del(struct lxd *l, const struct rec *r, bool force, struct fail *f)
{
	const char *mount = rec_str(r, "mount", f);
	int ret;

	if (mount == NULL)
		return -1;
	if (force || strcmp(mount, "xpra") == 0)
		return empty_folder(l, r, mount, f);
	if ((ret = folder_holds(r, mount, f)) > 0)
		ret = fail_set(f, FAIL_NO,
		    "%s: holds files; take them out, or -f removes them",
		    mount);
	return ret;
}

static int
del_folders(struct lxd *l, const struct batch *b, struct fail *f)
{
	const char *mount;
	size_t i;

	if (b->n == 0)
		return 0;
	if (device_remove(l, b, f) < 0)
		return -1;
	for (i = 0; i < b->n; i++)
		if ((mount = rec_str(b->v[i], "mount", f)) == NULL ||
		    folder_remove(b->v[i], mount, f) < 0)
			return -1;
	return 0;
}

/* Those that can't go stay as they are, device and all; the others go. */
static int
del_batch(struct lxd *l, const struct batch *b, void *force, struct fail *f)
{
	struct rec **v;
	struct batch some = {NULL, 0};
	struct fail why;
	size_t i;
	int ret;

	if (here_check_engine(l, f) < 0)
		return -1;
	some.v = v = mem_need(calloc(b->n, sizeof(*v)));
	for (i = 0; i < b->n; i++)
		if (prepare_del(l, b->v[i], *(bool *)force, &why) == 0)
			v[some.n++] = b->v[i];
		else {
			cli_warn(&why, take_object(b->v[i]));
			rec_error(b->v[i], &why);
		}
	ret = del_folders(l, &some, f);
	free(v);
	return ret;
}

int
verb_del(int argc, char **argv)
{
	bool force = false;
	int c;

	while ((c = cli_getopt(argc, argv, "f")) != -1)
		force = c == 'f';
	cli_no_operands(argc);
	return take_all(NULL, del_batch, &force);
}
