/*
 * lxg-mount del: the devices go, and the folders that are empty.
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli.h"
#include "device.h"
#include "folder.h"
#include "mount.h"
#include "take.h"
#include "text.h"

/*
 * What a program made for itself alone (0600, 0700) the host user can't remove,
 * but root inside can, as long as the folder is there.
 */
static int
empty_inside(struct lxd *l, const struct rec *r, struct fail *f)
{
	const char *path = rec_str(r, "path", f), *name = take_object(r);
	int status;
	jv argv;

	if (path == NULL)
		return -1;
	argv = JV_ARRAY(jv_string("find"), jv_string(path),
	    jv_string("-mindepth"), jv_string("1"), jv_string("-delete"));
	return lxd_exec(l, name, argv, 0, 0, &status, NULL, NULL, f);
}

static int
empty_folder(struct lxd *l, const struct rec *r, struct fail *f)
{
	const char *mount = rec_str(r, "mount", f);
	int ret;

	if (mount == NULL)
		return -1;
	if ((ret = folder_empty(r, mount, f)) <= 0)
		return ret;
	if (empty_inside(l, r, f) < 0)
		return -1;
	if ((ret = folder_empty(r, mount, f)) > 0)
		ret = fail_set(f, EX_TEMPFAIL,
		    "%s: something in it can't be removed", mount);
	return ret;
}

/* The device is gone; xpra holds nothing but what sessions leave. */
static int
remove_folder(const struct rec *r, struct fail *f)
{
	const char *mount = rec_str(r, "mount", f);
	struct fail kept;
	char *what;
	int ret;

	if (mount == NULL)
		return -1;
	if (strcmp(mount, "xpra") == 0 && folder_empty(r, mount, f) < 0)
		return -1;
	if ((ret = folder_remove(r, mount, f)) <= 0)
		return ret;
	fail_set(&kept, EX_NO, "%s: kept, something is in it",
	    obj_str(r->v, "source") ? obj_str(r->v, "source") : mount);
	what = text_fmt("%s: %s", take_object(r), mount);
	cli_warn(&kept, what);
	free(what);
	return 0;
}

static int
del_batch(struct lxd *l, const struct batch *b, void *force, struct fail *f)
{
	size_t i;

	for (i = 0; *(bool *)force && i < b->n; i++)
		if (empty_folder(l, b->v[i], f) < 0)
			return -1;
	if (device_remove(l, b, f) < 0)
		return -1;
	for (i = 0; i < b->n; i++)
		if (remove_folder(b->v[i], f) < 0)
			return -1;
	return 0;
}

int
del(int argc, char **argv)
{
	bool force = false;
	int c;

	while ((c = cli_getopt(argc, argv, "f")) != -1)
		force = c == 'f';
	cli_no_operands(argc);
	return take_all(del_batch, &force);
}
