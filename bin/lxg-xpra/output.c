/*
 * Passes a program's output on as it grows. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "output.h"
#include "shared.h"
#include "text.h"

#define FINISH_MAX (16 << 20)
#define FINISH_MS  5000 /* without any progress */

int
output_descriptor(const char *s)
{
	const char *why;
	int fd = (int)strtonum(s, 0, 1 << 20, &why);

	if (why != NULL || fcntl(fd, F_GETFD) < 0)
		errx(EX_USAGE, "-O %s: no open descriptor", s);
	return fd;
}

/*
 * A terminal takes less than a whole piece when it is nearly full, and nothing
 * at all while its user has stopped it (^S), so writes to it must not block.
 * Its description is shared with the shell, which would get O_NONBLOCK as well:
 * therefore the terminal is opened once more, where that is allowed.
 */
static void
open_terminal(struct output *o)
{
	char *path = text_fmt("/proc/self/fd/%d", o->to);
	int fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0)
		o->to = o->opened = fd;
	free(path);
}

void
output_init(struct output *o, int to, off_t at)
{
	*o = (struct output){.file = -1, .to = to, .opened = -1, .at = at};
	o->filter = to >= 0 && isatty(to);
	if (o->filter)
		open_terminal(o);
}

void
output_open(struct output *o, int folder, const char *name)
{
	if (o->to >= 0 && o->file < 0)
		o->file = shared_file(folder, name);
}

bool
output_pending(const struct output *o)
{
	struct stat st;

	if (o->file < 0 || o->to < 0)
		return false;
	return o->begin < o->end ||
	       (fstat(o->file, &st) == 0 && st.st_size > o->at);
}

/* The supervisor frees what is old: a hole is output that came too fast. */
static void
skip_hole(struct output *o)
{
	off_t data = lseek(o->file, o->at, SEEK_DATA);

	if (o->file >= 0 && data > o->at)
		o->at = data;
}

static void
write_piece(struct output *o)
{
	ssize_t n;

	while (o->begin < o->end) {
		n = write(o->to, o->piece + o->begin, o->end - o->begin);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) { /* nobody reads it any more */
			o->to = -1;
			return;
		}
		o->begin += (size_t)n;
	}
}

/* How much of it to filter now, so that no character is cut in two. */
static size_t
whole(const char *data, size_t len)
{
	size_t cut = len;

	while (cut > 1 && len - cut < 3 && (data[cut - 1] & 0xc0) == 0x80)
		cut--;
	if (cut > 1 && (data[cut - 1] & 0xc0) == 0xc0 &&
	    !text_utf8(data + cut - 1, len - cut + 1))
		return cut - 1;
	return len;
}

/* Of the file, what to takes. */
static void
read_piece(struct output *o)
{
	ssize_t n;
	size_t len;

	skip_hole(o);
	n = pread(o->file, o->piece, sizeof(o->piece), o->at);
	if (n <= 0)
		return;
	len = o->filter ? whole(o->piece, (size_t)n) : (size_t)n;
	o->at += (off_t)len;
	o->begin = 0;
	o->end = o->filter ? text_clean_stream(o->piece, len) : len;
}

void
output_step(struct output *o)
{
	if (o->begin == o->end)
		read_piece(o);
	write_piece(o);
}

off_t
output_at(const struct output *o)
{
	return o->at - (off_t)(o->end - o->begin);
}

void
output_finish(struct output *o)
{
	off_t left = FINISH_MAX, before;
	struct pollfd p;

	skip_hole(o);
	while (output_pending(o) && left > 0) {
		p = (struct pollfd){.fd = o->to, .events = POLLOUT};
		if (poll(&p, 1, FINISH_MS) <= 0)
			return;
		before = o->at;
		output_step(o);
		left -= o->at - before;
	}
}

void
output_close(struct output *o)
{
	if (o->file >= 0)
		close(o->file);
	if (o->opened >= 0)
		close(o->opened);
	o->file = o->opened = -1;
}
