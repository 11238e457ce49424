/*
 * TLS to an engine on another machine: who it is, and who we are.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_TLS_H
#define LXG_TLS_H

#include <curl/curl.h>

#include "fail.h"
#include "remote.h"

struct tls;

/*
 * The remote is borrowed, and outlives it. FAIL_CONFIG where the pinned
 * certificate or the key can't be used.
 */
struct tls *tls_new(const struct remote *, struct fail *);
void tls_free(struct tls *);

/*
 * Has a handle of libcurl's, after curl_easy_reset(), go nowhere but to that
 * server, straight, by TLS 1.3 and HTTP/1.1: before anything of a request goes
 * out, also with CURLOPT_CONNECT_ONLY, its certificate is the pinned one byte
 * for byte, or else one of a CA's and of its host's name. What it connects is
 * closed on exec. The handle is used with one struct tls alone, and cleaned up
 * before that.
 */
void tls_set(struct tls *, CURL *);

/*
 * Why there is no connection to it: returns -1 with FAIL_UNAVAILABLE where
 * nobody answers, FAIL_PROTOCOL where it is not the one that was pinned; 0 and
 * no failure for anything else.
 */
int tls_failed(const struct tls *, CURL *, CURLcode, struct fail *);

#endif
