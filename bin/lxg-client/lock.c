/*
 * The lock. Each layer would do by itself: the list of system calls is the one
 * that holds on every host, and the others are there for its faults.
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lock.h"

#define FDS_MAX	   48		/* open at once, and numbers below it */
#define MEMORY_MAX (3ull << 30) /* of addresses: pixels, and a packet */

extern char **environ;

/*
 * What needs no look at its arguments. None opens, makes or names anything,
 * and none sends a descriptor away: sendmsg(2) could hand the X connection to
 * the instance, for longer than the session lasts.
 */
static const int calls[] = {SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(write),
    SCMP_SYS(writev), SCMP_SYS(recvmsg), SCMP_SYS(recvfrom), SCMP_SYS(poll),
    SCMP_SYS(ppoll), SCMP_SYS(close), SCMP_SYS(munmap), SCMP_SYS(mremap),
    SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex), SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday), SCMP_SYS(getrandom), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(restart_syscall), SCMP_SYS(exit),
    SCMP_SYS(exit_group)};

/* Memory that can be run never comes to be. */
static const int memory[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};

static const int flags[] = {F_GETFL, F_SETFL};

/* 0 or -errno, as libseccomp has it. */
static int
add_calls(scmp_filter_ctx c)
{
	size_t i;
	int e = 0;

	for (i = 0; e == 0 && i < sizeof(calls) / sizeof(*calls); i++)
		e = seccomp_rule_add(c, SCMP_ACT_ALLOW, calls[i], 0);
	for (i = 0; e == 0 && i < sizeof(memory) / sizeof(*memory); i++)
		e = seccomp_rule_add(c, SCMP_ACT_ALLOW, memory[i], 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	for (i = 0; e == 0 && i < sizeof(flags) / sizeof(*flags); i++)
		e = seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
		    SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)flags[i], 0));
	/* send(2): to nobody but the other end */
	if (e == 0)
		e = seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 1,
		    SCMP_A4(SCMP_CMP_EQ, 0, 0));
	return e;
}

static int
filter(struct fail *f)
{
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int e = c == NULL ? -ENOMEM : 0;

	if (e == 0)
		e = seccomp_attr_set(
		    c, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (e == 0)
		e = add_calls(c);
	if (e == 0)
		e = seccomp_load(c);
	seccomp_release(c);
	if (e < 0)
		return fail_set(f, FAIL_SYSTEM,
		    "this kernel takes no filter of system calls: %s",
		    strerror(-e));
	return 0;
}

/* A host without a name: its root folder is empty, and can't be written. */
static void
empty_host(void)
{
	const unsigned long flag = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY;

	if (sethostname("lxg", 3) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", "/tmp", "tmpfs", flag, "size=4k,nr_inodes=1") < 0 ||
	    chdir("/tmp") < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
	    umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return; /* it has no call that takes a path, either */
}

static void
drop_capabilities(void)
{
	struct __user_cap_header_struct head = {
	    .version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {0};

	(void)syscall(SYS_capset, &head, none);
}

/* Where the host forbids them, the rest holds as well. */
static void
namespaces(void)
{
	const int all = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET |
			CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
			CLONE_NEWCGROUP;

	if (unshare(all) < 0)
		return;
	empty_host();
	drop_capabilities();
}

/*
 * Landlock with no rule: all that this kernel's version can forbid. The
 * numbers are the kernel's, as its header may be older than it is.
 */
static void
landlock(void)
{
	static const int bits[] = {0, 13, 14, 15, 15, 16};
	struct {
		uint64_t files, net, scope;
	} handled = {0, 0, 0};
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1), fd;

	if (abi < 1)
		return;
	handled.files = (1ull << bits[abi > 5 ? 5 : abi]) - 1;
	handled.net = abi >= 4 ? 3 : 0;
	handled.scope = abi >= 6 ? 3 : 0;
	fd = syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);
	if (fd < 0)
		return;
	(void)syscall(SYS_landlock_restrict_self, fd, 0);
	close((int)fd);
}

static int
limit(__rlimit_resource_t what, rlim_t most)
{
	struct rlimit r;

	if (getrlimit(what, &r) < 0)
		return -1;
	if (r.rlim_max == RLIM_INFINITY || r.rlim_max > most)
		r.rlim_max = most;
	r.rlim_cur = r.rlim_max;
	return setrlimit(what, &r);
}

static int
limits(struct fail *f)
{
	if (limit(RLIMIT_NPROC, 0) < 0 || limit(RLIMIT_CORE, 0) < 0 ||
	    limit(RLIMIT_NOFILE, FDS_MAX) < 0 || limit(RLIMIT_MEMLOCK, 0) < 0 ||
	    limit(RLIMIT_MSGQUEUE, 0) < 0 || limit(RLIMIT_AS, MEMORY_MAX) < 0)
		return fail_errno(f, "limits");
	return 0;
}

static bool
kept(int fd, const int *keep, size_t n)
{
	while (n-- > 0)
		if (keep[n] == fd)
			return true;
	return fd == STDERR_FILENO;
}

static int
close_others(const int *keep, size_t n, struct fail *f)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), fd;

	for (fd = 0; null >= 0 && fd < STDERR_FILENO; fd++)
		if (!kept(fd, keep, n) && null != fd && dup2(null, fd) < 0)
			return fail_errno(f, "/dev/null");
	for (fd = STDERR_FILENO + 1; fd < FDS_MAX; fd++)
		if (!kept(fd, keep, n))
			close(fd);
	if (close_range(FDS_MAX, ~0u, 0) < 0)
		return fail_errno(f, "close_range");
	return null < 0 ? fail_set(f, FAIL_SYSTEM, "no /dev/null") : 0;
}

/* The strings lie on the stack for whoever can read it. */
static void
wipe_environment(void)
{
	char **e;

	for (e = environ; e != NULL && *e != NULL; e++)
		explicit_bzero(*e, strlen(*e));
	clearenv();
}

int
lock_in(const int *keep, size_t n, struct fail *f)
{
	int parent = 0;
	size_t i;

	for (i = 0; i < n; i++)
		if (keep[i] >= FDS_MAX)
			return fail_set(f, FAIL_SYSTEM,
			    "descriptor %d is more than the lock keeps",
			    keep[i]);
	if (close_others(keep, n, f) < 0)
		return -1;
	wipe_environment();
	(void)prctl(PR_GET_PDEATHSIG, &parent);
	namespaces();
	/* new credentials have forgotten it */
	(void)prctl(PR_SET_PDEATHSIG, parent);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return fail_errno(f, "prctl");
	landlock();
	if (limits(f) < 0)
		return -1;
	return filter(f);
}
