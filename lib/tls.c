/*
 * TLS to an engine on another machine. SPDX-License-Identifier: ISC
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "mem.h"
#include "text.h"
#include "tls.h"

#define PEM_MAX	      ((size_t)1 << 20)
#define PEM_BEGIN     "-----BEGIN CERTIFICATE-----"
#define CONNECT_LIMIT 10L /* seconds */

struct tls {
	const struct remote *remote;
	char *pin; /* the base64 of the server's certificate, or NULL */
	CURL *curl;
	bool other; /* another one came */
	char said[CURL_ERROR_SIZE];
};

/* The base64 of the first certificate of a PEM, owned; NULL: has none. */
static char *
base64(const char *pem)
{
	const char *s = strstr(pem, PEM_BEGIN);
	char *out, *to;

	if (s == NULL)
		return NULL;
	s += strlen(PEM_BEGIN);
	out = to = mem_need(malloc(strlen(s) + 1));
	for (; *s != '\0' && *s != '-'; s++)
		if (strchr(" \t\r\n", *s) == NULL)
			*to++ = *s;
	*to = '\0';
	return out;
}

static int
take_pin(struct tls *t, struct fail *f)
{
	const char *path = t->remote->pin;
	struct fail why;
	char *pem;
	size_t len;

	if (path == NULL)
		return 0;
	if (file_read(path, PEM_MAX, &pem, &len, &why) < 0)
		return fail_set(f, why.kind, "%s: %s", path, why.text);
	t->pin = base64(pem);
	free(pem);
	return t->pin != NULL && *t->pin != '\0'
		   ? 0
		   : fail_set(f, FAIL_CONFIG, "%s: holds no certificate", path);
}

/* libcurl would ask for the passphrase on the terminal. */
static int
check_key(const char *path, struct fail *f)
{
	struct fail why;
	int ret = 0;
	char *pem;
	size_t len;

	if (file_read(path, PEM_MAX, &pem, &len, &why) < 0)
		return fail_set(f, why.kind, "%s: %s", path, why.text);
	if (strstr(pem, "ENCRYPTED") != NULL)
		ret = fail_set(f, FAIL_CONFIG,
		    "%s: is locked by a passphrase, which lxg does not ask for",
		    path);
	else if (strstr(pem, "PRIVATE KEY-----") == NULL)
		ret = fail_set(f, FAIL_CONFIG, "%s: holds no key", path);
	explicit_bzero(pem, len);
	free(pem);
	return ret;
}

struct tls *
tls_new(const struct remote *r, struct fail *f)
{
	struct tls *t = mem_need(calloc(1, sizeof(*t)));

	t->remote = r;
	if (take_pin(t, f) < 0 || check_key(r->key, f) < 0) {
		tls_free(t);
		return NULL;
	}
	return t;
}

void
tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	free(t->pin);
	free(t);
}

/* Is the first certificate that the server has shown the pinned one? */
static bool
is_pinned(const struct tls *t, const struct curl_certinfo *shown)
{
	const struct curl_slist *line;
	bool is = false;
	char *has;

	if (shown == NULL || shown->num_of_certs < 1)
		return false;
	for (line = shown->certinfo[0]; line != NULL; line = line->next)
		if (strncmp(line->data, "Cert:", 5) == 0 &&
		    (has = base64(line->data)) != NULL) {
			is = strcmp(has, t->pin) == 0;
			free(has);
		}
	return is;
}

/* Between the handshake and a request. One that was kept was looked at then. */
static int
on_connected(void *arg, char *to, char *from, int to_port, int from_port)
{
	struct tls *t = arg;
	struct curl_certinfo *shown = NULL;
	long connected = 1;

	(void)to, (void)from, (void)to_port, (void)from_port;
	if (t->pin == NULL)
		return CURL_PREREQFUNC_OK;
	curl_easy_getinfo(t->curl, CURLINFO_NUM_CONNECTS, &connected);
	curl_easy_getinfo(t->curl, CURLINFO_CERTINFO, &shown);
	if (connected == 0 || is_pinned(t, shown))
		return CURL_PREREQFUNC_OK;
	t->other = true;
	return CURL_PREREQFUNC_ABORT;
}

