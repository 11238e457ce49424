/*
 * Programs of the suite that another one calls. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "suite.h"
#include "text.h"

static void
run_child(const char *program, const char *verb, int out)
{
	char *exe = realpath("/proc/self/exe", NULL), *path;
	int null = open("/dev/null", O_RDONLY);

	if (exe == NULL || null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0)
		_exit(EX_OSERR);
	path = text_fmt("%s/%s", dirname(exe), program);
	execl(path, program, verb, (char *)NULL);
	/* built in place, each program lies in a folder of its own */
	path = text_fmt("%s/../%s/%s", dirname(path), program, program);
	execl(path, program, verb, (char *)NULL);
	_exit(127);
}

int
suite_records(
    const char *program, const char *verb, struct recs *r, struct fail *f)
{
	int fd[2], status, ret;
	FILE *fp;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) < 0)
		return fail_errno(f, "%s", program);
	if ((pid = fork()) < 0) {
		close(fd[0]);
		close(fd[1]);
		return fail_errno(f, "%s", program);
	}
	if (pid == 0)
		run_child(program, verb, fd[1]);
	close(fd[1]);
	fp = fdopen(fd[0], "r");
	ret = recs_read(fp, r, f);
	fclose(fp);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return ret;
	if (ret == 0)
		recs_free(r);
	return fail_set(f,
	    WIFEXITED(status) && WEXITSTATUS(status) != 127
		? WEXITSTATUS(status)
		: EX_OSERR,
	    "%s %s failed", program, verb);
}
