/*
 * lxg-acl: gives an instance's user access to host files and folders, and takes
 * it back so that nothing is left of it. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "mem.h"
#include "verbs.h"

static void
tell_damage(const struct state *s)
{
	static const char *told;

	if (state_damage(s) != NULL && state_damage(s) != told)
		warnx("%s", state_damage(s));
	told = state_damage(s);
}

struct state *
acl_state(unsigned how, struct fail *f)
{
	struct state *s = state_open(how | STATE_ALONE, f);

	if (s != NULL)
		tell_damage(s);
	return s;
}

void
acl_close(struct state *s)
{
	tell_damage(s);
	state_close(s);
}

/*
 * The record as it was granted, with what has become known since. To take it
 * apart and put it together again would be most of the work of a list.
 */
static void
print(FILE *fp, const struct grant *g)
{
	int len = (int)strlen(g->record) - 1; /* without its brace */

	fprintf(fp, "%.*s,\"granted\":%lld,\"boot\":\"%s\"", len, g->record,
	    g->granted, g->boot);
	if (g->intent != 0)
		fprintf(fp, ",\"intent\":%lld", g->intent);
	if (!holder_here(&g->by))
		fprintf(fp, ",\"machine\":\"%s\",\"host\":\"%s\"",
		    g->by.machine, g->by.host);
	fputs("}\n", fp);
}

/* For a terminal: by way of what makes it safe there. */
static jv
record_of(const struct grant *g)
{
	size_t size;
	struct fail f;
	char *text;
	FILE *fp = mem_need(open_memstream(&text, &size));
	jv v;

	print(fp, g);
	if (fclose(fp) != 0)
		mem_out();
	if (rec_parse(text, size, &v, &f) < 0)
		cli_die(&f, "state");
	free(text);
	return v;
}

static void
show(const struct grant *g, struct recs *shown)
{
	if (shown != NULL)
		recs_add(shown, record_of(g));
	else
		print(stdout, g);
}

#define KEEP (30 * 24 * 60 * 60)

/* What was gone a month ago is forgotten. */
static void
forget_gone(struct state *s, struct loan *l)
{
	long long since = (long long)time(NULL) - KEEP;
	struct fail f;
	size_t i, n = 0;

	for (i = 0; i < l->n; i++)
		if (!l->v[i].gone || l->v[i].granted > since)
			l->v[n++] = l->v[i];
	if (n == l->n)
		return;
	l->n = n;
	if (state_loan_put(s, l, &f) < 0)
		cli_die(&f, NULL);
}

static int
verb_list(int argc, char **argv)
{
	bool terminal = isatty(STDOUT_FILENO);
	struct recs shown = {NULL, 0};
	struct loan *v;
	struct state *s;
	struct fail f;
	size_t n, i, k, count = 0;

	if (cli_getopt(argc, argv, "") != -1)
		cli_usage();
	cli_no_operands(argc);
	if ((s = acl_state(0, &f)) == NULL || state_loans(s, &v, &n, &f) < 0)
		cli_die(&f, NULL);
	for (i = 0; i < n; i++) {
		forget_gone(s, &v[i]);
		for (k = 0; k < v[i].n; k++)
			if (!v[i].v[k].gone) {
				show(&v[i].v[k], terminal ? &shown : NULL);
				count++;
			}
	}
	acl_close(s);
	if (terminal || count == 0)
		cli_write(&shown);
	else if (ferror(stdout) | fclose(stdout))
		err(EX_IOERR, "standard output");
	return 0;
}

static const struct verb verbs[] = {
    {"grant", verb_grant, "", CLI_DRY},
    {"list", verb_list, "", 0},
    {"revoke", verb_revoke, "", CLI_DRY},
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
