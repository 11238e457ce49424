/*
 * For LD_PRELOAD: every file system is of the type that STATFS has, in hex.
 * SPDX-License-Identifier: ISC
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/vfs.h>

int
fstatfs(int fd, struct statfs *st)
{
	int (*real)(int, struct statfs *) =
	    (int (*)(int, struct statfs *))dlsym(RTLD_NEXT, "fstatfs");
	const char *type = getenv("STATFS");
	int ret = real(fd, st);

	if (ret == 0 && type != NULL)
		st->f_type = strtol(type, NULL, 16);
	return ret;
}
