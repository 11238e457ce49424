/*
 * What the programs' command lines share: the front of every main, which with
 * take.h and mem.h alone in the library prints and exits.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_CLI_H
#define LXG_CLI_H

#include <stdbool.h>

#include "fail.h"
#include "rec.h"

#define EX_NO 1 /* a plain "no": not found, not running; see lxg(7) */

/* What a program ends with for a failure, and the kind that another one had. */
int cli_code(enum fail_kind);
enum fail_kind cli_kind(int code);

struct verb {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0]: the verb */
	const char *synopsis;		   /* what follows it in usage */
	unsigned takes;			   /* common options, below */
};

#define CLI_ENGINE 1u /* -p PROJECT, -E ENGINE */
#define CLI_DRY	   2u /* -n */

/* The table ends with a NULL name. Returns the exit code. */
int cli_main(const struct verb *, int argc, char **argv);

/*
 * getopt(3) for a verb's own options; the common ones it takes care of. An
 * unknown one ends with EX_USAGE. Stops at the first operand.
 */
int cli_getopt(int argc, char **argv, const char *options);

void cli_usage(void) __attribute__((noreturn)); /* EX_USAGE */
void cli_no_operands(int argc);			/* usage if any are left */

const char *cli_engine(void);  /* -E, LXG_ENGINE, or NULL */
const char *cli_project(void); /* -p, LXG_PROJECT, or NULL */
bool cli_dry_run(void);	       /* -n */

/*
 * Standard input's records; ends the program where there are none
 * (EX_NOINPUT).
 */
void cli_read(struct recs *);

/* For verbs that give: ends with EX_DATAERR where one has failed before. */
void cli_refuse_failed(const struct recs *);

/* Writes them to standard output, closes it; ends with EX_IOERR on failure. */
void cli_write(const struct recs *);

/* Writes the first of them, which are then freed; cli_write() has to follow. */
void cli_pass(struct recs *);

/*
 * The same for what was given or made, and comes back where that has to be
 * undone: nobody reads it, or a signal came.
 */
int cli_hand_over(const struct recs *, struct fail *);

/* From now on what fails ends with 125, and a line has the code. */
void cli_as_program(void);

/* errx(3) with the kind's code; the object may be NULL. Quiet on no text. */
void cli_die(const struct fail *, const char *object) __attribute__((noreturn));
/* warnx(3) likewise, for the verbs that go on to the end. */
void cli_warn(const struct fail *, const char *object);
/* The same for what is to be known and is no failure. */
void cli_say(const char *object, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
