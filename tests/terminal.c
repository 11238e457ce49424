/*
 * terminal interrupt SECONDS COMMAND [ARG]...: runs a command on a terminal of
 * its own, types Ctrl-C there so many seconds later, and nothing else. Prints
 * how it ended, as a shell would have it, or "swallowed" where it goes on, and
 * what it showed.
 * terminal close COMMAND [ARG]...: closes the terminal at a line of standard
 * input, and prints how the command ended.
 * terminal full COMMAND [ARG]...: its output alone goes to a terminal, and
 * nobody takes it from there.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define LIMIT 30 /* seconds, that a command has to end in */

static char shown[1 << 20];
static size_t len;

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
run(char **argv)
{
	execvp(argv[0], argv);
	err(127, "%s", argv[0]);
}

/* Ctrl-C throws away what nobody has read yet. */
static void
keep_shown(void)
{
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &t) < 0)
		err(EX_OSERR, "terminal");
	t.c_lflag |= NOFLSH;
	if (tcsetattr(STDIN_FILENO, TCSANOW, &t) < 0)
		err(EX_OSERR, "terminal");
}

static pid_t
start(char **argv, int *master)
{
	pid_t pid = forkpty(master, NULL, NULL, NULL);

	if (pid < 0)
		err(EX_OSERR, "terminal");
	if (pid == 0) {
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		signal(SIGHUP, SIG_DFL);
		keep_shown();
		run(argv);
	}
	return pid;
}

static int
code(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Keeps what it shows, for as long as that. */
static void
show(int master, int ms)
{
	struct pollfd p = {.fd = master, .events = POLLIN};
	ssize_t n;

	if (poll(&p, 1, ms) <= 0)
		return;
	n = read(master, shown + len, sizeof(shown) - len);
	if (n > 0)
		len += (size_t)n;
	else
		usleep(10000); /* all who had it open are gone */
}

/* How it ended, or -1 where it has not. */
static int
watch(pid_t pid, int master, double after)
{
	const char *factor = getenv("WAIT_FACTOR");
	double limit = LIMIT * (factor != NULL ? atof(factor) : 1);
	double begun = now(), past;
	bool typed = false;
	int status, ms;

	while ((past = now() - begun) < after + limit) {
		if (!typed && past >= after)
			typed = write(master, "\3", 1) == 1;
		ms = typed || after - past > 0.05 ? 50
						  : (int)((after - past) * 1e3);
		show(master, ms > 0 ? ms : 0);
		if (waitpid(pid, &status, WNOHANG) == pid)
			return code(status);
	}
	return -1;
}

static int
interrupt(char **argv)
{
	int master, ended;
	pid_t pid = start(argv + 1, &master);

	/* before it has the terminal there is nobody to whom it would go */
	while (tcgetpgrp(master) != pid)
		usleep(1000);
	ended = watch(pid, master, atof(argv[0]));
	if (ended < 0) {
		kill(-pid, SIGKILL);
		waitpid(pid, NULL, 0);
		puts("swallowed");
	} else
		printf("%d\n", ended);
	fwrite(shown, 1, len, stdout);
	return EX_OK;
}

static int
close_it(char **argv)
{
	int master, status;
	pid_t pid = start(argv, &master);

	while (getchar() != '\n' && !feof(stdin))
		;
	close(master);
	waitpid(pid, &status, 0);
	printf("%d\n", code(status));
	return EX_OK;
}

static int
full(char **argv)
{
	int master, slave, status;
	pid_t pid;

	if (openpty(&master, &slave, NULL, NULL, NULL) < 0 ||
	    (pid = fork()) < 0)
		err(EX_OSERR, "terminal");
	if (pid == 0) {
		dup2(slave, STDOUT_FILENO);
		close(slave);
		close(master);
		run(argv);
	}
	waitpid(pid, &status, 0);
	return code(status);
}

int
main(int argc, char **argv)
{
	if (argc > 3 && strcmp(argv[1], "interrupt") == 0)
		return interrupt(argv + 2);
	if (argc > 2 && strcmp(argv[1], "close") == 0)
		return close_it(argv + 2);
	if (argc > 2 && strcmp(argv[1], "full") == 0)
		return full(argv + 2);
	errx(EX_USAGE, "usage: terminal interrupt SECONDS | close | full "
		       "COMMAND [ARG]...");
}
