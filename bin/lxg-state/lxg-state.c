/*
 * lxg-state: tells the state that a pipeline is under way, and that it has
 * ended, so that what a crash left half done is known by what it is.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli.h"
#include "machine.h"
#include "state.h"

static struct state *
open_state(unsigned how)
{
	struct fail f;
	struct state *s = state_open(how, &f);

	if (s == NULL)
		cli_die(&f, NULL);
	if (state_damage(s) != NULL)
		warnx("%s", state_damage(s));
	return s;
}

static long long
number_of(const char *s)
{
	const char *why;
	long long n = strtonum(s, 1, INT64_MAX, &why);

	if (why != NULL)
		errx(EX_USAGE, "%s: %s", s, why);
	return n;
}

/* Prints the new row's number and no record: a shell keeps it. */
static int
verb_begin(int argc, char **argv)
{
	struct intent i = {.pid = getppid(), .boot = machine_boot()};
	const char *engine, *project;
	struct state *s;
	struct fail f;
	int c;

	while ((c = cli_getopt(argc, argv, "P:")) != -1)
		i.pid = number_of(optarg);
	if (optind + 2 != argc)
		cli_usage();
	engine = cli_engine();
	project = cli_project();
	i.verb = argv[optind];
	i.by = (struct holder){machine_id(), machine_name(),
	    engine != NULL ? engine : "", project != NULL ? project : "",
	    argv[optind + 1], "", ""};
	if ((i.started = machine_started(i.pid)) < 0)
		errx(EX_NOINPUT, "%lld: no such process", i.pid);
	s = open_state(STATE_MAKE);
	if (state_intent_begin(s, &i, &f) < 0)
		cli_die(&f, NULL);
	state_close(s);
	if (printf("%lld\n", i.id) < 0 || fclose(stdout) != 0)
		err(EX_IOERR, "standard output");
	return 0;
}

static int
verb_end(int argc, char **argv)
{
	struct state *s;
	struct fail f;
	int n;

	if (cli_getopt(argc, argv, "") != -1 || optind == argc)
		cli_usage();
	for (n = optind; n < argc; n++)
		number_of(argv[n]);
	s = open_state(0);
	for (n = optind; n < argc; n++)
		if (state_intent_end(s, number_of(argv[n]), &f) < 0)
			cli_die(&f, NULL);
	state_close(s);
	return 0;
}

static jv
intent_record(const struct intent *i)
{
	struct rec r = {jv_object(), 0};

	rec_set(&r, "intent", jv_number((double)i->id));
	rec_set_str(&r, "verb", i->verb);
	rec_set_str(&r, "engine", i->by.engine);
	rec_set_str(&r, "project", i->by.project);
	rec_set_str(&r, "instance", i->by.instance);
	rec_set(&r, "pid", jv_number((double)i->pid));
	rec_set(&r, "alive", i->alive ? jv_true() : jv_false());
	return r.v;
}

static int
verb_list(int argc, char **argv)
{
	struct recs r = {NULL, 0};
	struct intent *v;
	struct state *s;
	struct fail f;
	size_t n, i;

	if (cli_getopt(argc, argv, "") != -1)
		cli_usage();
	cli_no_operands(argc);
	s = open_state(0);
	if (state_intents(s, &v, &n, &f) < 0)
		cli_die(&f, NULL);
	for (i = 0; i < n; i++)
		recs_add(&r, intent_record(&v[i]));
	state_close(s);
	cli_write(&r);
	recs_free(&r);
	return 0;
}

static const struct verb verbs[] = {
    {"begin", verb_begin, "[-P PID] VERB INSTANCE", CLI_ENGINE},
    {"end", verb_end, "NUMBER...", 0},
    {"list", verb_list, "", 0},
    {NULL, NULL, NULL, 0},
};

int
main(int argc, char **argv)
{
	return cli_main(verbs, argc, argv);
}
