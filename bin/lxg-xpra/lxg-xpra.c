/*
 * Display servers in instances, and their clients on the host.
 * SPDX-License-Identifier: ISC
 */
#include "cli.h"
#include "verbs.h"

static const struct verb verbs[] = {
    {"start", verb_start, "[-d] [-t exec|ssh] COMMAND [ARG]... | -m FILE|URL",
	0},
    {"join", verb_join, "[-e | -O FD] COMMAND [ARG]...", 0},
    {"attach", verb_attach, "[-w] [-o CLIENT-OPTION]... [-e | -O FD]", 0},
    {"app", verb_app, "PROGRAM", 0},
    {"list", verb_list, "[-t]", 0},
    {"stop", verb_stop, "", CLI_DRY},
    {0},
};

int
main(int argc, char **argv)
{
	return cli_main(verbs, argc, argv);
}
