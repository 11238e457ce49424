/*
 * Notifications of an instance's. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <jv.h>

#include "helper.h"
#include "note.h"
#include "rec.h"
#include "text.h"

#define SUMMARY_MAX   200
#define BODY_MAX      2000
#define KNOWN	      64 /* that can be replaced and closed */
#define SHOWN_MAX     20 /* in SHOWN_SECONDS */
#define SHOWN_SECONDS 10
#define SERVICE	      "org.freedesktop.Notifications"
#define PATH	      "/org/freedesktop/Notifications"

/* Tags go, what stands for a character becomes one. Owned, and clean. */
static char *
plain(const char *said, size_t max)
{
	static const struct {
		const char *name;
		char is;
	} names[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'},
	    {"&quot;", '"'}, {"&apos;", '\''}};
	char *text = text_fmt("%.*s", (int)max, said), *to = text;
	const char *at = text, *end;
	size_t i;

	while (*at != '\0') {
		if (*at == '<' && (end = strchr(at, '>')) != NULL) {
			at = end + 1;
			continue;
		}
		for (i = 0; i < 5; i++)
			if (strncmp(at, names[i].name, strlen(names[i].name)) ==
			    0)
				break;
		*to++ = i < 5 ? names[i].is : *at;
		at += i < 5 ? strlen(names[i].name) : 1;
	}
	*to = '\0';
	text_clean(text);
	return text;
}

/* As a service reads it that knows of markup. Owned. */
static char *
escaped(const char *s)
{
	char *text = calloc(6, strlen(s) + 1), *to = text;

	for (; text != NULL && *s != '\0'; s++)
		if (*s == '<')
			to = stpcpy(to, "&lt;");
		else if (*s == '>')
			to = stpcpy(to, "&gt;");
		else if (*s == '&')
			to = stpcpy(to, "&amp;");
		else
			*to++ = *s;
	return text;
}

/* One write, which a pipe takes as a whole or not at all. Consumes. */
static void
hand(int helper, jv o)
{
	jv text = jv_dump_string(o, JV_PRINT_ASCII);
	char *line = text_fmt("%s\n", jv_string_value(text));

	if (write(helper, line, strlen(line)) < 0)
		errno = 0; /* dropped */
	free(line);
	jv_free(text);
}

void
note_show(int helper, const struct note *n)
{
	char *summary = plain(n->summary, SUMMARY_MAX);
	char *body = plain(n->body, BODY_MAX), *safe = escaped(body);
	jv o = obj_set(jv_object(), "note", jv_number(n->id));

	o = obj_set(
	    o, "replaces", jv_number(n->replaces < 0 ? 0 : n->replaces));
	o = obj_set(o, "urgency", jv_number(n->urgency < 0 ? 1 : n->urgency));
	o = obj_set(
	    o, "summary", jv_string_fmt("[%s] %s", n->instance, summary));
	o = obj_set(o, "body", jv_string(safe != NULL ? safe : ""));
	hand(helper, o);
	free(safe);
	free(body);
	free(summary);
}

void
note_close(int helper, double id)
{
	hand(helper, obj_set(jv_object(), "close", jv_number(id)));
}

/* The service's number of a note: 0 for one that isn't known. */
struct shown {
	unsigned ours, theirs;
};

static unsigned *
find_note(struct shown v[KNOWN], unsigned ours)
{
	static unsigned none;
	int i;

	for (i = 0; i < KNOWN; i++)
		if (v[i].theirs != 0 && v[i].ours == ours)
			return &v[i].theirs;
	none = 0;
	return &none;
}

/* Its answer, a line, or "". */
static void
run(char *const *argv, char *answer, size_t size)
{
	int out[2];
	ssize_t n;
	pid_t pid;

	answer[0] = '\0';
	if (pipe2(out, O_CLOEXEC) < 0)
		return;
	if ((pid = fork()) == 0) {
		dup2(out[1], STDOUT_FILENO);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(out[1]);
	n = read(out[0], answer, size - 1);
	answer[n > 0 ? n : 0] = '\0';
	close(out[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Of the service; the strings are literal, whatever they begin with. */
static void
call(const char *const *words, char *answer, size_t size)
{
	static const char *const head[] = {"busctl", "--user", "--timeout=5",
	    "--", "call", SERVICE, PATH, SERVICE};
	const char *argv[32];
	size_t n = sizeof(head) / sizeof(*head);

	memcpy(argv, head, sizeof(head));
	while (*words != NULL)
		argv[n++] = *words++;
	argv[n] = NULL;
	run((char *const *)(uintptr_t)argv, answer, size);
}

static unsigned
note_number(jv o, const char *key)
{
	jv v = obj_get(o, key);
	unsigned n = (unsigned)jv_number_value(v);

	jv_free(v);
	return n;
}

static void
show_note(struct shown v[KNOWN], jv o)
{
	static unsigned next;
	unsigned ours = note_number(o, "note"),
		 replaces = note_number(o, "replaces");
	char *old = text_fmt("%u", *find_note(v, replaces ? replaces : ours));
	char *urgency = text_fmt("%u", note_number(o, "urgency")), answer[64];
	const char *const words[] = {"Notify", "susssasa{sv}i", "lxg", old, "",
	    obj_str(o, "summary"), obj_str(o, "body"), "0", "1", "urgency", "y",
	    urgency, "-1", NULL};
	unsigned theirs;

	call(words, answer, sizeof(answer));
	if (sscanf(answer, "u %u", &theirs) == 1) {
		*find_note(v, ours) = 0;
		v[next++ % KNOWN] =
		    (struct shown){.ours = ours, .theirs = theirs};
	}
	free(urgency);
	free(old);
}

static void
take_back(struct shown v[KNOWN], unsigned ours)
{
	unsigned *theirs = find_note(v, ours);
	char *id = text_fmt("%u", *theirs), answer[64];
	const char *const words[] = {"CloseNotification", "u", id, NULL};

	if (*theirs != 0)
		call(words, answer, sizeof(answer));
	*theirs = 0;
	free(id);
}

/* Under what an enemy has no hand in, but how many there are. */
static void
serve(int from)
{
	static struct shown shown[KNOWN];
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	time_t since = 0;
	int count = 0;
	struct fail ignored;
	FILE *fp = fdopen(from, "r");
	jv o;

	while (fp != NULL && (len = getline(&line, &size, fp)) > 0) {
		if (rec_parse(line, (size_t)len, &o, &ignored) < 0)
			continue;
		if (time(NULL) - since >= SHOWN_SECONDS) {
			since = time(NULL);
			count = 0;
		}
		if (obj_str(o, "summary") == NULL)
			take_back(shown, note_number(o, "close"));
		else if (count++ < SHOWN_MAX)
			show_note(shown, o);
		jv_free(o);
	}
}

int
note_helper(void)
{
	return helper_start(serve);
}
