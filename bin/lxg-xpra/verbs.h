/*
 * lxg-xpra's verbs; each takes argc and argv and returns the exit code.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_VERBS_H
#define LXG_XPRA_VERBS_H

int verb_start(int, char **);
int verb_join(int, char **);
int verb_attach(int, char **);
int verb_app(int, char **);
int verb_list(int, char **);
int verb_stop(int, char **);

struct fail;
struct rec;

/* Ends one that nobody can see, and removes what it left. */
int stop_session(struct rec *, struct fail *);

#endif
