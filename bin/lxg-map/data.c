/*
 * Contents of files: copied, and compared by hash. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sha2.h>

#include "data.h"

#define MAX_DEFAULT (1ll << 30)
#define CHUNK	    (256u << 10)

off_t
data_max(struct fail *f)
{
	const char *s = getenv("LXG_COPY_MAX"), *why = NULL;
	off_t n = MAX_DEFAULT;

	if (s != NULL && *s != '\0')
		n = strtonum(s, 0, LLONG_MAX / 2, &why);
	return why == NULL ? n
			   : fail_set(f, FAIL_CONFIG,
				 "LXG_COPY_MAX: not a number of bytes");
}

bool
data_same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

int
data_reopen(int path, int flags)
{
	char proc[64];

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", path);
	return open(proc, flags | O_NONBLOCK | O_CLOEXEC);
}

int
data_lease(int path, int type)
{
	int fd = data_reopen(path, O_RDONLY), error;

	/* who opens the file meanwhile waits, and we are told by SIGIO */
	signal(SIGIO, SIG_IGN);
	error = fd < 0 || fcntl(fd, F_SETLEASE, type) < 0 ? errno : 0;
	if (fd >= 0)
		close(fd);
	return error;
}

static int
write_all(int to, const char *buf, size_t len, struct fail *f)
{
	ssize_t n;

	while (len > 0) {
		n = write(to, buf, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_errno(f, "writing");
		buf += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Where copy_file_range(2) can't: between some file systems, or none at all. */
static ssize_t
copy_some(int from, int to, size_t len, struct fail *f)
{
	static char buf[CHUNK];
	ssize_t n = copy_file_range(from, NULL, to, NULL, len, 0);

	if (n > 0 ||
	    (n < 0 && errno != EXDEV && errno != EINVAL &&
		errno != EOPNOTSUPP && errno != ENOSYS && errno != EINTR))
		return n < 0 ? fail_errno(f, "copying") : n;
	/* 0 is the end, or a file system that says so of files that it makes up
	 */
	do
		n = read(from, buf, len < sizeof(buf) ? len : sizeof(buf));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return fail_errno(f, "reading");
	return n == 0 || write_all(to, buf, (size_t)n, f) == 0 ? n : -1;
}

int
data_too_large(off_t max, struct fail *f)
{
	return fail_set(f, FAIL_DATA, "larger than %lld bytes (LXG_COPY_MAX)",
	    (long long)max);
}

/* The one who fills the file may go on while we read: so it is counted. */
static int
copy_all(int from, int to, off_t max, struct fail *f)
{
	off_t done = 0;
	ssize_t n;

	while ((n = copy_some(from, to, CHUNK, f)) > 0)
		if ((done += n) > max)
			return data_too_large(max, f);
	return n < 0 ? -1 : 0;
}

int
data_clone(int from, int to, struct fail *f)
{
	off_t max = data_max(f);
	struct stat st;
	bool done;

	if (max < 0)
		return -1;
	if (fstat(from, &st) < 0)
		return fail_errno(f, "fstat");
	done = st.st_size <= max && ioctl(to, FICLONE, from) == 0;
	if (done && fstat(to, &st) < 0)
		return fail_errno(f, "fstat");
	if (st.st_size > max)
		return data_too_large(max, f);
	return done ? 0 : copy_all(from, to, max, f);
}

int
data_reserve(int fd, off_t size, struct fail *f)
{
	if (size == 0 || fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, size) == 0 ||
	    errno == EOPNOTSUPP || errno == ENOSYS)
		return 0;
	return fail_errno(f, "room for it");
}

int
data_copy(int from, int to, struct fail *f)
{
	return copy_all(from, to, LLONG_MAX / 2, f);
}

static ssize_t
read_some(int fd, void *buf, off_t at, struct fail *f)
{
	ssize_t n;

	do
		n = pread(fd, buf, CHUNK, at);
	while (n < 0 && errno == EINTR);
	return n < 0 ? fail_errno(f, "reading") : n;
}

/* As much as was read of both goes on; what only one has goes by itself. */
static size_t
shorter(ssize_t n, ssize_t m)
{
	return (size_t)(n == 0 ? m : m == 0 || n < m ? n : m);
}

/*
 * Nothing is between the look at what is there and the write over it, so that
 * nearly nothing can come in between.
 */
int
data_swap(int from, int to, int before, char hash[HASH_LEN], struct fail *f)
{
	static char new[CHUNK], old[CHUNK];
	ssize_t n, m;
	size_t len;
	off_t at = 0;
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	do {
		if ((n = read_some(from, new, at, f)) < 0 ||
		    lseek(to, at, SEEK_SET) < 0 ||
		    (m = read_some(to, old, at, f)) < 0)
			return -1;
		len = shorter(n, m);
		if ((n > 0 && write_all(to, new, len, f) < 0) ||
		    (m > 0 && write_all(before, old, len, f) < 0))
			return -1;
		if (m > 0)
			SHA256Update(&ctx, (unsigned char *)old, len);
		at += (off_t)len;
	} while (len > 0);
	SHA256End(&ctx, hash);
	return 0;
}

int
data_hash(int fd, char hash[HASH_LEN], struct fail *f)
{
	static unsigned char buf[CHUNK];
	off_t at = 0;
	SHA2_CTX ctx;
	ssize_t n;

	SHA256Init(&ctx);
	while ((n = read_some(fd, buf, at, f)) > 0) {
		SHA256Update(&ctx, buf, (size_t)n);
		at += n;
	}
	if (n < 0)
		return -1;
	SHA256End(&ctx, hash);
	return 0;
}
