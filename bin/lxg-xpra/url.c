/*
 * Opens web addresses that the client names. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "helper.h"
#include "patience.h"
#include "text.h"
#include "url.h"

#define URL_MAX 2048
#define BURST	8 /* addresses at once; then one a second */

/* No quotes, spaces or backslashes: what they mean is for others to guess. */
static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			      "-._~:/?#[]@&()+,;=%";

/*
 * http or https, and nothing in it but what an address may hold; or a mail's
 * recipient, and no header, since some programs attach a file that one names.
 */
static bool
is_valid(const char *s)
{
	size_t len = strlen(s);

	if (len > URL_MAX || strspn(s, allowed) != len)
		return false;
	if (strncmp(s, "mailto:", 7) == 0)
		return s[strcspn(s, "?&%#")] == '\0';
	return strncmp(s, "http://", 7) == 0 || strncmp(s, "https://", 8) == 0;
}

static void
open_url(const char *url)
{
	if (fork() != 0)
		return;
	setsid();
	execlp("xdg-open", "xdg-open", url, (char *)NULL);
	_exit(127);
}

/* Takes one of *left, to which each second since *last gave one back. */
static bool
is_time(int *left, time_t *last)
{
	time_t now = patience_now(), since = now - *last;

	*left = since > BURST - *left ? BURST : *left + (int)since;
	*last = now;
	if (*left == 0)
		return false;
	(*left)--;
	return true;
}

static void
serve(int from)
{
	char line[URL_MAX + 2];
	time_t last = 0;
	int left = BURST;
	FILE *fp = fdopen(from, "r"); /* stdin has met its end before */

	signal(SIGCHLD, SIG_IGN);
	while (fp != NULL && fgets(line, sizeof(line), fp) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (is_valid(line) && is_time(&left, &last))
			open_url(line);
	}
}

int
url_opener(void)
{
	return helper_start(serve);
}

void
url_open(int opener, const char *url)
{
	char *line;

	if (!is_valid(url))
		return;
	line = text_fmt("%s\n", url);
	if (write(opener, line, strlen(line)) < 0)
		errno = 0; /* too many at once */
	free(line);
}
