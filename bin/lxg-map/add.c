/*
 * lxg-map add: the files become devices, or copies.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli.h"
#include "device.h"
#include "map.h"
#include "take.h"

/* The name that was planned, or the next one that is free. */
static int
place(struct rec *r, jv *taken, struct fail *f)
{
	const char *path = rec_str(r, "path", f);
	char *s;

	if (path == NULL || rec_str(r, "mode", f) == NULL)
		return -1;
	s = place_free(path, taken);
	rec_set_str(r, "path", s);
	free(s);
	return 0;
}

static int
give(struct lxd *l, const struct batch *b, bool dry, void **given,
    struct fail *f)
{
	jv *added = malloc(sizeof(*added));

	if (added == NULL)
		errx(EX_OSERR, "out of memory");
	*given = added;
	return device_add(l, b, place, dry, added, f);
}

static int
undo(struct lxd *l, const struct batch *b, void *given, struct fail *f)
{
	return device_take_back(l, b->v[0], *(jv *)given, f);
}

int
add(int argc, char **argv)
{
	while (cli_getopt(argc, argv, "") != -1)
		;
	cli_no_operands(argc);
	return give_all(give, undo);
}
