/*
 * A session's folder, here. All of it is told by an instance, which may lie:
 * it names no file but those below, and each has its limit.
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "mirror.h"
#include "text.h"

#define CAP	   ((off_t)8 << 20) /* bytes of output that are kept */
#define STEP	   ((off_t)1 << 20) /* freed at a time */
#define OFFSET_MAX ((off_t)1 << 50)
#define PIECE_MAX  ((off_t)1 << 20)

static int
nonsense(const char *what, struct fail *f)
{
	return fail_set(f, FAIL_PROTOCOL,
	    "the helper in the instance says what makes no sense: %s", what);
}

/* Seen by who looks as a whole, or not at all. */
static int
put_file(const struct mirror *m, const char *name, struct fail *f)
{
	char *made = text_fmt("%s.new", name);
	int fd = openat(m->folder, made,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool good = fd >= 0 && write(fd, m->body, m->kept) == (ssize_t)m->kept;
	int ret = 0;

	if (fd >= 0)
		close(fd);
	if (!good || renameat(m->folder, made, m->folder, name) < 0)
		ret = fail_errno(f, "%s", name);
	free(made);
	return ret;
}

/* The session's folder is there, and its supervisor lives. */
static int
show_folder(struct mirror *m, struct fail *f)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char *hidden;
	int ret = 0;

	if (m->there)
		return nonsense("a folder twice", f);
	m->lock = openat(m->folder, "lock",
	    O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (m->lock < 0 || fcntl(m->lock, F_OFD_SETLK, &l) < 0)
		return fail_errno(f, "lock");
	hidden = text_fmt(".%s", m->id);
	if (renameat(m->top, hidden, m->top, m->id) < 0)
		ret = fail_errno(f, "%s", m->id);
	free(hidden);
	m->there = true;
	return ret;
}

int
mirror_socket(int folder, const char *name, struct fail *f)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	char *made = text_fmt("%s.new", name);
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "/proc/self/fd/%d/%s",
	    folder, made);
	if (s < 0 || bind(s, (struct sockaddr *)&sun, sizeof(sun)) < 0 ||
	    listen(s, 1) < 0 || renameat(folder, made, folder, name) < 0) {
		fail_errno(f, "%s", name);
		if (s >= 0)
			close(s);
		s = -1;
	}
	free(made);
	return s;
}

/* A socket in place of the session's, which takes who comes. */
static int
show_socket(struct mirror *m, struct fail *f)
{
	char *name;

	if (m->listener >= 0)
		return nonsense("a socket twice", f);
	name = text_fmt("%s.sock", m->id);
	m->listener = mirror_socket(m->top, name, f);
	free(name);
	return m->listener < 0 ? -1 : 0;
}

/* What is played has a socket here, or begins anew. */
static int
hear_sound(struct mirror *m, struct fail *f)
{
	if (m->speaker.listener < 0)
		return speaker_show(&m->speaker, m->folder, f);
	speaker_silence(&m->speaker);
	return 0;
}

/*
 * The supervisor has let go of its lock. Who sees it without the file sees that
 * this process is gone. The event of a close comes before its lock is free.
 */
static int
show_end(struct mirror *m, struct fail *f)
{
	struct flock l = {.l_type = F_UNLCK, .l_whence = SEEK_SET};

	m->over = true;
	if (put_file(m, MIRROR_OVER, f) < 0)
		return -1;
	if (m->lock >= 0) {
		fcntl(m->lock, F_OFD_SETLK, &l);
		close(m->lock);
	}
	m->lock = -1;
	return 0;
}

/* Is the name this one's, of a program's own file? */
static bool
is_named(const struct mirror *m, const char *name)
{
	return strcmp(m->name, name) == 0;
}

/* Of any length, and nothing of it is kept here. */
static bool
is_stream(const struct mirror *m)
{
	return is_named(m, "output") || is_named(m, "sound");
}

