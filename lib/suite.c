/*
 * Programs of the suite that another one calls. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "suite.h"
#include "text.h"

static void
run_child(const char *program, const char *verb, int in, int out)
{
	char *exe = realpath("/proc/self/exe", NULL), *path;

	if (exe == NULL || dup2(in, 0) < 0 || dup2(out, 1) < 0)
		_exit(127);
	path = text_fmt("%s/%s", dirname(exe), program);
	execl(path, program, verb, (char *)NULL);
	/* built in place, each program lies in a folder of its own */
	path = text_fmt("%s/../%s/%s", dirname(path), program, program);
	execl(path, program, verb, (char *)NULL);
	_exit(127);
}

/* What it is to read: a file of its own, for no pipe holds any number. */
static int
input(const struct recs *r, struct fail *f)
{
	int fd = r == NULL ? open("/dev/null", O_RDONLY | O_CLOEXEC)
			   : memfd_create("records", MFD_CLOEXEC);
	int copy = fd < 0 || r == NULL ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
	FILE *fp = copy < 0 ? NULL : fdopen(copy, "w");

	if (fd >= 0 && (r == NULL || (fp != NULL && recs_write(fp, r, f) == 0 &&
					 lseek(fd, 0, SEEK_SET) == 0)))
		return fd;
	if (fd >= 0)
		close(fd);
	return fail_errno(f, "records");
}

int
suite_records(const char *program, const char *verb, const struct recs *in,
    struct recs *r, struct fail *f)
{
	int fd[2], from, status, ret;
	FILE *fp;
	pid_t pid;

	if ((from = input(in, f)) < 0)
		return -1;
	if (pipe2(fd, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		return fail_errno(f, "%s", program);
	if (pid == 0)
		run_child(program, verb, from, fd[1]);
	close(from);
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
		? cli_kind(WEXITSTATUS(status))
		: FAIL_SYSTEM,
	    "%s %s failed", program, verb);
}
