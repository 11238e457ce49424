/*
 * What stands by in an instance. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <sha256.h>

#include "exec.h"
#include "options.h"
#include "shared.h"
#include "sig.h"
#include "standby.h"

#define STANDBY	   "standby"
#define ASK_MAX	   (1u << 20) /* the supervisor takes twice as much */
#define ANSWER_MAX 16
#define ANSWER_S   3 /* then a session of its own is started */

/* Consumes text; fails where that is NULL. */
static int
digest(SHA256_CTX *ctx, char *text)
{
	if (text == NULL)
		return -1;
	SHA256Update(ctx, (const uint8_t *)text, strlen(text) + 1);
	free(text);
	return 0;
}

int
standby_row(jv *rows, struct fail *f)
{
	char hex[SHA256_DIGEST_STRING_LENGTH];
	SHA256_CTX ctx;

	SHA256Init(&ctx);
	if (digest(&ctx, options_data(EXEC_HELPER, f)) < 0 ||
	    digest(&ctx, exec_session(f)) < 0)
		return -1;
	SHA256End(&ctx, hex);
	*rows = options_add(*rows, STANDBY, hex);
	return 0;
}

static void
put_word(FILE *fp, const char *word)
{
	fwrite(word, 1, strlen(word) + 1, fp);
}

/* What the supervisor is asked: words with a NUL behind each. Owned, or NULL.
 */
static char *
request_text(const char *session, jv table, jv host, jv command, size_t *len)
{
	char *text = NULL;
	FILE *fp = open_memstream(&text, len);

	if (fp == NULL)
		return NULL;
	put_word(fp, "take");
	put_word(fp, session);
	put_word(fp, jv_string_value(table));
	put_word(fp, jv_string_value(host));
	jv_array_foreach (command, i, word) {
		put_word(fp, jv_string_value(word));
		jv_free(word);
	}
	return fclose(fp) == 0 ? text : NULL;
}

/* Waits for events on s; false where the time is over, or a signal came. */
static bool
wait_for(int s, short events, time_t end, const sigset_t *open)
{
	struct pollfd p = {.fd = s, .events = events};
	struct timespec left;

	clock_gettime(CLOCK_MONOTONIC, &left);
	left = (struct timespec){.tv_sec = end - left.tv_sec};
	return left.tv_sec > 0 && !sig_caught() &&
	       ppoll(&p, 1, &left, open) == 1;
}

static bool
send_text(int s, const char *text, size_t len, time_t end, const sigset_t *open)
{
	ssize_t n;

	while (len > 0) {
		n = send(s, text, len, MSG_NOSIGNAL);
		if (n < 0 &&
		    (errno != EAGAIN || !wait_for(s, POLLOUT, end, open)))
			return false;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return shutdown(s, SHUT_WR) == 0;
}

/* Reads what the supervisor says until it closes, or the time is over. */
static void
hear(int s, char answer[ANSWER_MAX], time_t end, const sigset_t *open)
{
	size_t len = 0;
	ssize_t n;

	while (len < ANSWER_MAX - 1 && wait_for(s, POLLIN, end, open) &&
	       (n = read(s, answer + len, ANSWER_MAX - 1 - len)) > 0)
		len += (size_t)n;
	shutdown(s, SHUT_RD); /* a later "wait" would fail, and be no promise */
	while (len < ANSWER_MAX - 1 &&
	       (n = read(s, answer + len, ANSWER_MAX - 1 - len)) > 0)
		len += (size_t)n;
	answer[len] = '\0';
}

/*
 * The supervisor says "no"; or "wait" and, when the session runs, "yes". After
 * a "wait" alone nobody knows whether the session has begun: that is a failure.
 */
static int
judge_answer(const char *answer, struct fail *f)
{
	if (strcmp(answer, "wait\nyes\n") == 0)
		return 1;
	if (strncmp(answer, "wait", 4) != 0)
		return 0;
	return fail_set(
	    f, FAIL_AGAIN, "the display server that stands by gave no answer");
}

static int
ask_standby(int s, const char *text, size_t len, struct fail *f)
{
	char answer[ANSWER_MAX] = "";
	struct timespec now;
	sigset_t open;

	clock_gettime(CLOCK_MONOTONIC, &now);
	now.tv_sec += ANSWER_S;
	sigprocmask(SIG_BLOCK, NULL, &open);
	sig_hold(true); /* ppoll(2) alone lets them through */
	if (send_text(s, text, len, now.tv_sec, &open))
		hear(s, answer, now.tv_sec, &open);
	sig_hold(false);
	return judge_answer(answer, f);
}

int
standby_take(const struct rec *r, const struct idmap *map, const char *session,
    jv table, jv host, jv command, struct fail *f)
{
	int ret = 0, xpra = shared_open(r, f), folder, s;
	size_t len;
	char *text;

	if (xpra < 0)
		return 0;
	folder = shared_folder(xpra, STANDBY);
	close(xpra);
	if (folder < 0)
		return 0;
	s = shared_connect(folder, "control", map, f);
	close(folder);
	if (s < 0)
		return 0;
	text = request_text(session, table, host, command, &len);
	if (text != NULL && len <= ASK_MAX)
		ret = ask_standby(s, text, len, f);
	free(text);
	close(s);
	return ret;
}
