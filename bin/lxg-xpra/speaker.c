/*
 * What another machine's session plays, here. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mirror.h"
#include "speaker.h"

#define SAMPLE 4 /* bytes, of both ears */

int
speaker_show(struct speaker *s, int folder, struct fail *f)
{
	s->listener = mirror_socket(folder, "speaker", f);
	return s->listener < 0 ? -1 : 0;
}

void
speaker_silence(struct speaker *s)
{
	if (s->conn >= 0)
		close(s->conn);
	s->conn = -1;
	s->have = 0;
}

void
speaker_accept(struct speaker *s)
{
	int conn =
	    accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (conn < 0)
		return;
	speaker_silence(s);
	s->conn = conn;
}

void
speaker_flush(struct speaker *s)
{
	ssize_t n;

	if (s->conn < 0 || s->have == 0)
		return;
	n = send(s->conn, s->held, s->have, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		speaker_silence(s);
	if (n <= 0)
		return;
	s->have -= (size_t)n;
	memmove(s->held, s->held + n, s->have);
}

void
speaker_put(struct speaker *s, const uint8_t *data, size_t len)
{
	size_t n = s->skip < len ? s->skip : len, room, drop = 0;

	s->skip -= n;
	data += n;
	len -= n;
	speaker_flush(s);
	room = s->conn >= 0 ? SPEAKER_HELD - s->have : 0;
	if (len > room)
		drop = (len - room + SAMPLE - 1) / SAMPLE * SAMPLE;
	n = len > drop ? len - drop : 0;
	memcpy(s->held + s->have, data, n);
	s->have += n;
	s->skip += drop - (len - n);
	speaker_flush(s);
}