/* All of it has come. */
static int
act(struct mirror *m, struct fail *f)
{
	char *status;
	int ret;

	if (is_named(m, "folder"))
		return show_folder(m, f);
	if (is_named(m, "live"))
		return show_socket(m, f);
	if (is_named(m, "version") || is_named(m, "stopped") ||
	    is_named(m, "elsewhere") || is_named(m, "unseen"))
		return put_file(m, m->name, f);
	if (is_named(m, "status")) {
		status = text_fmt("status%s", m->suffix);
		ret = put_file(m, status, f);
		free(status);
		return ret;
	}
	if (is_named(m, "ready"))
		m->ready = true;
	else if (is_named(m, "silence"))
		return hear_sound(m, f);
	else if (is_named(m, "still"))
		return microphone_still(&m->microphone, m->folder, f);
	else if (is_named(m, "record"))
		microphone_record(&m->microphone);
	else if (is_named(m, "over"))
		return show_end(m, f);
	else if (!is_stream(m))
		return nonsense(m->name, f);
	return 0;
}

/* What comes next: NAME OFFSET LENGTH. */
static int
read_head(struct mirror *m, struct fail *f)
{
	long long at, left;
	char end;

	m->head[m->have] = '\0';
	text_clean(m->head);
	if (sscanf(m->head, "%15[a-z] %18lld %18lld%c", m->name, &at, &left,
		&end) != 3)
		return nonsense(m->head, f);
	m->at = at;
	m->left = left;
	m->kept = 0;
	if (is_named(m, "output") && (at < m->written || at > OFFSET_MAX))
		return nonsense(m->head, f);
	if (left > (is_stream(m) ? PIECE_MAX : MIRROR_SMALL))
		return nonsense(m->head, f);
	return left < 0 ? nonsense(m->head, f) : 0;
}

/* A part of the output, where it belongs; what is old is freed. */
static int
put_output(struct mirror *m, const uint8_t *data, size_t len, struct fail *f)
{
	off_t old;

	if (pwrite(m->output, data, len, m->at) != (ssize_t)len)
		return fail_errno(f, "output");
	m->at += (off_t)len;
	m->written = m->at;
	old = m->written - CAP - m->freed;
	if (old >= STEP &&
	    fallocate(m->output, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		m->freed, old) == 0)
		m->freed += old;
	return 0;
}

static int
put_bytes(struct mirror *m, const uint8_t *data, size_t len, struct fail *f)
{
	if (is_named(m, "output"))
		return put_output(m, data, len, f);
	if (is_named(m, "sound")) {
		speaker_put(&m->speaker, data, len);
		return 0;
	}
	memcpy(m->body + m->kept, data, len);
	m->kept += len;
	return 0;
}

/* Takes some bytes of a head, and returns how many. */
static ssize_t
take_head(struct mirror *m, const uint8_t *data, size_t len, struct fail *f)
{
	const uint8_t *end = memchr(data, '\n', len);
	size_t n = end != NULL ? (size_t)(end - data) : len;

	if (n > MIRROR_HEAD - m->have) {
		m->head[m->have] = '\0';
		text_clean(m->head);
		return nonsense(m->head, f);
	}
	memcpy(m->head + m->have, data, n);
	m->have += n;
	if (end == NULL)
		return (ssize_t)n;
	if (read_head(m, f) < 0)
		return -1;
	m->have = 0;
	return (ssize_t)n + 1;
}

int
mirror_take(struct mirror *m, const uint8_t *data, size_t len, struct fail *f)
{
	ssize_t n;

	while (len > 0) {
		if (m->left > 0) {
			n = (off_t)len < m->left ? (ssize_t)len : m->left;
			if (put_bytes(m, data, (size_t)n, f) < 0)
				return -1;
			m->left -= n;
		} else {
			m->name[0] = '\0';
			if ((n = take_head(m, data, len, f)) < 0)
				return -1;
		}
		data += n;
		len -= (size_t)n;
		if (m->left == 0 && m->name[0] != '\0' && act(m, f) < 0)
			return -1;
	}
	return 0;
}

int
mirror_begin(struct mirror *m, int top, const char *id, const char *suffix,
    struct fail *f)
{
	char *hidden = text_fmt(".%s", id), *output;

	*m = (struct mirror){.id = id,
	    .suffix = suffix,
	    .top = top,
	    .folder = -1,
	    .lock = -1,
	    .listener = -1,
	    .speaker = {.listener = -1, .conn = -1},
	    .microphone = {.listener = -1, .conn = -1},
	    .output = -1};
	if (mkdirat(top, hidden, 0700) == 0)
		m->folder = openat(top, hidden,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	free(hidden);
	if (m->folder < 0)
		return fail_errno(f, "%s", id);
	output = text_fmt("output%s", suffix);
	m->output = openat(m->folder, output,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	free(output);
	return m->output < 0 ? fail_errno(f, "output") : 0;
}
