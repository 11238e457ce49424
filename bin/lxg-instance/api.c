/*
 * lxg-instance api: one request to the engine as it stands, for scripts.
 * SPDX-License-Identifier: ISC
 */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli.h"
#include "engine.h"
#include "instance.h"
#include "sig.h"

struct request {
	const char *method, *path;
	const char *file;  /* of the body, "-" for standard input; or NULL */
	const char *media; /* what that is; NULL: JSON, which is looked at */
	const char *out; /* where the answer goes as it is; NULL: it is JSON */
	size_t max;	 /* bytes of that, or 0 */
};

static bool
is_method(const char *s)
{
	static const char *const methods[] = {
	    "GET", "POST", "PUT", "PATCH", "DELETE"};
	const size_t n = sizeof(methods) / sizeof(methods[0]);
	size_t i = 0;

	while (i < n && strcmp(s, methods[i]) != 0)
		i++;
	return i < n;
}

/* Before an engine is looked for. */
static int
check_request(const struct request *r, struct fail *f)
{
	const char *p = r->path, *m = r->media != NULL ? r->media : "";

	if (!is_method(r->method))
		return fail_set(f, FAIL_USAGE,
		    "%s: a method is GET, POST, PUT, PATCH or DELETE",
		    r->method);
	/* what is behind a # is not sent, and that would be the project */
	while (isascii((unsigned char)*p) && isgraph((unsigned char)*p) &&
	       *p != '#')
		p++;
	if (*p != '\0' || strncmp(r->path, "/1.0", 4) != 0)
		return fail_set(
		    f, FAIL_USAGE, "a path begins with /1.0, and is escaped");
	while (isascii((unsigned char)*m) && isprint((unsigned char)*m))
		m++;
	if (*m != '\0' || (r->media != NULL && *r->media == '\0'))
		return fail_set(f, FAIL_USAGE, "-t: no media type");
	if ((r->out == NULL && r->max != 0) ||
	    (r->media != NULL && r->file == NULL))
		return fail_set(f, FAIL_USAGE, "-m is of -o, and -t of a file");
	if (strcmp(r->method, "GET") == 0 ? r->file != NULL : r->out != NULL)
		return fail_set(
		    f, FAIL_USAGE, "GET alone has -o, and no file of a body");
	return 0;
}

/* The file's JSON, or nothing for NULL. Owned. */
static int
read_body(FILE *fp, const char *file, jv *body, struct fail *f)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t len;
	int ret;

	*body = jv_invalid();
	if (fp == NULL)
		return 0;
	/* JSON has no NUL in it */
	len = getdelim(&text, &size, '\0', fp);
	if (ferror(fp))
		ret = fail_errno(f, "%s", file);
	else
		ret = rec_parse(
		    len < 0 ? "" : text, len < 0 ? 0 : (size_t)len, body, f);
	free(text);
	return ret;
}

static int
change(struct lxd *l, const struct request *r, jv *answer, struct fail *f)
{
	FILE *fp = NULL;
	int ret;
	jv body;

	if (r->file != NULL && strcmp(r->file, "-") == 0)
		fp = stdin;
	else if (r->file != NULL && (fp = fopen(r->file, "re")) == NULL)
		return fail_errno(f, "%s", r->file);
	if (r->media != NULL)
		ret =
		    lxd_upload(l, r->method, r->path, r->media, fp, answer, f);
	else if ((ret = read_body(fp, r->file, &body, f)) == 0)
		ret = lxd_send(l, r->method, r->path, body, NULL, answer, f);
	if (fp != NULL && fp != stdin)
		fclose(fp);
	return ret;
}

static int
save(struct lxd *l, const struct request *r, jv *answer, struct fail *f)
{
	bool plain = strcmp(r->out, "-") == 0;
	char media[LXD_MEDIA];
	FILE *fp = plain ? stdout : fopen(r->out, "we");
	int ret;

	if (fp == NULL)
		return fail_errno(f, "%s", r->out);
	ret = lxd_download(l, r->path, fp, r->max, media, f);
	if ((plain ? fflush(fp) : fclose(fp)) != 0 && ret == 0)
		ret = fail_set(f, FAIL_IO, "%s: %s",
		    plain ? "standard output" : r->out, strerror(errno));
	*answer = ret < 0 || plain ? jv_invalid() : jv_string(media);
	return ret;
}

/*
 * A request as it is. *answer, owned, is the metadata of what the engine says,
 * or of the operation's end; of what goes to a file the media type, and invalid
 * for standard output.
 */
static int
do_request(struct lxd *l, const struct request *r, jv *answer, struct fail *f)
{
	if (r->out != NULL)
		return save(l, r, answer, f);
	if (strcmp(r->method, "GET") == 0)
		return lxd_get(l, r->path, answer, NULL, f);
	return change(l, r, answer, f);
}

/* The options and operands; ends the program where they make no request. */
static void
request_words(int argc, char **argv, struct request *r)
{
	const char *why = NULL;
	struct fail f;
	int c;

	while ((c = cli_getopt(argc, argv, "m:o:t:")) != -1)
		switch (c) {
		case 'm':
			r->max = (size_t)strtonum(optarg, 1, LLONG_MAX, &why);
			break;
		case 'o':
			r->out = optarg;
			break;
		case 't':
			r->media = optarg;
			break;
		}
	if (why != NULL || argc - optind < 2 || argc - optind > 3)
		cli_usage();
	r->method = argv[optind];
	r->path = argv[optind + 1];
	r->file = argv[optind + 2]; /* or the NULL behind them */
	if (check_request(r, &f) < 0)
		cli_die(&f, NULL);
}

int
verb_api(int argc, char **argv)
{
	struct request r = {.max = 0};
	struct fail f;
	struct lxd *l;
	jv answer;
	int signo;

	request_words(argc, argv, &r);
	/* the engine itself is in no project */
	l = engine_open(cli_engine(),
	    strcmp(r.path, "/1.0") == 0 ? "" : cli_project(), NULL, &f);
	if (l == NULL)
		cli_die(&f, NULL);
	sig_catch();
	if (do_request(l, &r, &answer, &f) < 0) {
		if ((signo = sig_shield()) != 0)
			sig_die(signo);
		cli_die(&f, r.path);
	}
	if (!jv_is_valid(answer))
		return 0;
	jv_dump(answer, 0);
	putchar('\n');
	if (fflush(stdout) != 0)
		err(EX_IOERR, "standard output");
	return 0;
}
