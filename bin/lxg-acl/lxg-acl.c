/*
 * lxg-acl: gives an instance's user access to host files and folders, and takes
 * it back so that nothing is left of it. SPDX-License-Identifier: ISC
 */
#include <string.h>
#include <sys/resource.h>

#include "cli.h"
#include "verbs.h"

/* The record as it was granted, and when: recover goes by that. */
static int
list_holder(struct recs *r, const struct holder *h, struct fail *f)
{
	jv v;

	if (rec_parse(h->text, strlen(h->text), &v, f) < 0)
		return -1;
	recs_add(r, v);
	rec_set(&r->v[r->n - 1], "granted", jv_number((double)h->granted));
	rec_set_str(&r->v[r->n - 1], "boot", h->boot);
	return 0;
}

static int
list(int argc, char **argv)
{
	struct recs r = {NULL, 0};
	const struct loan *l;
	struct journal j;
	struct fail f;
	size_t n;

	if (cli_getopt(argc, argv, "") != -1)
		cli_usage();
	cli_no_operands(argc);
	if (journal_open(&j, false, &f) < 0 || journal_load(&j, &f) < 0)
		cli_die(&f, NULL);
	journal_close(&j);
	for (l = j.loans; l != NULL; l = l->next)
		for (n = 0; n < l->nh; n++)
			if (list_holder(&r, &l->h[n], &f) < 0)
				cli_die(&f, "journal");
	cli_write(&r);
	return 0;
}

static const struct verb verbs[] = {
    {"grant", acl_grant, "", CLI_DRY},
    {"list", list, "", 0},
    {"revoke", acl_revoke, "", CLI_DRY},
    {NULL, NULL, NULL, 0},
};

int
main(int argc, char **argv)
{
	struct rlimit files;

	/* a descriptor stands for each file from its check to its change */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	return cli_main(verbs, argc, argv);
}
