/*
 * Notifications: plain text, and not too many. The monitor puts the
 * instance's name in front. SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "clean.h"
#include "state.h"

/* The oldest of the last few has to be old enough. */
static bool
too_many(struct proto *p)
{
	long long *oldest = &p->notes[p->note];

	if (p->now - *oldest < NOTES_TIME)
		return true;
	*oldest = p->now;
	p->note = (p->note + 1) % NOTES_MAX;
	return false;
}

/* In place: tags go, entities become what they stand for. */
static void
plain(char *s)
{
	static const struct {
		const char *name, c;
	} entities[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'},
	    {"&apos;", '\''}, {"&#39;", '\''}, {"&amp;", '&'}};
	char *to = s, *end;
	size_t i, n = sizeof(entities) / sizeof(*entities);

	while (*s != '\0') {
		if (*s == '<' && (end = strchr(s, '>')) != NULL) {
			s = end + 1;
			continue;
		}
		for (i = 0; i < n; i++)
			if (strncmp(s, entities[i].name,
				strlen(entities[i].name)) == 0)
				break;
		*to++ = i < n ? entities[i].c : *s;
		s += i < n ? strlen(entities[i].name) : 1;
	}
	*to = '\0';
}

/* dbus, id, program, replaces, icon, summary, body, time, icon, actions, hints
 */
int
got_note(struct proto *p, const struct val *packet, struct fail *f)
{
	char summary[801], body[4001];
	int64_t id, replaces = 0, urgency = 1;

	if (!val_int(val_at(packet, 2), 0, UINT32_MAX, &id))
		return malformed(f, packet, "no number");
	if (!p->config.notifications || too_many(p))
		return 0;
	if (!val_int(val_at(packet, 4), 0, UINT32_MAX, &replaces))
		replaces = 0;
	if (!val_int(val_key(val_at(packet, 11), "urgency"), 0, 2, &urgency))
		urgency = 1;
	clean_text(val_at(packet, 6), summary, sizeof(summary), 200, false);
	clean_text(val_at(packet, 7), body, sizeof(body), 1000, true);
	plain(summary);
	plain(body);
	ask_note(p->ask, (uint32_t)id, (uint32_t)replaces, summary, body,
	    (unsigned)urgency);
	return 0;
}

int
got_note_gone(struct proto *p, const struct val *packet, struct fail *f)
{
	int64_t id;

	if (!val_int(val_at(packet, 1), 0, UINT32_MAX, &id))
		return malformed(f, packet, "no number");
	if (p->config.notifications && !too_many(p))
		ask_note_close(p->ask, (uint32_t)id);
	return 0;
}

/* An address for the host's browser: the monitor judges it once more. */
int
got_url(struct proto *p, const struct val *packet, struct fail *f)
{
	const struct val *v = val_at(packet, 1);
	char url[2049];

	(void)f;
	if (!p->config.urls || v == NULL || v->kind != V_STR ||
	    v->len >= sizeof(url) || too_many(p))
		return 0;
	for (size_t i = 0; i < v->len; i++)
		if (v->s[i] <= ' ' || v->s[i] > '~')
			return 0;
	memcpy(url, v->s, v->len);
	url[v->len] = '\0';
	ask_url(p->ask, url);
	return 0;
}
