/*
 * kill-at [-a] [-w] N PROGRAM [ARG]...
 *
 * Runs the program, and kills (SIGKILL) the process that is about to make the
 * Nth system call of all that it and its children make; -a: all of them; -w:
 * only calls count that can change something (a kill before another one leaves
 * what a kill before the next of these leaves), and none before PROGRAM has
 * taken a lock. Exits
 * with 137 where that happened, with the program's status where it got through.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <linux/ptrace.h>
#include <sys/syscall.h>
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

/* Can the call change what others see? */
static bool
changes(const struct ptrace_syscall_info *call)
{
	static const long writes[] = {SYS_write, SYS_pwrite64, SYS_writev,
	    SYS_sendto, SYS_sendmsg, SYS_connect, SYS_rename, SYS_renameat,
	    SYS_renameat2, SYS_unlink, SYS_unlinkat, SYS_rmdir, SYS_mkdir,
	    SYS_mkdirat, SYS_linkat, SYS_fsync, SYS_fdatasync, SYS_ftruncate,
	    SYS_copy_file_range, SYS_ioctl, SYS_setxattr, SYS_fsetxattr,
	    SYS_removexattr, SYS_fremovexattr, SYS_fchmod, SYS_utimensat,
	    SYS_flock, SYS_fallocate, SYS_exit_group};
	size_t i;

	if ((long)call->entry.nr == SYS_openat)
		return (call->entry.args[2] & (O_CREAT | O_TRUNC)) != 0;
	for (i = 0; i < sizeof(writes) / sizeof(writes[0]); i++)
		if ((long)call->entry.nr == writes[i])
			return true;
	return false;
}

/* Is it a call that counts? -w: from the first lock on. */
static bool
counts(pid_t pid, bool writes)
{
	static bool begun;
	struct ptrace_syscall_info call;

	if (!writes)
		return true;
	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(call), &call) < 0)
		err(EX_OSERR, "ptrace");
	begun = begun || (long)call.entry.nr == SYS_flock;
	return begun && changes(&call);
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
	bool all = false, writes = false, killed = false;
	long n, calls = 0;
	pid_t root, pid;
	int status, result = 0, i, c;

	while ((c = getopt(argc, argv, "+aw")) != -1) {
		all = all || c == 'a';
		writes = writes || c == 'w';
	}
	argv += optind;
	if (argc - optind < 2 || (n = atol(argv[0])) < 1)
		errx(EX_USAGE, "usage: kill-at [-a] [-w] N PROGRAM [ARG]...");
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
		if (is_entry(pid, status) && counts(pid, writes) &&
		    ++calls == n) {
			killed = true;
			for (i = 0; i < nproc; i++)
				if (all || proc[i].pid == pid)
					kill(proc[i].pid, SIGKILL);
		}
		ptrace(PTRACE_SYSCALL, pid, NULL, signal_of(status));
	}
	return killed ? 137 : result;
}
