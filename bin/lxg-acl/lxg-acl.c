/*
 * lxg-acl: gives an instance's user access to host files and folders, and takes
 * it back so that nothing is left of it. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli.h"
#include "verbs.h"

/* The record as it was granted, and when: recover goes by that. */
static int
list_holder(struct plain *r, const struct holder *h, struct fail *f)
{
	char json[32];

	if (plain_from(h->text, r, f) < 0)
		return -1;
	snprintf(json, sizeof(json), "%lld", h->granted);
	plain_set(r, KEY_GRANTED, json);
	plain_set_str(r, KEY_BOOT, h->boot);
	return 0;
}

static size_t
count(const struct journal *j)
{
	const struct loan *l;
	size_t n = 0;

	for (l = j->loans; l != NULL; l = l->next)
		n += l->nh;
	return n;
}

static void
list_loan(struct plains *r, const struct loan *l)
{
	struct fail f;
	size_t n;

	for (n = 0; n < l->nh; n++)
		if (!l->h[n].gone &&
		    list_holder(&r->v[r->n++], &l->h[n], &f) < 0)
			cli_die(&f, "journal");
}

static int
list(int argc, char **argv)
{
	struct plains r = {NULL, 0};
	const struct loan *l;
	struct journal j;
	struct fail f;

	if (cli_getopt(argc, argv, "") != -1)
		cli_usage();
	cli_no_operands(argc);
	if (journal_open(&j, false, &f) < 0 || journal_load(&j, &f) < 0)
		cli_die(&f, NULL);
	journal_close(&j);
	if ((r.v = calloc(count(&j) + 1, sizeof(*r.v))) == NULL)
		errx(EX_OSERR, "out of memory");
	for (l = j.loans; l != NULL; l = l->next)
		list_loan(&r, l);
	if (plains_write(stdout, &r, &f) < 0)
		cli_die(&f, NULL);
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
	/* where a descriptor has a name that is short to resolve: facl.c */
	if (chdir("/proc/self/fd") < 0)
		err(EX_OSERR, "/proc/self/fd");
	return cli_main(verbs, argc, argv);
}
