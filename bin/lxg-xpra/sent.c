/*
 * Files that a program in the instance sends. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "dirs.h"
#include "sent.h"
#include "text.h"

#define TOTAL_MAX  (4ull << 30) /* bytes of one attach */
#define NAME_BYTES 200
#define TRIES	   100
#define COUNT_MAX  20 /* files in COUNT_MS */
#define COUNT_MS   10000
#define PIECE	   (48u << 10)
#define JOB_HEAD   8192

void
sent_init(struct sent *s, const char *instance, bool files, bool printing,
    int runtime)
{
	*s = (struct sent){.instance = instance,
	    .files = files,
	    .printing = printing,
	    .runtime = runtime,
	    .fd = -1,
	    .dir = -1};
}

/* Its last part, with nothing that hides it or drives a terminal. Owned. */
static char *
clean_name(const char *said)
{
	const char *last = strrchr(said, '/');
	char *name;
	size_t len;

	last = last != NULL ? last + 1 : said;
	last += strspn(last, ". ");
	name = text_fmt("%s", *last != '\0' ? last : "file");
	text_clean(name);
	for (len = strlen(name); len > NAME_BYTES; len--)
		name[len - 1] = '\0';
	while (len > 0 && !text_utf8(name, len))
		name[--len] = '\0';
	return name;
}

/* Each instance's in a folder of its own, which stays when the instance goes.
 */
static int
open_folder(const char *instance, struct fail *f)
{
	const char *downloads = getenv("XDG_DOWNLOAD_DIR");
	const char *home = getenv("HOME");
	char *path;
	int dir;

	if (downloads != NULL && *downloads == '/')
		path = text_fmt("%s/%s", downloads, instance);
	else
		path = text_fmt("%s/Downloads/%s", home ? home : "", instance);
	dir = dirs_open(path, f);
	free(path);
	return dir;
}

/* "a.txt", "a-1.txt", "a-2.txt"... Owned. */
static char *
numbered(const char *name, int i)
{
	const char *dot = strrchr(name, '.');

	if (i == 0)
		return text_fmt("%s", name);
	if (dot == NULL || dot == name)
		return text_fmt("%s-%d", name, i);
	return text_fmt("%.*s-%d%s", (int)(dot - name), name, i, dot);
}

static int
create(struct sent *s, const char *name, struct fail *f)
{
	int i;

	for (i = 0; s->fd < 0 && i < TRIES; i++) {
		s->name = numbered(name, i);
		s->fd = openat(s->dir, s->name,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (s->fd >= 0)
			return 0;
		free(s->name);
		s->name = NULL;
		if (errno != EEXIST)
			break;
	}
	return fail_errno(f, "%s", name);
}

/* What is printed has a name for the printer, and none in a folder. */
static int
create_job(struct sent *s, const char *name, struct fail *f)
{
	s->fd = openat(s->runtime, "print",
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	unlinkat(s->runtime, "print", 0);
	if (s->fd < 0)
		return fail_errno(f, "what is to be printed");
	s->name = text_fmt("[%s] %s", s->instance, name);
	return 0;
}

static bool
too_many(struct sent *s)
{
	long long now = clock_ms();

	if (now - s->first > COUNT_MS) {
		s->first = now;
		s->count = 0;
	}
	return s->count++ >= COUNT_MAX;
}

int
sent_begin(
    struct sent *s, const char *said, double size, bool print, struct fail *f)
{
	char *name;
	int ret;

	sent_end(s, false);
	if (!(print ? s->printing : s->files))
		return fail_set(f, FAIL_PERM, "a file was sent, which is off");
	name = clean_name(said);
	if (size < 0)
		ret = fail_set(f, FAIL_DATA, "%s: larger than 1 GiB", name);
	else if (s->total + (uint64_t)size > TOTAL_MAX || too_many(s))
		ret = fail_set(f, FAIL_DATA, "%s: too many files", name);
	else if (print)
		ret = create_job(s, name, f);
	else if ((s->dir = open_folder(s->instance, f)) < 0)
		ret = -1;
	else
		ret = create(s, name, f);
	free(name);
	s->print = print;
	s->bad = false;
	s->size = (uint64_t)(size < 0 ? 0 : size);
	s->got = 0;
	return ret;
}

void
sent_data(struct sent *s, const char *base64)
{
	static uint8_t data[PIECE];
	ssize_t n, done = 0, w;

	if (s->fd < 0 || s->bad)
		return;
	n = text_unbase64(data, sizeof(data), base64);
	s->bad = n < 0 || s->got + (uint64_t)n > s->size;
	while (!s->bad && done < n) {
		w = write(s->fd, data + done, (size_t)(n - done));
		if (w < 0 && errno == EINTR)
			continue;
		s->bad = w <= 0;
		done += w > 0 ? w : 0;
	}
	s->got += (uint64_t)done;
	s->total += (uint64_t)done;
}

/*
 * Where the page begins. CUPS inside puts words for its own idea of a printer
 * before it (PJL), for which CUPS here would not see what it is.
 */
static off_t
page_start(int fd)
{
	static const char pjl[] = "\033%-12345X";
	char buf[JOB_HEAD], *page;
	ssize_t n = pread(fd, buf, sizeof(buf), 0);

	if (n < (ssize_t)sizeof(pjl) || memcmp(buf, pjl, sizeof(pjl) - 1) != 0)
		return 0;
	if ((page = memmem(buf, (size_t)n, "%PDF-", 5)) == NULL)
		page = memmem(buf, (size_t)n, "%!PS", 4);
	return page == NULL ? 0 : page - buf;
}

/* Nobody's child, so that nobody waits for it; what lp has to say of printers
 * the user reads. */
static void
print(const struct sent *s)
{
	pid_t pid = fork();
	sigset_t none;

	if (pid == 0) {
		if (fork() != 0)
			_exit(0);
		setsid();
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		signal(SIGPIPE, SIG_DFL);
		lseek(s->fd, page_start(s->fd), SEEK_SET);
		dup2(s->fd, STDIN_FILENO);
		closefrom(STDERR_FILENO + 1);
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		execlp("lp", "lp", "-t", s->name, (char *)NULL);
		warn("%s: not printed: lp(1)", s->name);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int
sent_finish(struct sent *s, bool whole, struct fail *f)
{
	int ret = 0;

	if (s->fd < 0)
		return 0;
	whole = whole && !s->bad && s->got == s->size;
	if (!whole)
		ret = fail_set(f, FAIL_DATA, "%s: not all of it came", s->name);
	else if (s->print)
		print(s);
	sent_end(s, whole);
	return ret;
}

void
sent_end(struct sent *s, bool whole)
{
	if (s->fd >= 0)
		close(s->fd);
	if (s->fd >= 0 && s->dir >= 0 && !whole)
		unlinkat(s->dir, s->name, 0);
	if (s->dir >= 0)
		close(s->dir);
	s->fd = s->dir = -1;
	free(s->name);
	s->name = NULL;
}
