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

static void
find_process(struct intent *i)
{
	i->boot = machine_boot();
	if ((i->started = machine_started(i->pid)) < 0)
		errx(EX_NOINPUT, "%lld: no such process", i->pid);
}

/* Prints the new row's number and no record: a shell keeps it. */
static int
verb_begin(int argc, char **argv)
{
	struct intent i = {.pid = getppid()};
	const char *engine, *project;
	struct state *s;
	struct fail f;
	int c;

	while ((c = cli_getopt(argc, argv, "fP:")) != -1)
		if (c == 'f')
			i.forced = true;
		else
			i.pid = number_of(optarg);
	if (argc - optind < 2 || argc - optind > 3)
		cli_usage();
	engine = cli_engine();
	project = cli_project();
	i.verb = argv[optind];
	i.by = (struct holder){machine_id(), machine_name(),
	    engine != NULL ? engine : "", project != NULL ? project : "",
	    argv[optind + 1], argc - optind == 3 ? argv[optind + 2] : "", ""};
	find_process(&i);
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
	const struct {
		const char *key;
		bool is;
	} flags[] = {
	    {"profile", i->profile}, {"forced", i->forced}, {"used", i->used}};
	struct rec r = {jv_object(), 0};
	size_t n;

	rec_set(&r, "intent", jv_number((double)i->id));
	rec_set_str(&r, "verb", i->verb);
	rec_set_str(&r, "engine", i->by.engine);
	rec_set_str(&r, "project", i->by.project);
	rec_set_str(&r, "instance", i->by.instance);
	rec_set(&r, "pid", jv_number((double)i->pid));
	rec_set(&r, "alive", jv_bool(i->alive));
	if (i->by.uuid[0] != '\0')
		rec_set_str(&r, "uuid", i->by.uuid);
	if (i->call[0] != '\0')
		rec_set_str(&r, "call", i->call);
	for (n = 0; n < sizeof(flags) / sizeof(flags[0]); n++)
		if (flags[n].is)
			rec_set(&r, flags[n].key, jv_true());
	rec_set(&r, "stepped", jv_number((double)i->stepped));
	return r.v;
}

/* Prints the row as it is then. */
static int
verb_take(int argc, char **argv)
{
	struct intent i = {.pid = getppid()};
	struct recs r = {NULL, 0};
	struct state *s;
	struct fail f;
	int taken;

	while (cli_getopt(argc, argv, "P:") != -1)
		i.pid = number_of(optarg);
	if (argc - optind < 1 || argc - optind > 2)
		cli_usage();
	i.id = number_of(argv[optind]);
	i.by.uuid = argc - optind == 2 ? argv[optind + 1] : "";
	find_process(&i);
	s = open_state(0);
	if ((taken = state_intent_take(s, &i, &f)) < 0)
		cli_die(&f, NULL);
	if (taken == 1)
		recs_add(&r, intent_record(&i));
	state_close(s);
	if (taken == 0)
		return EX_NO;
	cli_write(&r);
	recs_free(&r);
	return 0;
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
    {"begin", verb_begin, "[-f] [-P PID] VERB INSTANCE [UUID]", CLI_ENGINE},
    {"take", verb_take, "[-P PID] NUMBER [UUID]", 0},
    {"end", verb_end, "NUMBER...", 0},
    {"list", verb_list, "", 0},
    {NULL, NULL, NULL, 0},
};

int
main(int argc, char **argv)
{
	return cli_main(verbs, argc, argv);
}
