/*
 * What is kept of a program that shows nothing, and fails.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "died.h"
#include "shared.h"
#include "text.h"

#define NAME  "died"
#define ABOVE "../" NAME
#define TAIL  4096 /* bytes of output that are kept */

/* The end of what it printed, from a line's beginning. Owned. */
static jv
last_output(int folder)
{
	int fd = shared_file(folder, "output");
	char tail[TAIL];
	const char *text = tail, *line;
	struct stat st;
	ssize_t n = 0;
	off_t at = 0;

	if (fd >= 0 && fstat(fd, &st) == 0) {
		at = st.st_size > TAIL ? st.st_size - TAIL : 0;
		n = pread(fd, tail, sizeof(tail), at);
	}
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return jv_string("");
	line = at > 0 ? memchr(tail, '\n', (size_t)n) : NULL;
	if (line != NULL)
		text = line + 1;
	return jv_string_sized(text, (int)(tail + n - text));
}

/* Where nobody sees what it printed. */
static void
tell_end(const struct rec *r, const char *output, int status)
{
	char *last = text_fmt("%s", output), *line;

	while ((line = strrchr(last, '\n')) != NULL && line[1] == '\0')
		*line = '\0';
	line = line != NULL ? line + 1 : last;
	text_clean(line);
	warnx("%s: the program ended with status %d and showed no window%s%s",
	    obj_str(r->v, "instance"), status, line[0] != '\0' ? ": " : "",
	    line);
	free(last);
}

/* In one step: it may be read meanwhile, or written by another's attach. */
static void
keep(const struct rec *r, jv output, int status, const struct runtime *t)
{
	jv v = JV_OBJECT(jv_string("session"), obj_get(r->v, "session"),
	    jv_string("command"), obj_get(r->v, "command"),
	    jv_string("exit_status"), jv_number(status), jv_string("output"),
	    output);
	jv text = jv_dump_string(v, JV_PRINT_ASCII);
	int fd = openat(t->dir, NAME,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool good = fd >= 0 && dprintf(fd, "%s\n", jv_string_value(text)) > 0;

	if (fd >= 0)
		close(fd);
	if (!good || renameat(t->dir, NAME, t->dir, ABOVE) < 0)
		unlinkat(t->dir, NAME, 0);
	jv_free(text);
}

void
died_note(const struct rec *r, int folder, const struct runtime *t)
{
	int status = shared_number(folder, "status", 255);
	struct stat st;
	jv output;

	if (status <= 0 ||
	    fstatat(folder, "unseen", &st, AT_SYMLINK_NOFOLLOW) < 0) {
		unlinkat(t->dir, ABOVE, 0);
		return;
	}
	output = last_output(folder);
	if (getenv("LXG_SHOWN") != NULL)
		tell_end(r, jv_string_value(output), status);
	keep(r, output, status, t);
}
