/*
 * asks COLOR[,WIDTH] [off]: the monitor's part of what a client asks for, with
 * the tray as the policy has it. Lines of standard input are the client's; the
 * clicks that it would be told are printed. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "../../bin/lxg-xpra/asked.h"

int
main(int argc, char **argv)
{
	static struct asked a;
	struct choice c = {.tray = argc < 3, .border = argv[1]};
	struct tray_heard h;
	struct pollfd p[2] = {{.fd = 0, .events = POLLIN}};
	struct fail f;
	char data[4096];
	int pair[2];
	ssize_t n;

	if (argc < 2 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		errx(EX_USAGE, "usage: asks COLOR[,WIDTH] [off]");
	setvbuf(stdout, NULL, _IOLBF, 0);
	asked_init(&a, &c, "box", -1);
	for (;;) {
		p[1] = (struct pollfd){.fd = a.tray.fd, .events = POLLIN};
		poll(p, 2, asked_wait(&a));
		if (p[0].revents != 0) {
			if ((n = read(0, data, sizeof(data))) <= 0)
				break;
			if (write(pair[1], data, (size_t)n) != n)
				err(EX_IOERR, NULL);
		}
		if (asked_read(&a, pair[0], &f) < 0)
			errx(EX_PROTOCOL, "%s", f.text);
		if (p[1].revents != 0 && asked_click(&a, &h))
			printf("click %u %u %d %d\n", h.id, h.button, h.x, h.y);
	}
	asked_end(&a);
	return 0;
}
