/*
 * Files that programs send, and print jobs: one at a time, whole or in chunks,
 * each chunk acknowledged. Where they end is the monitor's business.
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "clean.h"
#include "state.h"

#define FILE_MAX  (1ll << 30)
#define FILE_WAIT 30000 /* ms for the next chunk */

static void
ack(struct proto *p, bool fresh, const char *id, bool fine, const char *why,
    int64_t chunk)
{
	out_begin(&p->out, fresh ? "file-ack-chunk" : "ack-file-chunk");
	out_str(&p->out, id);
	out_bool(&p->out, fine);
	out_str(&p->out, why);
	out_int(&p->out, chunk);
	done(p);
}

static void
end_file(struct proto *p, bool whole)
{
	p->file.active = false;
	ask_file_end(p->ask, whole);
}

/* The later names begin with "file-", and so do their answers. */
static bool
is_fresh(const struct val *packet)
{
	return !val_is(val_at(packet, 0), "send-file") &&
	       !val_is(val_at(packet, 0), "send-file-chunk");
}

/* The last part of a path, of what is left of it without tricks. */
static void
file_name(const struct val *v, char *to, size_t size)
{
	char *slash;

	clean_text(v, to, size, 200, false);
	while ((slash = strpbrk(to, "/\\")) != NULL)
		memmove(to, slash + 1, strlen(slash + 1) + 1);
	if (to[0] == '\0' || strcmp(to, ".") == 0 || strcmp(to, "..") == 0)
		strcpy(to, "file");
}

static void
begin_chunks(
    struct proto *p, const struct val *packet, const struct val *id, bool busy)
{
	char text[sizeof(p->file.id)];

	clean_text(id, text, sizeof(text), sizeof(text) - 1, false);
	if (busy) {
		ack(p, is_fresh(packet), text, false, "one at a time", 0);
		return;
	}
	memcpy(p->file.id, text, sizeof(text));
	p->file.chunk = 0;
	p->file.due = p->now + FILE_WAIT;
	p->file.active = true;
	ack(p, is_fresh(packet), text, true, "", 0);
}

/* name, type, print it, open it, size, data, options */
int
got_file(struct proto *p, const struct val *packet, struct fail *f)
{
	const struct val *data = val_at(packet, 6);
	const struct val *id = val_key(val_at(packet, 7), "file-chunk-id");
	const struct val *title = val_key(val_at(packet, 7), "title");
	bool print = val_true(val_at(packet, 3)), busy = p->file.active;
	char name[801];
	int64_t size;

	if (!val_int(val_at(packet, 5), 0, INT64_MAX, &size))
		return malformed(f, packet, "no size");
	if (data == NULL || data->kind != V_STR)
		return malformed(f, packet, "no data");
	if (print ? !p->config.printing : !p->config.files)
		return 0;
	if (size > FILE_MAX || (id == NULL && (busy || data->len == 0))) {
		ask_say(p->ask, "a file that a program sent was not taken");
		return 0;
	}
	/* a job's file is called whatever CUPS inside called it */
	file_name(print && title != NULL ? title : val_at(packet, 1), name,
	    sizeof(name));
	if (!busy) {
		p->file.size = (uint64_t)size;
		p->file.got = 0;
		ask_file(p->ask, name, (uint64_t)size, print);
	}
	if (id != NULL && data->len == 0) {
		begin_chunks(p, packet, id, busy);
		return 0;
	}
	if (busy)
		return 0;
	ask_file_data(p->ask, data->s, data->len);
	end_file(p, data->len == (uint64_t)size);
	return 0;
}

/* id, number, data, is there more */
int
got_file_chunk(struct proto *p, const struct val *packet, struct fail *f)
{
	const struct val *data = val_at(packet, 3);
	bool more = val_true(val_at(packet, 4));
	int64_t chunk;

	if (!val_int(val_at(packet, 2), 0, INT32_MAX, &chunk))
		return malformed(f, packet, "no number");
	if (data == NULL || data->kind != V_STR)
		return malformed(f, packet, "no data");
	if (!p->file.active || !val_is(val_at(packet, 1), p->file.id))
		return 0;
	if (chunk != p->file.chunk + 1 ||
	    data->len > p->file.size - p->file.got) {
		ack(p, is_fresh(packet), p->file.id, false, "out of order",
		    chunk);
		end_file(p, false);
		return 0;
	}
	p->file.chunk = chunk;
	p->file.got += data->len;
	p->file.due = p->now + FILE_WAIT;
	ask_file_data(p->ask, data->s, data->len);
	ack(p, is_fresh(packet), p->file.id, true, "", chunk);
	if (!more)
		end_file(p, p->file.got == p->file.size);
	return 0;
}

/* One printer, whatever the host has: what is printed goes to its default. */
void
printer_send(struct proto *p)
{
	struct out *o = &p->out;

	begin(p, "printers");
	out_dict(o);
	out_key(o, "host");
	out_dict(o);
	out_kstr(o, "printer-info", "the printer of the host");
	out_kstr(o, "device-uri", "");
	out_kwords(o, "mimetypes",
	    (const char *const[]){
		"application/pdf", "application/postscript", NULL});
	out_close(o);
	out_close(o);
	done(p);
}

void
file_tick(struct proto *p)
{
	if (p->file.active && p->file.due <= p->now)
		end_file(p, false);
}
