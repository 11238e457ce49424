/*
 * All that runs in an instance of the tests' cluster: an init, and under the
 * name cat what prints files. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static int
cat(const char *path)
{
	FILE *fp = fopen(path, "re");
	int c;

	if (fp == NULL)
		err(1, "%s", path);
	while ((c = getc(fp)) != EOF)
		putchar(c);
	fclose(fp);
	return fflush(stdout) != 0;
}

int
main(int argc, char **argv)
{
	sigset_t all;
	int signo;

	if (argc == 2 && strcmp(argv[0] + strlen(argv[0]) - 3, "cat") == 0)
		return cat(argv[1]);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	do {
		sigwait(&all, &signo);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	} while (signo != SIGPWR && signo != SIGTERM && signo != SIGINT);
	return 0;
}
