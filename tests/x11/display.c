/*
 * The back end for X11 by hand, in place of the protocol: lines of standard
 * input are calls of ui_*, what the display tells is a line of standard output.
 * Windows are painted by themselves: white, a corner of two pixels in each
 * corner, a diagonal. SPDX-License-Identifier: ISC
 *
 * usage: display COLOR BORDER [in] [out]
 */
#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "../../bin/lxg-client/ui.h"
#include "cli.h"

#define WORDS 32

static struct {
	struct ui *u;
	bool quit, repaint;
	struct ui_place at[1024];
	unsigned asked[2];
	char *text; /* what it offers as a selection */
	size_t len;
	FILE *save; /* where a fetched selection goes */
} d;

static long long
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static uint32_t
pixel(const struct ui_place *p, unsigned x, unsigned y)
{
	unsigned r = p->w - 1 - x, b = p->h - 1 - y;

	if ((x < 2 || r < 2) && (y < 2 || b < 2))
		return 0xff0000;
	if (x == y)
		return 0x0000ff;
	return 0xffffff;
}

static void
paint(uint32_t wid)
{
	struct ui_place all = d.at[wid % 1024];
	uint32_t *mem;

	all.x = all.y = 0;
	if (all.w == 0)
		return;
	mem = (uint32_t *)(void *)ui_canvas(d.u, (size_t)all.w * all.h * 4);
	if (mem == NULL)
		return;
	for (unsigned y = 0; y < all.h; y++)
		for (unsigned x = 0; x < all.w; x++)
			mem[y * all.w + x] = pixel(&all, x, y);
	ui_draw(d.u, wid, &all, (size_t)all.w * 4);
}

static void
flat(uint32_t wid, const struct ui_place *p, uint32_t color, size_t pad)
{
	size_t row = p->w + pad;
	uint32_t *mem = (uint32_t *)(void *)ui_canvas(d.u, row * p->h * 4);

	if (mem == NULL)
		return;
	for (size_t i = 0; i < row * p->h; i++)
		mem[i] = i % row < p->w ? color : 0xff00ff;
	ui_draw(d.u, wid, p, row * 4);
}

static void
say_place(
    const char *what, uint32_t wid, const struct ui_place *p, unsigned state)
{
	printf("%s %u %d %d %u %u %#x\n", what, wid, p->x, p->y, p->w, p->h,
	    state);
}

void
on_close(void *ctx, uint32_t wid)
{
	(void)ctx;
	printf("close %u\n", wid);
}

void
on_map(void *ctx, uint32_t wid, const struct ui_place *p, unsigned state)
{
	(void)ctx;
	say_place("map", wid, p, state);
	d.at[wid % 1024] = *p;
	paint(wid);
}

void
on_unmap(void *ctx, uint32_t wid)
{
	(void)ctx;
	printf("unmap %u\n", wid);
}

void
on_configure(void *ctx, uint32_t wid, const struct ui_place *p, unsigned state)
{
	(void)ctx;
	say_place("configure", wid, p, state);
	d.at[wid % 1024] = *p;
	paint(wid);
}

void
on_focus(void *ctx, uint32_t wid)
{
	(void)ctx;
	printf("focus %u\n", wid);
}

void
on_refresh(void *ctx, uint32_t wid)
{
	(void)ctx;
	printf("refresh %u\n", wid);
	paint(wid);
}

void
on_motion(void *ctx, uint32_t wid, int x, int y, unsigned mods)
{
	(void)ctx;
	printf("motion %u %d %d %#x\n", wid, x, y, mods);
}

void
on_button(void *ctx, uint32_t wid, unsigned button, bool down, int x, int y,
    unsigned mods)
{
	(void)ctx;
	printf("button %u %u %s %d %d %#x\n", wid, button, down ? "down" : "up",
	    x, y, mods);
}

void
on_key(void *ctx, uint32_t wid, unsigned code, uint32_t keysym, bool down,
    unsigned group, unsigned mods)
{
	(void)ctx;
	printf("key %u %u %#x %s %u %#x\n", wid, code, keysym,
	    down ? "down" : "up", group, mods);
}

void
on_sel_owner(void *ctx, enum ui_sel sel, const char *const *targets, unsigned n)
{
	(void)ctx;
	printf("owner %d", sel);
	for (unsigned i = 0; i < n; i++)
		printf(" %s", targets[i]);
	printf("\n");
}

void
on_sel_wanted(void *ctx, enum ui_sel sel, const char *target, unsigned request)
{
	struct ui_data data = {target, 8, (uint8_t *)d.text, d.len};

	(void)ctx;
	printf("wanted %d %s %u\n", sel, target, request);
	ui_sel_answer(d.u, request, d.text == NULL ? NULL : &data);
}

