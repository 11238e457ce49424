/*
 * kill-at [-a] N PROGRAM [ARG]...
 *
 * Runs the program, and kills (SIGKILL) the process that is about to make the
 * Nth system call of all that it and its children make; -a: all of them. Exits
 * with 137 where that happened, with the program's status where it got through.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define OPTIONS                                                                \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK |      \
	    PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC)
#define MAX_PIDS 256

/* Who is there, and in a system call: each one stops on its way in and out. */
static struct {
	pid_t pid;
	bool inside;
} proc[MAX_PIDS];
static int nproc;

static int
slot_of(pid_t pid)
{
	int i;

	for (i = 0; i < nproc && proc[i].pid != pid; i++)
		;
	if (i == MAX_PIDS)
		errx(EX_SOFTWARE, "too many processes");
	if (i == nproc) {
		proc[nproc].inside = false;
		proc[nproc++].pid = pid;
	}
	return i;
}

static void
drop(pid_t pid)
{
	proc[slot_of(pid)] = proc[nproc - 1];
	nproc--;
}

static pid_t
start(char **argv)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		err(EX_OSERR, "fork");
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execvp(argv[0], argv);
		err(127, "%s", argv[0]);
	}
	/* the first stop is the exec's */
	if (waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status))
		errx(127, "%s: not started", argv[0]);
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL, OPTIONS) < 0 ||
	    ptrace(PTRACE_SYSCALL, pid, NULL, NULL) < 0)
		err(EX_OSERR, "ptrace");
	slot_of(pid);
	return pid;
}

/* What a stopped process is to be given when it goes on. */
static int
signal_of(int status)
{
	int signo = WSTOPSIG(status);

	/* stops that ptrace made: calls, events, and a new child's first one */
	if (signo == (SIGTRAP | 0x80) || status >> 16 != 0 || signo == SIGSTOP)
		return 0;
	return signo;
}

static bool
is_entry(pid_t pid, int status)
{
	int i = slot_of(pid);

	if (WSTOPSIG(status) != (SIGTRAP | 0x80))
		return false;
	proc[i].inside = !proc[i].inside;
	return proc[i].inside;
}

int
main(int argc, char **argv)
{
	bool all = argc > 1 && strcmp(argv[1], "-a") == 0, killed = false;
	long n, calls = 0;
	pid_t root, pid;
	int status, result = 0, i;

	argv += 1 + all;
	if (argc < 3 + all || (n = atol(argv[0])) < 1)
		errx(EX_USAGE, "usage: kill-at [-a] N PROGRAM [ARG]...");
	root = start(argv + 1);
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (!WIFSTOPPED(status)) {
			if (pid == root && WIFEXITED(status))
				result = WEXITSTATUS(status);
			else if (pid == root)
				result = 128 + WTERMSIG(status);
			drop(pid);
			continue;
		}
		if (is_entry(pid, status) && ++calls == n) {
			killed = true;
			for (i = 0; i < nproc; i++)
				if (all || proc[i].pid == pid)
					kill(proc[i].pid, SIGKILL);
		}
		ptrace(PTRACE_SYSCALL, pid, NULL, signal_of(status));
	}
	return killed ? 137 : result;
}
