/* Whole files, within a limit. SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "mem.h"

/* Reads up to max + 1 bytes, so that the caller sees that there are more. */
static int
read_all(int fd, size_t max, char **data, size_t *len, struct fail *f)
{
	size_t room = 0;
	ssize_t n = 1;

	*len = 0;
	while (n != 0 && *len <= max) {
		if (*len + 1 >= room) {
			room = room ? room * 2 : 65536;
			*data = mem_need(realloc(*data, room));
		}
		n = read(fd, *data + *len, room - *len - 1);
		if (n < 0 && errno != EINTR)
			return fail_errno(f, "reading");
		if (n > 0)
			*len += (size_t)n;
	}
	(*data)[*len] = '\0';
	return 0;
}

int
file_read(
    const char *path, size_t max, char **data, size_t *len, struct fail *f)
{
	struct stat st;
	int fd, ret = -1;

	*data = NULL;
	if ((fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC)) < 0)
		return fail_errno(f, "opening");
	if (fstat(fd, &st) < 0)
		fail_errno(f, "opening");
	else if (S_ISDIR(st.st_mode))
		fail_set(f, FAIL_DATA, "is a folder");
	else if ((ret = read_all(fd, max, data, len, f)) == 0 && *len > max)
		ret = fail_set(
		    f, FAIL_DATA, "is larger than %zu KiB", max / 1024);
	close(fd);
	if (ret < 0) {
		free(*data);
		*data = NULL;
	}
	return ret;
}
