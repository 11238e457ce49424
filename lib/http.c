/*
 * HTTP over a Unix socket, or to a remote by TLS: libcurl, bounded and
 * interruptible.
 * SPDX-License-Identifier: ISC
 */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

#include "http.h"
#include "mem.h"
#include "sig.h"
#include "text.h"
#include "tls.h"

#define WORDS_MAX ((size_t)1 << 20) /* of what is told in place of a file */

struct http {
	CURL *curl;
	char *socket;	 /* or NULL */
	struct tls *tls; /* or NULL */
	char *front;	 /* of each URL */
	char *name;	 /* in messages */
};

/* One answer as it arrives. */
struct arrival {
	const struct http_request *r;
	struct http_answer *a;
	CURL *curl;
	int error; /* of the files that it goes between */
};

bool
http_is_plain(const struct http_answer *a)
{
	return strcmp(a->type, "directory") != 0 &&
	       strcmp(a->type, "symlink") != 0;
}

/* Does it go to a file? What is wrong is told, and no content. */
static bool
goes_out(const struct arrival *in)
{
	long status = 0;

	curl_easy_getinfo(in->curl, CURLINFO_RESPONSE_CODE, &status);
	return in->r->to != NULL && status < 400 && http_is_plain(in->a);
}

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	struct arrival *in = arg;
	struct http_answer *a = in->a;
	size_t len = size * n, max = in->r->max;
	bool out = goes_out(in);
	char *more;

	/* what was to go to a file may be larger than what memory is for */
	if (in->r->to != NULL && !out && max > WORDS_MAX)
		max = WORDS_MAX;
	if (len > max - a->len) {
		a->too_long = true;
		return 0;
	}
	if (out) {
		if (fwrite(data, 1, len, in->r->to) < len) {
			in->error = errno;
			return 0;
		}
		a->len += len;
		return len;
	}
	if ((more = realloc(a->body, a->len + len + 1)) == NULL)
		return 0;
	a->body = more;
	memcpy(a->body + a->len, data, len);
	a->len += len;
	a->body[a->len] = '\0';
	return len;
}

static size_t
on_read(char *data, size_t size, size_t n, void *arg)
{
	struct arrival *in = arg;
	size_t len = fread(data, size, n, in->r->from);

	if (len < n && ferror(in->r->from)) {
		in->error = errno;
		return CURL_READFUNC_ABORT;
	}
	return len;
}

/* Is the line this header? Then its value goes to a buffer of that size. */
static void
take_header(
    const char *line, size_t len, const char *name, char *to, size_t size)
{
	size_t n = strlen(name);

	if (len <= n || strncasecmp(line, name, n) != 0)
		return;
	line += n;
	len -= n;
	while (len > 0 && *line == ' ') {
		line++;
		len--;
	}
	while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == '\n'))
		len--;
	if (len < size) {
		memcpy(to, line, len);
		to[len] = '\0';
	}
}

static size_t
on_header(char *line, size_t size, size_t n, void *arg)
{
	struct http_answer *a = ((struct arrival *)arg)->a;
	size_t len = size * n;

	take_header(line, len, "etag:", a->etag, sizeof(a->etag));
	take_header(line, len, "content-type:", a->media, sizeof(a->media));
	take_header(line, len, "x-lxd-type:", a->type, sizeof(a->type));
	take_header(line, len, "x-incus-type:", a->type, sizeof(a->type));
	return len;
}

/* Called at least once a second: where a signal ends the wait. */
static int
on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)arg, (void)a, (void)b, (void)c, (void)d;
	return sig_caught() != 0;
}

/* Consumes front and name. */
static struct http *
http_new(char *front, char *name, struct fail *f)
{
	struct http *h = calloc(1, sizeof(*h));

	if (h == NULL || (h->curl = curl_easy_init()) == NULL) {
		free(h);
		free(front);
		free(name);
		fail_set(f, FAIL_SYSTEM, "out of memory");
		return NULL;
	}
	h->front = front;
	h->name = name;
	return h;
}

struct http *
http_open(const char *socket, struct fail *f)
{
	struct http *h;

	/* libcurl would say that it can't resolve a host */
	if (strlen(socket) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
		fail_set(f, FAIL_UNAVAILABLE, "%s: %s", socket,
		    strerror(ENAMETOOLONG));
		return NULL;
	}
	h = http_new(text_fmt("http://engine"), text_fmt("%s", socket), f);
	if (h != NULL)
		h->socket = text_fmt("%s", socket);
	return h;
}

struct http *
http_open_remote(const struct remote *r, struct fail *f)
{
	struct http *h = http_new(text_fmt("%s", r->url),
	    text_fmt("remote %s (%s)", r->name, r->url), f);

	if (h != NULL && (h->tls = tls_new(r, f)) == NULL) {
		http_close(h);
		return NULL;
	}
	return h;
}

void
http_close(struct http *h)
{
	if (h == NULL)
		return;
	curl_easy_cleanup(h->curl);
	tls_free(h->tls);
	free(h->socket);
	free(h->front);
	free(h->name);
	free(h);
}

static int
curl_failed(CURLcode code, const struct http *h, const struct arrival *in,
    struct fail *f)
{
	long error = 0;

