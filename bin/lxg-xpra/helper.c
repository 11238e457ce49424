/*
 * A process that does for the monitor what may take its time.
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper.h"

/* Standard input is the pipe. */
static void
detach(int from, void (*serve)(int))
{
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	if (fork() != 0)
		_exit(0);
	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	dup2(from, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	closefrom(STDERR_FILENO + 1);
	serve(STDIN_FILENO);
	_exit(0);
}

int
helper_run(int from, void (*serve)(int))
{
	pid_t pid = fork();

	if (pid == 0)
		detach(from, serve);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return pid < 0 ? -1 : 0;
}

int
helper_start(void (*serve)(int))
{
	int pair[2], ret;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return -1;
	ret = helper_run(pair[0], serve);
	close(pair[0]);
	if (ret < 0) {
		close(pair[1]);
		return -1;
	}
	fcntl(pair[1], F_SETFL, O_NONBLOCK);
	return pair[1];
}
