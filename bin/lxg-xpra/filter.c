/*
 * The system calls that the client has no use for: what reaches beyond the
 * namespaces or is where the kernel was broken into before. Everything that
 * isn't listed passes: the namespaces are the wall, this is a second one.
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "filter.h"

static const int denied[] = {
    /* namespaces and mounts */
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(open_tree),
    SCMP_SYS(move_mount),
    SCMP_SYS(fsopen),
    SCMP_SYS(fsconfig),
    SCMP_SYS(fsmount),
    SCMP_SYS(fspick),
    SCMP_SYS(mount_setattr),
    /* keyrings are not in a namespace */
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(keyctl),
    /* other processes */
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(process_madvise),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(kcmp),
    /* large parts of the kernel that a window needs nothing of */
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(vmsplice),
    SCMP_SYS(name_to_handle_at),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(fanotify_init),
    SCMP_SYS(quotactl),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(acct),
    SCMP_SYS(syslog),
    SCMP_SYS(reboot),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(personality),
    SCMP_SYS(modify_ldt),
};

static int
deny(scmp_filter_ctx c, int call)
{
	return seccomp_rule_add(c, SCMP_ACT_ERRNO(EPERM), call, 0);
}

/* Of a flag among a call's arguments. */
static int
deny_flag(scmp_filter_ctx c, int call, unsigned arg, unsigned long flag)
{
	return seccomp_rule_add(c, SCMP_ACT_ERRNO(EPERM), call, 1,
	    SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, flag, flag));
}

/* The kernel looks at the low half of ioctl's number only. */
static int
deny_ioctl(scmp_filter_ctx c, unsigned long request)
{
	return seccomp_rule_add(c, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
	    SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffu, request));
}

static int
refuse_family(scmp_filter_ctx c, enum scmp_compare op, unsigned family)
{
	const struct scmp_arg_cmp domain = {
	    .arg = 0, .op = op, .datum_a = family};

	return seccomp_rule_add_array(
	    c, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1, &domain);
}

/*
 * Of the families, those that X and Python use: AF_VSOCK is in no namespace,
 * and AF_NETLINK and its like are for who sets up networks.
 */
static int
deny_families(scmp_filter_ctx c)
{
	static const unsigned kept[] = {AF_UNIX, AF_INET, AF_INET6};
	unsigned family, i;
	int ret = 0;

	for (family = 0; family < AF_MAX && ret == 0; family++) {
		for (i = 0; i < 3 && kept[i] != family; i++)
			;
		if (i == 3)
			ret = refuse_family(c, SCMP_CMP_EQ, family);
	}
	if (ret == 0)
		ret = refuse_family(c, SCMP_CMP_GE, AF_MAX);
	return ret;
}

static int
add_rules(scmp_filter_ctx c)
{
	static const unsigned long spaces[] = {CLONE_NEWUSER, CLONE_NEWNS,
	    CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS,
	    CLONE_NEWCGROUP};
	size_t i;
	int ret = 0;

	for (i = 0; i < sizeof(denied) / sizeof(*denied) && ret == 0; i++)
		ret = deny(c, denied[i]);
	for (i = 0; i < sizeof(spaces) / sizeof(*spaces) && ret == 0; i++)
		ret = deny_flag(c, SCMP_SYS(clone), 0, spaces[i]);
	if (ret == 0) /* its flags can't be looked at; libc falls back */
		ret = seccomp_rule_add(
		    c, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	if (ret == 0) /* keys put into a terminal's input */
		ret = deny_ioctl(c, TIOCSTI);
	if (ret == 0)
		ret = deny_ioctl(c, TIOCLINUX);
	return ret == 0 ? deny_families(c) : ret;
}

int
filter_open(struct fail *f)
{
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ALLOW);
	int fd = memfd_create("lxg-filter", MFD_CLOEXEC), ret = -ENOMEM;

	if (c != NULL && fd >= 0) {
		ret = add_rules(c);
		if (ret == 0)
			ret = seccomp_export_bpf(c, fd);
		if (ret == 0 && lseek(fd, 0, SEEK_SET) < 0)
			ret = -errno;
	}
	seccomp_release(c);
	if (ret == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return fail_set(f, EX_OSERR, "the system call filter: %s",
	    strerror(ret < 0 ? -ret : ret));
}