void
on_sel_data(void *ctx, unsigned request, const struct ui_data *data)
{
	(void)ctx;
	if (data == NULL || data->data == NULL) {
		printf("data %u none\n", request);
		return;
	}
	/* who reads the line finds the file */
	if (d.save != NULL) {
		fwrite(data->data, 1, data->len, d.save);
		fclose(d.save);
		d.save = NULL;
	}
	printf("data %u %s %u %zu\n", request, data->type, data->format,
	    data->len);
}

static int
num(char *const *word, int n, int i)
{
	return i < n ? (int)strtol(word[i], NULL, 0) : 0;
}

/* KEY=VALUE words are what a window says of itself. */
static void
describe(struct ui_says *s, char *const *word, int n, int from)
{
	struct ui_hints *h = &s->hints;

	for (int i = from; i < n; i++) {
		char *v = strchr(word[i], '=');
		unsigned a = 0, b = 0;

		if (v == NULL)
			continue;
		*v++ = '\0';
		if (sscanf(v, "%ux%u", &a, &b) < 1)
			a = 0;
		if (strcmp(word[i], "title") == 0) {
			s->has |= UI_SAYS_TITLE;
			s->title = v;
		} else if (strcmp(word[i], "type") == 0) {
			s->has |= UI_SAYS_TYPE;
			s->type = a;
		} else if (strcmp(word[i], "for") == 0) {
			s->has |= UI_SAYS_FOR;
			s->transient_for = a;
		} else if (strcmp(word[i], "modal") == 0) {
			s->has |= UI_SAYS_MODAL;
			s->modal = a != 0;
		} else if (strcmp(word[i], "state") == 0) {
			s->has |= UI_SAYS_STATE;
			s->state = (unsigned)strtoul(v, NULL, 0);
			s->state_mask = 0xfff;
		} else if (strcmp(word[i], "place") == 0) {
			s->has |= UI_SAYS_PLACE;
		} else {
			s->has |= UI_SAYS_HINTS;
		}
		if (strcmp(word[i], "min") == 0) {
			h->has |= UI_MIN;
			h->min_w = a;
			h->min_h = b;
		} else if (strcmp(word[i], "max") == 0) {
			h->has |= UI_MAX;
			h->max_w = a;
			h->max_h = b;
		} else if (strcmp(word[i], "base") == 0) {
			h->has |= UI_BASE;
			h->base_w = a;
			h->base_h = b;
		} else if (strcmp(word[i], "inc") == 0) {
			h->has |= UI_INC;
			h->inc_w = a;
			h->inc_h = b;
		} else if (strcmp(word[i], "gravity") == 0) {
			h->has |= UI_GRAVITY;
			h->gravity = a;
		}
	}
}

static void
window(char *const *word, int n)
{
	uint32_t wid = (uint32_t)num(word, n, 1);
	struct ui_place p = {num(word, n, 2), num(word, n, 3),
	    (unsigned)num(word, n, 4), (unsigned)num(word, n, 5)};
	struct ui_says s = {.has = 0};
	const char *what = word[0];

	describe(&s, word, n, 1);
	if (strcmp(what, "new") == 0 || strcmp(what, "popup") == 0) {
		d.at[wid % 1024] = p;
		ui_window_new(d.u, wid, &p, what[0] == 'p', &s);
	} else if (strcmp(what, "says") == 0) {
		ui_window_says(d.u, wid, &s);
	} else if (strcmp(what, "resize") == 0) {
		d.at[wid % 1024].w = (unsigned)p.x;
		d.at[wid % 1024].h = (unsigned)p.y;
		ui_window_resize(d.u, wid, (unsigned)p.x, (unsigned)p.y);
		paint(wid);
	} else if (strcmp(what, "move") == 0) {
		ui_window_move(d.u, wid, &p);
	} else if (strcmp(what, "kill") == 0) {
		ui_window_close(d.u, wid);
	} else if (strcmp(what, "flat") == 0) {
		flat(wid, &p, (uint32_t)num(word, n, 6),
		    (size_t)num(word, n, 7));
	} else if (strcmp(what, "tray") == 0) {
		printf("tray %d\n",
		    ui_tray_new(d.u, wid, 24, 24, "of the driver"));
	} else if (strcmp(what, "keyboard") == 0) {
		ui_keyboard(d.u, wid, (unsigned)p.x);
	} else if (strcmp(what, "bell") == 0) {
		ui_bell(d.u, p.x);
	} else {
		warnx("%s: what?", what);
	}
}

/* moves WID [X Y W H TO_X TO_Y]... */
static void
moves(char *const *word, int n)
{
	struct ui_move v[WORDS / 6];
	unsigned count = (unsigned)(n - 2) / 6;

	for (unsigned i = 0; i < count; i++) {
		int at = 2 + 6 * (int)i;

		v[i].from = (struct ui_place){num(word, n, at),
		    num(word, n, at + 1), (unsigned)num(word, n, at + 2),
		    (unsigned)num(word, n, at + 3)};
		v[i].x = num(word, n, at + 4);
		v[i].y = num(word, n, at + 5);
	}
	printf(
	    "moves %d\n", ui_moves(d.u, (uint32_t)num(word, n, 1), v, count));
}

