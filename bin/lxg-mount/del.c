/*
 * lxg-mount del: the devices go, and the folders that are empty.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli.h"
#include "device.h"
#include "folder.h"
#include "mount.h"
#include "take.h"

/*
 * What a program made for itself alone (0700) the host user can't remove, but
 * the login user can, as long as the folder is there. Not so root inside, to
 * whom the folder is a stranger's; what root made for itself there takes the
 * login user with root's capabilities.
 */
static int
empty_inside(struct lxd *l, const struct rec *r, bool able, struct fail *f)
{
	const char *path = rec_str(r, "path", f), *name = take_object(r);
	const char *caps = "+chown,+dac_override,+fowner";
	jv argv = jv_array();
	uint32_t uid, gid;
	int status;

	if (path == NULL || rec_id(r, "uid", &uid, f) < 0 ||
	    rec_id(r, "gid", &gid, f) < 0)
		return -1;
	if (able) {
		argv = JV_ARRAY(jv_string("setpriv"), jv_string("--inh-caps"),
		    jv_string(caps), jv_string("--ambient-caps"),
		    jv_string(caps), jv_string("--clear-groups"));
		argv = jv_array_append(argv, jv_string_fmt("--reuid=%u", uid));
		argv = jv_array_append(argv, jv_string_fmt("--regid=%u", gid));
		uid = gid = 0;
	}
	argv = jv_array_concat(argv,
	    JV_ARRAY(jv_string("find"), jv_string(path), jv_string("-mindepth"),
		jv_string("1"), jv_string("-delete")));
	return lxd_exec(l, name, argv, uid, gid, &status, NULL, NULL, f);
}

static int
empty_folder(
    struct lxd *l, const struct rec *r, const char *mount, struct fail *f)
{
	int ret = folder_empty(r, mount, f), able;

	for (able = 0; ret > 0 && able < 2; able++) {
		if (empty_inside(l, r, able != 0, f) < 0)
			return -1;
		ret = folder_empty(r, mount, f);
	}
	if (ret > 0)
		ret = fail_set(f, EX_TEMPFAIL,
		    "%s: something in it can't be removed", mount);
	return ret;
}

/*
 * Before the device goes, while the user inside still has the folder. xpra
 * holds nothing but what sessions leave; the others hold the user's files.
 */
static int
prepare(struct lxd *l, const struct rec *r, bool force, struct fail *f)
{
	const char *mount = rec_str(r, "mount", f);
	int ret;

	if (mount == NULL)
		return -1;
	if (force || strcmp(mount, "xpra") == 0)
		return empty_folder(l, r, mount, f);
	if ((ret = folder_holds(r, mount, f)) > 0)
		ret = fail_set(f, EX_NO,
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
	struct rec **v = calloc(b->n, sizeof(*v));
	struct batch some = {v, 0};
	struct fail why;
	size_t i;
	int ret;

	if (v == NULL)
		errx(EX_OSERR, "out of memory");
	for (i = 0; i < b->n; i++)
		if (prepare(l, b->v[i], *(bool *)force, &why) == 0)
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
del(int argc, char **argv)
{
	bool force = false;
	int c;

	while ((c = cli_getopt(argc, argv, "f")) != -1)
		force = c == 'f';
	cli_no_operands(argc);
	return take_all(NULL, del_batch, &force);
}
