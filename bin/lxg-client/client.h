/*
 * What lxg-client is made of while it runs. SPDX-License-Identifier: ISC
 */
#ifndef LXG_CLIENT_CLIENT_H
#define LXG_CLIENT_CLIENT_H

#include "ask.h"
#include "fail.h"
#include "host.h"
#include "proto.h"
#include "ui.h"

/* Without a word on the version, two connections: for each dialect one. */
struct client {
	struct proto_config offer;
	struct ui_config look;
	struct host host;
	struct host_watch *watch; /* NULL where a monitor tells */
	struct ask *ask;
	struct ui *ui;
	struct proto *proto;
	int server, second; /* -1: not there (yet) */
	int wake;	    /* a byte for each signal */
};

/*
 * The server's version: its dialect, and FAIL_CONFIG for one that can't be
 * served.
 */
int client_version(struct client *, const char *, struct fail *);

/*
 * Shows the server's windows until it, the user or a signal ends that: -1 and
 * why, FAIL_NONE where that is as it should be.
 */
int client_loop(struct client *, struct fail *);

#endif
