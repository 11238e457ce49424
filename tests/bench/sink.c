/*
 * In place of lxg-client: what the way to a session's socket takes, whose
 * server sends back each byte "e", and for a "d" as many as BYTES. Appends to
 * the file "sink" microseconds: of a turn, the median of many, and once there
 * is a file "go", of all those bytes. With "bare" as its argument standard
 * input is the socket, and a turn all there is. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONTROL 3
#define TURNS	201
#define BYTES	200000000

static int
receive(void)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} u;
	char line[4096];
	struct iovec v = {.iov_base = line, .iov_len = sizeof(line)};
	struct msghdr m;

	do {
		m = (struct msghdr){.msg_iov = &v,
		    .msg_iovlen = 1,
		    .msg_control = &u,
		    .msg_controllen = sizeof(u)};
		if (recvmsg(CONTROL, &m, 0) <= 0)
			errx(1, "no socket came");
	} while (CMSG_FIRSTHDR(&m) == NULL);
	return *(int *)(void *)CMSG_DATA(CMSG_FIRSTHDR(&m));
}

static long
micros(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Until so much has come for what is sent. */
static long
ask(int s, char what, long bytes)
{
	static char data[1 << 16];
	long begin = micros();
	ssize_t n;

	if (write(s, &what, 1) != 1)
		err(1, "write");
	for (; bytes > 0; bytes -= n)
		if ((n = read(s, data, sizeof(data))) <= 0)
			err(1, "read");
	return micros() - begin;
}

static int
compare(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

static void
tell(const char *what, long us)
{
	FILE *fp = fopen("sink", "a");

	if (fp == NULL || fprintf(fp, "%s %ld\n", what, us) < 0 ||
	    fclose(fp) != 0)
		err(1, "sink");
}

int
main(int argc, char **argv)
{
	struct timespec wait = {.tv_nsec = 10000000};
	bool bare = argc == 2 && strcmp(argv[1], "bare") == 0;
	int s = bare ? 0 : receive(), i;
	long turns[TURNS];

	fcntl(s, F_SETFL, 0); /* it waits */
	for (i = 0; i < TURNS; i++)
		turns[i] = ask(s, 'e', 1);
	qsort(turns, TURNS, sizeof(*turns), compare);
	tell(bare ? "bare" : "turn", turns[TURNS / 2]);
	if (bare)
		return 0;
	while (access("go", F_OK) < 0)
		nanosleep(&wait, NULL);
	tell("down", ask(s, 'd', BYTES));
	pause();
	return 0;
}
