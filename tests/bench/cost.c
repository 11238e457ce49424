/*
 * cost N FILE COMMAND [ARG]...: runs the command N times on that input, and
 * prints its median CPU time (user and system, microseconds) and the most
 * memory that it took (KiB). A small parent, since a child's peak begins with
 * what it was forked from. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define RUNS_MAX 1000

static void
run_child(const char *input, char **argv)
{
	int in = open(input, O_RDONLY), out = open("/dev/null", O_WRONLY);

	if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0)
		_exit(EX_OSERR);
	execvp(argv[0], argv);
	_exit(127);
}

static long
micros(const struct timeval *t)
{
	return t->tv_sec * 1000000L + t->tv_usec;
}

static int
compare(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	static long cpu[RUNS_MAX];
	struct rusage usage;
	long memory = 0;
	int n = argc > 3 ? atoi(argv[1]) : 0, i, status;
	pid_t pid;

	if (n < 1 || n > RUNS_MAX)
		errx(EX_USAGE, "usage: cost N FILE COMMAND [ARG]...");
	for (i = 0; i < n; i++) {
		if ((pid = fork()) < 0)
			err(EX_OSERR, "fork");
		if (pid == 0)
			run_child(argv[2], argv + 3);
		if (wait4(pid, &status, 0, &usage) < 0)
			err(EX_OSERR, "wait4");
		if (status != 0)
			errx(EX_TEMPFAIL, "%s: failed", argv[3]);
		cpu[i] = micros(&usage.ru_utime) + micros(&usage.ru_stime);
		if (usage.ru_maxrss > memory)
			memory = usage.ru_maxrss;
	}
	qsort(cpu, (size_t)n, sizeof(cpu[0]), compare);
	printf("%ld %ld\n", cpu[n / 2], memory);
	return 0;
}
