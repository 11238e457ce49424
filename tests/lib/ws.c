/*
 * ws SOCKET|REMOTE: says hello to the WebSocket that answers there and prints
 * what that says, until it ends, or "FAILED" and why.
 * SPDX-License-Identifier: ISC
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "remote.h"
#include "ws.h"

static struct http *
way(const char *to, struct fail *f)
{
	static struct remote *r;

	if (!remote_is_choice(to))
		return http_open(to, f);
	return remote_find(to, &r, f) == 0 ? http_open_remote(r, f) : NULL;
}

static int
talk(struct ws *w, struct fail *f)
{
	struct pollfd p = {.fd = ws_fd(w), .events = POLLIN};
	const uint8_t *data;
	ssize_t n = 0;

	if (ws_send(w, "hello", 5, f) < 0)
		return -1;
	while (!ws_ended(w)) {
		while ((n = ws_read(w, &data, f)) > 0)
			fwrite(data, 1, (size_t)n, stdout);
		if (n < 0)
			return -1;
		if (!ws_ended(w))
			poll(&p, 1, 1000);
	}
	return ws_send_end(w, f);
}

int
main(int argc, char **argv)
{
	struct fail f;
	struct http *h = argc == 2 ? way(argv[1], &f) : NULL;
	struct ws *w = h != NULL ? ws_open(h, "/there?secret=1", &f) : NULL;

	if (w == NULL || talk(w, &f) < 0)
		printf("FAILED %s\n", f.text);
	ws_close(w);
	http_close(h);
	return 0;
}
