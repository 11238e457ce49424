/*
 * lxg-mount mend: what one of the two users of a share has closed to the other
 * is opened again. SPDX-License-Identifier: ISC
 */
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "anew.h"
#include "cli.h"
#include "device.h"
#include "engine.h"
#include "here.h"
#include "mount.h"
#include "patience.h"
#include "scan.h"
#include "take.h"

#define ROUNDS	32 /* folders in folders that are closed, each a round */
#define SECONDS 60 /* all in all, for one that takes its time */

/* copy: -f, own: -l. */
struct choice {
	bool copy, own;
};

/*
 * As the login user as long as that helps, then with more capabilities, until
 * that doesn't either.
 */
static int
mend_inside(struct lxd *l, const struct rec *r, struct scan *s, int folder,
    struct fail *f)
{
	time_t end = patience_now() + SECONDS;
	bool able = false;
	int round;

	for (round = 0; s->n > 0 && round < ROUNDS; round++) {
		if (inside_mend(l, r, able, s->v, s->n, f) < 0)
			return -1;
		if (!scan_again(s, folder)) {
			if (able)
				break;
			able = true;
		}
		if (patience_now() >= end)
			break;
	}
	return 0;
}

static int
report(struct rec *r, const struct scan *s, bool own, struct fail *f)
{
	rec_set(r, "mended", jv_number((double)s->mended));
	rec_set(r, "left", jv_number((double)s->left));
	if (s->left == 0 || own)
		return 0;
	if (s->left == 1)
		return fail_set(f, FAIL_AGAIN, "share: %s", s->why);
	return fail_set(f, FAIL_AGAIN, "share: %zu are left: %s%s", s->left,
	    s->why, s->left > NAMED_MAX ? "; ..." : "");
}

static int
mend_share(struct rec *r, const struct choice *c, struct fail *f)
{
	struct scan s = {.copy = c->copy};
	struct lxd *l;
	uint32_t inside;
	int folder, ret = 0;

	if (here_check_record(r, f) < 0 ||
	    rec_id(r, "host_uid", &inside, f) < 0 ||
	    (folder = device_source(r, f)) < 0)
		return -1;
	s.users = (struct users){getuid(), inside};
	scan_folder(&s, folder);
	if (s.n > 0 && !c->own)
		ret = (l = engine_of(r, f)) == NULL
			  ? -1
			  : mend_inside(l, r, &s, folder, f);
	if (ret == 0)
		ret = report(r, &s, c->own, f);
	scan_free(&s);
	close(folder);
	return ret;
}

static int
mend_one(struct rec *r, const struct choice *c)
{
	const char *mount = obj_str(r->v, "mount");
	struct fail f;

	if (rec_failed(r))
		return EX_TEMPFAIL;
	if (cli_dry_run() || rec_true(r, "dry_run")) {
		rec_set(r, "dry_run", jv_true());
		return 0;
	}
	if (mount == NULL || strcmp(mount, "share") != 0 ||
	    mend_share(r, c, &f) == 0)
		return 0;
	cli_warn(&f, take_object(r));
	rec_error(r, &f);
	return EX_TEMPFAIL;
}

int
verb_mend(int argc, char **argv)
{
	struct choice choice = {false, false};
	struct recs in;
	int c, code = 0;
	size_t i;

	while ((c = cli_getopt(argc, argv, "fl")) != -1)
		if (c == 'f')
			choice.copy = true;
		else
			choice.own = true;
	cli_no_operands(argc);
	cli_read(&in);
	for (i = 0; i < in.n; i++)
		if ((c = mend_one(&in.v[i], &choice)) != 0)
			code = c;
	cli_write(&in);
	recs_free(&in);
	engine_close_all();
	return code;
}