/* What we start later, the client say, is not to have it. */
static int
on_socket(void *arg, curl_socket_t s, curlsocktype purpose)
{
	(void)arg, (void)purpose;
	fcntl(s, F_SETFD, FD_CLOEXEC);
	return CURL_SOCKOPT_OK;
}

void
tls_set(struct tls *t, CURL *c)
{
	const struct remote *r = t->remote;

	t->curl = c;
	t->other = false;
	t->said[0] = '\0';
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->said);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_LIMIT);
	curl_easy_setopt(c, CURLOPT_SOCKOPTFUNCTION, on_socket);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3);
	curl_easy_setopt(c, CURLOPT_SSLCERT, r->cert);
	curl_easy_setopt(c, CURLOPT_SSLKEY, r->key);
	/* a session that is resumed shows no certificate */
	curl_easy_setopt(c, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	curl_easy_setopt(c, CURLOPT_CERTINFO, 1L);
	curl_easy_setopt(c, CURLOPT_PREREQFUNCTION, on_connected);
	curl_easy_setopt(c, CURLOPT_PREREQDATA, t);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	/* a pinned one need not have the name that we know it by */
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, t->pin != NULL ? 0L : 2L);
	if (t->pin != NULL || r->ca != NULL) {
		/* and those of the system are none then */
		curl_easy_setopt(
		    c, CURLOPT_CAINFO, t->pin != NULL ? r->pin : r->ca);
		curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	}
}

static int
is_another(const struct tls *t, struct fail *f)
{
	const struct remote *r = t->remote;

	if (t->pin != NULL)
		return fail_set(f, FAIL_PROTOCOL,
		    "remote %s (%s): shows another certificate than %s, or one "
		    "that has expired; nothing was sent",
		    r->name, r->url, r->pin);
	return fail_set(f, FAIL_PROTOCOL,
	    "remote %s (%s): its certificate is not for that name, or of no CA "
	    "of %s; nothing was sent",
	    r->name, r->url, r->ca != NULL ? r->ca : "this system");
}

/*
 * Did the connection break, and the other side said nothing that we would not
 * have? libcurl has one code for both, and its words by OpenSSL and GnuTLS.
 */
static bool
is_cut(const struct tls *t, long error)
{
	static const char *const words[] = {"SSL_ERROR_SYSCALL",
	    "reset by peer", "unexpected eof", "non-properly terminated"};
	size_t i;

	if (error != 0)
		return true;
	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strstr(t->said, words[i]) != NULL)
			return true;
	return false;
}

int
tls_failed(const struct tls *t, CURL *c, CURLcode code, struct fail *f)
{
	const struct remote *r = t->remote;
	curl_off_t shaken = 0;
	long error = 0;

	curl_easy_getinfo(c, CURLINFO_APPCONNECT_TIME_T, &shaken);
	curl_easy_getinfo(c, CURLINFO_OS_ERRNO, &error);
	if (t->other)
		return is_another(t, f);
	switch (code) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
		return is_another(t, f);
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
		return fail_set(f, FAIL_CONFIG,
		    "remote %s: its certificates or the key can't be used: %s",
		    r->name, curl_easy_strerror(code));
	case CURLE_RECV_ERROR:
	case CURLE_SSL_CONNECT_ERROR:
		if (is_cut(t, error))
			return fail_set(f, FAIL_UNAVAILABLE,
			    "remote %s (%s): the engine hung up in the middle",
			    r->name, r->url);
		if (code == CURLE_RECV_ERROR)
			return 0;
		return fail_set(f, FAIL_PROTOCOL,
		    "remote %s (%s): does not speak TLS 1.3 with us", r->name,
		    r->url);
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_OPERATION_TIMEDOUT:
		if (shaken > 0)
			return 0;
		return fail_set(f, FAIL_UNAVAILABLE,
		    "remote %s (%s): is not to be reached: %s", r->name, r->url,
		    error ? strerror((int)error) : curl_easy_strerror(code));
	default:
		return 0;
	}
}