	if (sig_caught())
		return fail_set(f, FAIL_INTERRUPTED, "interrupted");
	if (in->a->too_long)
		return fail_set(f, FAIL_PROTOCOL,
		    "%s: the answer is longer than %zu bytes", h->name,
		    in->r->max);
	if (in->error != 0)
		return fail_set(f, FAIL_IO, "%s", strerror(in->error));
	if (h->tls != NULL && tls_failed(h->tls, in->curl, code, f) < 0)
		return -1;
	curl_easy_getinfo(in->curl, CURLINFO_OS_ERRNO, &error);
	/* what has received too much of a header says so, too */
	if (code == CURLE_RECV_ERROR && error == 0)
		code = CURLE_WEIRD_SERVER_REPLY;
	switch (code) {
	case CURLE_COULDNT_CONNECT:
		return fail_set(f, FAIL_UNAVAILABLE, "%s: %s", h->name,
		    error ? strerror((int)error) : curl_easy_strerror(code));
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
		return fail_set(f, FAIL_UNAVAILABLE,
		    "%s: the engine hung up in the middle", h->name);
	case CURLE_OPERATION_TIMEDOUT:
		return fail_set(
		    f, FAIL_AGAIN, "%s: no answer in time", h->name);
	case CURLE_OUT_OF_MEMORY:
		return fail_set(f, FAIL_SYSTEM, "out of memory");
	default:
		return fail_set(f, FAIL_PROTOCOL, "%s: %s", h->name,
		    curl_easy_strerror(code));
	}
}

static struct curl_slist *
header_list(const char *const *headers)
{
	struct curl_slist *list, *more;

	/* no wait for "100 Continue", which the engines don't send */
	list = curl_slist_append(NULL, "Expect:");
	for (; list != NULL && headers != NULL && *headers != NULL; headers++) {
		more = mem_need(curl_slist_append(list, *headers));
		list = more;
	}
	return list;
}

/* What we start later, a filter of D-Bus say, is not to have it. */
static int
on_socket(void *arg, curl_socket_t s, curlsocktype purpose)
{
	(void)arg;
	(void)purpose;
	fcntl(s, F_SETFD, FD_CLOEXEC);
	return CURL_SOCKOPT_OK;
}

static void
set_body(CURL *c, const struct http_request *r, struct arrival *in)
{
	if (r->from != NULL) {
		/* of a length that nobody knows: in chunks */
		curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(c, CURLOPT_READFUNCTION, on_read);
		curl_easy_setopt(c, CURLOPT_READDATA, in);
	} else if (r->body != NULL) {
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->body);
		curl_easy_setopt(
		    c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->len);
	}
}

/* How the engine is reached. */
static void
set_way(const struct http *h, CURL *c)
{
	if (h->tls != NULL) {
		tls_set(h->tls, c);
		return;
	}
	curl_easy_setopt(c, CURLOPT_UNIX_SOCKET_PATH, h->socket);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 5L);
	curl_easy_setopt(c, CURLOPT_SOCKOPTFUNCTION, on_socket);
}

static void
set_up(struct http *h, struct arrival *in, struct curl_slist *headers,
    const char *url)
{
	const struct http_request *r = in->r;
	CURL *c = h->curl;

	curl_easy_reset(c); /* keeps the connection */
	set_way(h, c);
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, r->method);
	/* libcurl repeats what went out on a connection that it had kept and
	 * that breaks: not for us to do with what changes something */
	if (strcmp(r->method, "GET") != 0)
		curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	if (r->long_one) {
		curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
		curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, r->timeout);
	} else
		curl_easy_setopt(c, CURLOPT_TIMEOUT, r->timeout);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, in);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, in);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	set_body(c, r, in);
}

int
http_do(struct http *h, const struct http_request *r, struct http_answer *a,
    struct fail *f)
{
	struct arrival in = {.r = r, .a = a, .curl = h->curl};
	struct curl_slist *headers = header_list(r->headers);
	char *url = text_fmt("%s%s", h->front, r->path);
	CURLcode code;
	int ret = 0;

	*a = (struct http_answer){.body = calloc(1, 1)};
	if (headers == NULL || a->body == NULL)
		mem_out();
	set_up(h, &in, headers, url);
	code = curl_easy_perform(h->curl);
	if (code == CURLE_OK)
		curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &a->status);
	else {
		ret = curl_failed(code, h, &in, f);
		free(a->body);
		a->body = NULL;
	}
	curl_slist_free_all(headers);
	free(url);
	return ret;
}

void *
http_connect(struct http *h, struct fail *f)
{
	struct http_answer none = {0};
	struct http_request r = {0};
	CURL *c = mem_need(curl_easy_init());
	struct arrival in = {.r = &r, .a = &none, .curl = c};
	CURLcode code;

	set_way(h, c);
	curl_easy_setopt(c, CURLOPT_URL, h->front); /* copied */
	curl_easy_setopt(c, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(c, CURLOPT_TCP_NODELAY, 1L);
	code = curl_easy_perform(c);
	if (code == CURLE_OK)
		return c;
	curl_failed(code, h, &in, f);
	curl_easy_cleanup(c);
	return NULL;
}

char *
http_escape(const char *s)
{
	char *e = curl_easy_escape(NULL, s, 0), *copy;

	if (e == NULL)
		mem_out();
	copy = text_fmt("%s", e);
	curl_free(e);
	return copy;
}
