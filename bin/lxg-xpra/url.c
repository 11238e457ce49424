/*
 * Opens web addresses that the client names. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "url.h"

#define URL_MAX 2048

/* No quotes, spaces or backslashes: what they mean is for others to guess. */
static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			      "-._~:/?#[]@&()+,;=%";

/* http or https, and nothing in it but what an address may hold. */
static bool
is_valid(const char *s)
{
	size_t len = strlen(s);

	if (strncmp(s, "http://", 7) != 0 && strncmp(s, "https://", 8) != 0)
		return false;
	return len <= URL_MAX && strspn(s, allowed) == len;
}

static void
open_url(const char *url)
{
	if (fork() != 0)
		return;
	setsid();
	dup2(STDOUT_FILENO, STDIN_FILENO);
	execlp("xdg-open", "xdg-open", url, (char *)NULL);
	_exit(127);
}

/* Standard input is the pipe; nothing else of ours stays open. */
static void
serve(int from)
{
	int null = open("/dev/null", O_RDWR);
	char line[URL_MAX + 2];
	time_t last = 0, now;
	FILE *fp;

	dup2(from, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	closefrom(STDERR_FILENO + 1);
	fp = fdopen(STDIN_FILENO, "r"); /* stdin has met its end before */
	while (fp != NULL && fgets(line, sizeof(line), fp) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		now = time(NULL);
		if (now == last || !is_valid(line))
			continue;
		last = now;
		open_url(line);
	}
}

/* No child of ours, so that nobody waits for what it has started. */
static void
detach(int from)
{
	sigset_t none;

	if (fork() != 0)
		_exit(0);
	signal(SIGCHLD, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	serve(from);
	_exit(0);
}

int
url_opener(void)
{
	int pair[2];
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		detach(pair[0]);
	close(pair[0]);
	if (pid < 0) {
		close(pair[1]);
		return -1;
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	fcntl(pair[1], F_SETFD, 0);
	return pair[1];
}
