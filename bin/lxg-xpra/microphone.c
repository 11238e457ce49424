/*
 * What another machine's session records, here. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "microphone.h"
#include "mirror.h"

#define SAMPLE 4 /* bytes, of both ears */

static void
let_go(struct microphone *m)
{
	if (m->conn >= 0)
		close(m->conn);
	m->conn = -1;
	m->have = 0;
}

int
microphone_still(struct microphone *m, int folder, struct fail *f)
{
	let_go(m);
	m->wanted = false;
	if (m->listener < 0)
		m->listener = mirror_socket(folder, "microphone", f);
	return m->listener < 0 ? -1 : 0;
}

static void
have_it_begin(const struct microphone *m)
{
	if (m->wanted && m->conn >= 0)
		send(m->conn, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void
microphone_record(struct microphone *m)
{
	m->wanted = true;
	have_it_begin(m);
}

void
microphone_accept(struct microphone *m)
{
	int conn =
	    accept4(m->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (conn < 0)
		return;
	let_go(m);
	m->conn = conn;
	have_it_begin(m);
}

size_t
microphone_take(struct microphone *m)
{
	size_t rest = m->have % SAMPLE;
	ssize_t n;

	memmove(m->held, m->held + m->have - rest, rest);
	m->have = rest;
	n = recv(m->conn, m->held + rest, sizeof(m->held) - rest, MSG_DONTWAIT);
	if (n > 0)
		m->have += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		let_go(m);
	return m->have - m->have % SAMPLE;
}
