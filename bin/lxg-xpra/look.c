/*
 * What an attach finds out: the session's folder, its end, its server, and the
 * display that its windows are for. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attach.h"
#include "cli.h"
#include "far.h"
#include "mirror.h"
#include "pages.h"
#include "policy.h"
#include "shared.h"
#include "text.h"

#define VERSION_CHARS "0123456789.-+~abcdefghijklmnopqrstuvwxyz"
#define OLDEST	      3 /* versions of xpra that the client speaks with */
#define NEWEST	      6
#define UNSAID	      "3.1" /* a session's from before it said so */

/* Has the session ended? Then a->end says how. */
void
attach_look_at_end(struct attach *a)
{
	int status = shared_number(a->folder, "status", 255);

	if (status >= 0) {
		rec_set(a->rec, "exit_status", jv_number(status));
		a->end = PROGRAM_ENDED;
	} else if (!shared_alive(a->folder)) {
		status = shared_number(a->folder, "status", 255);
		if (status >= 0)
			rec_set(a->rec, "exit_status", jv_number(status));
		else if (far_is(a->rec) &&
			 faccessat(a->folder, MIRROR_OVER, F_OK, 0) < 0)
			return; /* what carries it is gone, and says so */
		a->end = status >= 0 ? PROGRAM_ENDED : SESSION_ENDED;
	}
}

static void
look_for_folder(struct attach *a)
{
	a->folder = shared_folder(a->xpra, a->id);
	if (a->folder < 0)
		return;
	watch_folder(&a->watch, a->folder);
	output_open(&a->out, a->folder, "output");
	attach_look_at_end(a);
}

/* Who has just started it would have a session that nobody sees. */
int
attach_cannot_show(struct attach *a)
{
	a->unseen = !rec_has(a->rec, "since");
	return -1;
}

/* What the instance says of its server: a number first, and that one known. */
static int
learn_version(struct attach *a, struct fail *f)
{
	bool plain;
	int major;

	if (shared_read(a->folder, "version", a->version, ATTACH_VERSION) < 0)
		strlcpy(a->version, errno == ENOENT ? UNSAID : "of no version",
		    ATTACH_VERSION);
	a->version[strcspn(a->version, "\n")] = '\0';
	text_clean(a->version);
	plain = a->version[strspn(a->version, VERSION_CHARS)] == '\0';
	major = plain ? atoi(a->version) : 0;
	if (major >= OLDEST && major <= NEWEST)
		return 0;
	fail_set(f, FAIL_CONFIG,
	    "session %s: its server is xpra %s, and those from %d to %d can be "
	    "shown",
	    a->id, a->version, OLDEST, NEWEST);
	return attach_cannot_show(a);
}

/* To the client, where there are both. */
static int
hand_on(struct attach *a, struct fail *f)
{
	int ret;

	if (a->server < 0 || a->client.pidfd < 0)
		return 0;
	ret = client_serve(&a->client, a->server, a->version, f);
	close(a->server);
	a->server = -1;
	pages_give_back();
	return ret;
}

static int
begin_sound(struct attach *a, struct fail *f)
{
	return sound_start(&a->sound, a->folder, &a->map, a->config,
	    obj_str(a->rec->v, "instance"), f);
}

/* The socket is there when it listens; refused means that its server died. */
static int
look_for_server(struct attach *a, struct fail *f)
{
	char *name = text_fmt("%s.sock", a->id);
	bool there = faccessat(a->xpra, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	struct fail why;

	if (there)
		a->server = shared_connect(a->xpra, name, &a->map, f);
	free(name);
	if (!there)
		return 0;
	a->busy = a->server < 0 && f->kind == FAIL_AGAIN;
	if (a->server < 0)
		return a->busy ? 0 : -1;
	a->deadline = 0;
	watch_forget_top(&a->watch);
	if (learn_version(a, f) < 0)
		return -1;
	if (begin_sound(a, &why) < 0)
		cli_warn(&why, obj_str(a->rec->v, "instance"));
	return hand_on(a, f);
}

int
attach_look(struct attach *a, struct fail *f)
{
	if (a->folder < 0)
		look_for_folder(a);
	else if (a->watch.status)
		attach_look_at_end(a);
	a->watch.status = false;
	if (a->end != GOING || a->folder < 0 || a->server >= 0 ||
	    a->client.served)
		return 0;
	return look_for_server(a, f);
}

/* The display is there, or is another one: then the client begins, or hears. */
int
attach_look_at_display(struct attach *a, struct fail *f)
{
	bool known = a->display.known;
	int news = display_read(&a->display, f);

	if (news == 0 || (news < 0 && known)) {
		if (news < 0) /* the client knows it as well */
			display_stop(&a->display);
		return 0;
	}
	if (news < 0)
		return attach_cannot_show(a);
	if (known) {
		client_host(&a->client, &a->display.host);
		return 0;
	}
	if (display_judge(&a->display, a->choice.untrusted, f) < 0 ||
	    client_start(&a->client, &a->choice, &a->display, &a->runtime, f) <
		0)
		return attach_cannot_show(a);
	return hand_on(a, f);
}
