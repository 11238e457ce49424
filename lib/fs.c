/*
 * What a file system is good for. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <stdio.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include <linux/magic.h>

#include "fs.h"

#ifndef CIFS_SUPER_MAGIC
#define CIFS_SUPER_MAGIC 0xff534d42
#endif
#ifndef SMB2_SUPER_MAGIC
#define SMB2_SUPER_MAGIC 0xfe534d42
#endif
#define VBOXSF_SUPER_MAGIC 0x786f4256

/*
 * They pass ACLs on to what is behind them, and few of them or of their mounts
 * judge by them: there is no way to ask which.
 */
static const char *
passes_on(long type)
{
	switch ((unsigned)type) {
	case FUSE_SUPER_MAGIC:
		return "FUSE";
	case ECRYPTFS_SUPER_MAGIC:
		return "eCryptfs";
	case V9FS_MAGIC:
		return "9p";
	case CIFS_SUPER_MAGIC:
	case SMB2_SUPER_MAGIC:
	case SMB_SUPER_MAGIC:
		return "SMB";
	case VBOXSF_SUPER_MAGIC:
		return "a shared folder of VirtualBox";
	default:
		return NULL;
	}
}

int
fs_keeps_acl(int fd, struct fail *f)
{
	const char *name;
	struct statfs st;

	if (fstatfs(fd, &st) < 0)
		return fail_errno(f, "statfs");
	if ((name = passes_on(st.f_type)) != NULL)
		return fail_set(f, FAIL_PERM,
		    "on %s, which does not judge by an ACL", name);
	return 0;
}

int
fs_judges_acl(int fd, const char *path, struct fail *f)
{
	struct fail why;
	char proc[64];

	if (fs_keeps_acl(fd, &why) < 0)
		return fail_set(f, why.kind, "%s: %s", path, why.text);
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	if (getxattr(proc, "system.posix_acl_access", NULL, 0) < 0 &&
	    errno == EOPNOTSUPP)
		return fail_set(
		    f, FAIL_PERM, "%s: on a file system without ACLs", path);
	return 0;
}
