/*
 * hold FILE: makes it, locks it as fcntl(2) does, says so in a line, and keeps
 * it until it is killed. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	int fd;

	if (argc != 2)
		errx(EX_USAGE, "usage: hold FILE");
	if ((fd = open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0666)) < 0 ||
	    lockf(fd, F_LOCK, 0) < 0)
		err(EX_OSERR, "%s", argv[1]);
	puts("held");
	fflush(stdout);
	for (;;)
		pause();
}
