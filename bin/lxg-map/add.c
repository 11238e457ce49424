/*
 * lxg-map add: the files become devices, or copies.
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"
#include "copy.h"
#include "device.h"
#include "map.h"
#include "mem.h"
#include "sftp.h"
#include "take.h"

/* The name that was planned, or the next one that is free. */
static int
place_map(struct rec *r, jv *taken, struct fail *f)
{
	const char *path = rec_str(r, "path", f);

	if (path == NULL || rec_str(r, "mode", f) == NULL)
		return -1;
	rec_set_str(r, "path", place_free(path, taken));
	return 0;
}

/* What a batch was given: its live files as devices, and its copies. */
struct given {
	struct batch live, copies;
	jv added;
	bool *made;
};

static int
undo_given(struct lxd *l, const struct batch *b, void *given, struct fail *f)
{
	struct given *g = given;
	int ret = 0;

	(void)b;
	if (g->live.n > 0)
		ret = device_take_back(l, g->live.v[0], g->added, f);
	if (g->copies.n > 0 && copy_undo(l, &g->copies, g->made, f) < 0)
		ret = -1;
	return ret;
}

/*
 * Programs put a lock, a backup or a swap file beside the file that they edit:
 * so the folder that the engine makes there becomes the user's. It works
 * without, too.
 */
static void
give_folder(struct sftp *s, const struct rec *r)
{
	char *path = live_folder(r);
	uint32_t uid, gid;
	struct fail f;

	if (s != NULL && path != NULL && rec_ids(r, &uid, &gid, &f) == 0 &&
	    sftp_give_folder(s, path, uid, gid, &f) < 0)
		cli_warn(&f, take_object(r));
}

static int
give_devices(struct lxd *l, struct given *g, bool dry, struct fail *f)
{
	struct fail ignored;
	struct sftp *s = NULL;
	int ret;

	if (!dry)
		s = sftp_open(l, take_object(g->live.v[0]), &ignored);
	ret = device_add(l, &g->live, place_map, dry, &g->added, f);
	if (ret == 0)
		give_folder(s, g->live.v[0]);
	sftp_close(s);
	return ret;
}

/* Copies are made before devices, which have the more to be taken back. */
static int
give(struct lxd *l, const struct batch *b, bool dry, void **given,
    struct fail *f)
{
	struct given *g = *given = mem_need(calloc(1, sizeof(*g)));
	struct fail why;

	g->live = batch_of(b, false);
	g->copies = batch_of(b, true);
	g->made = mem_need(calloc(b->n, sizeof(*g->made)));
	if (g->copies.n > 0 && copy_give(l, &g->copies, dry, g->made, f) < 0)
		return -1;
	if (g->live.n == 0 || give_devices(l, g, dry, f) == 0)
		return 0;
	if (g->copies.n > 0 && copy_undo(l, &g->copies, g->made, &why) < 0)
		cli_warn(&why, take_object(b->v[0]));
	return -1;
}

int
verb_add(int argc, char **argv)
{
	while (cli_getopt(argc, argv, "") != -1)
		;
	cli_no_operands(argc);
	return give_all(give, undo_given);
}