/* A picture of one color, half of it see-through, for cursors and icons. */
static void
picture(char *const *word, int n)
{
	static uint32_t argb[64 * 64];
	uint32_t wid = (uint32_t)num(word, n, 1);
	unsigned w = (unsigned)num(word, n, 2) % 65;
	uint32_t color = (uint32_t)num(word, n, 3) | 0xff000000;

	for (unsigned i = 0; i < w * w; i++)
		argb[i] = i % w > i / w ? 0 : color;
	if (strcmp(word[0], "icon") == 0)
		ui_window_icon(d.u, wid, w, w, argb);
	else
		ui_cursor(d.u, wid, n > 4 ? word[4] : "", w, w, 0, 0, argb);
}

static void
selection(char *const *word, int n)
{
	enum ui_sel sel = (enum ui_sel)num(word, n, 1);

	if (strcmp(word[0], "claim") == 0)
		ui_sel_claim(d.u, sel, (const char *const *)word + 2,
		    n < 2 ? 0 : (unsigned)n - 2);
	else if (strcmp(word[0], "drop") == 0)
		ui_sel_drop(d.u, sel);
	else if (strcmp(word[0], "fetch") == 0 && n > 4) {
		d.save = fopen(word[4], "we");
		ui_sel_fetch(d.u, sel, word[2], (unsigned)num(word, n, 3));
	}
}

/* What is offered: a file's content. */
static void
offer(const char *path)
{
	FILE *f = fopen(path, "re");
	size_t n = 0;

	free(d.text);
	d.text = NULL;
	d.len = 0;
	if (f == NULL)
		return;
	d.text = malloc(64 << 20);
	if (d.text != NULL)
		while ((n = fread(d.text + d.len, 1, 1 << 20, f)) > 0 &&
		       d.len < 63u << 20)
			d.len += n;
	fclose(f);
}

static void
command(char *line)
{
	char *word[WORDS + 1] = {NULL}, *save = NULL;
	int n = 0;

	for (char *s = strtok_r(line, " \n", &save); s != NULL && n < WORDS;
	     s = strtok_r(NULL, " \n", &save))
		word[n++] = s;
	if (n == 0)
		return;
	if (strcmp(word[0], "quit") == 0)
		d.quit = true;
	else if (strcmp(word[0], "icon") == 0 || strcmp(word[0], "cursor") == 0)
		picture(word, n);
	else if (strcmp(word[0], "moves") == 0 && n > 2)
		moves(word, n);
	else if (strcmp(word[0], "offer") == 0 && n > 1)
		offer(word[1]);
	else if (strcmp(word[0], "claim") == 0 ||
		 strcmp(word[0], "drop") == 0 || strcmp(word[0], "fetch") == 0)
		selection(word, n);
	else if (strcmp(word[0], "echo") == 0)
		printf("echo %s\n", n > 1 ? word[1] : "");
	else
		window(word, n);
}

/* Lines that have come in whole. */
static void
commands(void)
{
	static char buf[65536];
	static size_t have;
	ssize_t got = read(STDIN_FILENO, buf + have, sizeof(buf) - 1 - have);
	char *end;

	if (got <= 0) {
		d.quit = true;
		return;
	}
	have += (size_t)got;
	buf[have] = '\0';
	while ((end = strchr(buf, '\n')) != NULL) {
		*end++ = '\0';
		command(buf);
		have -= (size_t)(end - buf);
		memmove(buf, end, have + 1);
	}
}

int
main(int argc, char **argv)
{
	struct ui_config c = {.class = "lxg-test", .bell = true, .tray = true};
	struct fail f;

	if (argc < 3)
		errx(EX_USAGE, "usage: display COLOR BORDER [in] [out]");
	c.color = (uint32_t)strtoul(argv[1], NULL, 0);
	c.border = (unsigned)strtoul(argv[2], NULL, 0);
	for (int i = 3; i < argc; i++) {
		c.clip_in = c.clip_in || strcmp(argv[i], "in") == 0;
		c.clip_out = c.clip_out || strcmp(argv[i], "out") == 0;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (ui_open(&d.u, &c, &f) == -1)
		errx(cli_code(f.kind), "%s", f.text);
	ui_listen(d.u, &d);
	printf("open\n");
	while (!d.quit) {
		struct pollfd p[] = {
		    {ui_fd(d.u), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};

		if (ui_flush(d.u, &f) == -1)
			errx(cli_code(f.kind), "%s", f.text);
		if (poll(p, 2, ui_wait(d.u, now())) > 0 && p[1].revents != 0)
			commands();
		if (ui_step(d.u, &f) == -1)
			errx(cli_code(f.kind), "%s", f.text);
	}
	ui_close(d.u);
	return 0;
}
