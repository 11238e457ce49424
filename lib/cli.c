/*
 * The front of every main: verbs, common options, records in and out.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "cli.h"
#include "name.h"
#include "sig.h"
#include "text.h"

#define PROGRAM_FAILED 125 /* as env(1) and timeout(1) have it */

static const int codes[] = {
    [FAIL_NONE] = EX_OK,
    [FAIL_NO] = EX_NO,
    [FAIL_USAGE] = EX_USAGE,
    [FAIL_DATA] = EX_DATAERR,
    [FAIL_NOINPUT] = EX_NOINPUT,
    [FAIL_UNAVAILABLE] = EX_UNAVAILABLE,
    [FAIL_BUG] = EX_SOFTWARE,
    [FAIL_SYSTEM] = EX_OSERR,
    [FAIL_CREATE] = EX_CANTCREAT,
    [FAIL_IO] = EX_IOERR,
    [FAIL_AGAIN] = EX_TEMPFAIL,
    [FAIL_INTERRUPTED] = EX_TEMPFAIL,
    [FAIL_PROTOCOL] = EX_PROTOCOL,
    [FAIL_PERM] = EX_NOPERM,
    [FAIL_CONFIG] = EX_CONFIG,
    [FAIL_NO_PROGRAM] = 127, /* as a shell has it */
    [FAIL_NOT_RUN] = 126,
};
#define KINDS (sizeof(codes) / sizeof(*codes))

/* The state of one command line; a process has just one. */
static struct {
	const struct verb *table, *verb;
	const char *engine, *project;
	char *const *argv;
	bool dry_run, as_program;
} cli;

int
cli_code(enum fail_kind kind)
{
	return (size_t)kind < KINDS ? codes[kind] : EX_SOFTWARE;
}

enum fail_kind
cli_kind(int code)
{
	size_t i;

	for (i = 0; i < KINDS; i++)
		if (codes[i] == code)
			return (enum fail_kind)i;
	return FAIL_SYSTEM;
}

static void
print_usage(FILE *fp)
{
	const struct verb *v;
	const char *lead = "usage:";

	for (v = cli.table; v->name != NULL; v++) {
		if (cli.verb != NULL && cli.verb != v)
			continue;
		fprintf(fp, "%-6s %s %s%s%s%s%s\n", lead, getprogname(),
		    v->name, v->takes & CLI_DRY ? " [-n]" : "",
		    v->takes & CLI_ENGINE ? " [-p PROJECT] [-E ENGINE]" : "",
		    *v->synopsis ? " " : "", v->synopsis);
		lead = "";
	}
}

void
cli_usage(void)
{
	print_usage(stderr);
	exit(EX_USAGE);
}

static void
print_and_exit(bool version)
{
	if (version)
		printf("%s %s\n", getprogname(), VERSION);
	else
		print_usage(stdout);
	if (fclose(stdout) != 0)
		err(EX_IOERR, "standard output");
	exit(0);
}

int
cli_main(const struct verb *table, int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	const struct verb *v;

	cli.table = table;
	if (strcmp(name, "--version") == 0)
		print_and_exit(true);
	if (strcmp(name, "-h") == 0 || strcmp(name, "--help") == 0)
		print_and_exit(false);
	for (v = table; v->name != NULL; v++)
		if (strcmp(name, v->name) == 0) {
			cli.verb = v;
			return v->run(argc - 1, argv + 1);
		}
	if (argc > 1)
		cli_say(name, "no such verb");
	cli_usage();
}

static void
common_option(int c)
{
	switch (c) {
	case 'h':
		print_and_exit(false);
		break;
	case 'V':
		print_and_exit(true);
		break;
	case 'n':
		cli.dry_run = true;
		break;
	case 'p':
		cli.project = optarg;
		break;
	case 'E':
		cli.engine = optarg;
		break;
	}
}

int
cli_getopt(int argc, char **argv, const char *options)
{
	static const struct option longs[] = {
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {NULL, 0, NULL, 0},
	};
	char all[64];
	int c;

	cli.argv = argv;
	/* getopt(3) begins its messages with it, and it is the verb's */
	if (optind == 1)
		argv[0] = program_invocation_short_name;
	snprintf(all, sizeof(all), "+h%s%s%s",
	    cli.verb->takes & CLI_DRY ? "n" : "",
	    cli.verb->takes & CLI_ENGINE ? "p:E:" : "", options);
	while ((c = getopt_long(argc, argv, all, longs, NULL)) != -1) {
		if (c == '?')
			cli_usage();
		if (c != 'V' && strchr(options, c) != NULL)
			return c;
		common_option(c);
	}
	return -1;
}

void
cli_no_operands(int argc)
{
	if (optind < argc) {
		cli_say(cli.argv[optind], "unexpected operand");
		cli_usage();
	}
}

/* An option, else the environment; an empty one counts as none. */
static const char *
setting(const char *option, const char *variable)
{
	const char *s = option != NULL ? option : getenv(variable);

	return s != NULL && *s != '\0' ? s : NULL;
}

const char *
cli_engine(void)
{
	return setting(cli.engine, "LXG_ENGINE");
}

const char *
cli_project(void)
{
	const char *s = setting(cli.project, "LXG_PROJECT");
	struct fail f;

	if (s != NULL && name_check_project(s, &f) < 0)
		cli_die(&f, NULL);
	return s;
}

bool
cli_dry_run(void)
{
	return cli.dry_run;
}

void
cli_read(struct recs *r)
{
	struct fail f;

	if (recs_read(stdin, r, &f) < 0)
		cli_die(&f, NULL);
}

void
cli_refuse_failed(const struct recs *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (rec_failed(&r->v[i]))
			errx(EX_DATAERR, "line %zu: has failed before",
			    r->v[i].line);
}

void
cli_pass(struct recs *r)
{
	recs_put(stdout, r);
	recs_free(r);
}

void
cli_write(const struct recs *r)
{
	struct fail f;

	if (recs_write(stdout, r, &f) < 0)
		cli_die(&f, NULL);
}

int
cli_hand_over(const struct recs *r, struct fail *f)
{
	if (sig_caught())
		return fail_set(f, FAIL_INTERRUPTED, "interrupted");
	/* a reader that is gone is an error like a full disk */
	signal(SIGPIPE, SIG_IGN);
	return recs_write(stdout, r, f);
}

void
cli_warn(const struct fail *f, const char *object)
{
	char *s;

	if (f->text[0] == '\0')
		return;
	s = object ? text_fmt("%s: %s", object, f->text)
		   : text_fmt("%s", f->text);
	text_clean(s);
	warnx("%s", s);
	free(s);
}

void
cli_say(const char *object, const char *fmt, ...)
{
	char text[sizeof(((struct fail *)NULL)->text)];
	struct fail f;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fail_set(&f, FAIL_NONE, "%s", text);
	cli_warn(&f, object);
}

void
cli_as_program(void)
{
	cli.as_program = true;
}

void
cli_die(const struct fail *f, const char *object)
{
	cli_warn(f, object);
	if (!cli.as_program)
		exit(cli_code(f->kind));
	warnx("ended with %d", cli_code(f->kind));
	exit(PROGRAM_FAILED);
}
