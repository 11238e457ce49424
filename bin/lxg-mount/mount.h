/*
 * The verbs of lxg-mount that have a file of their own.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_MOUNT_H
#define LXG_MOUNT_H

int verb_plan(int argc, char **argv);
int verb_del(int argc, char **argv);
int verb_mend(int argc, char **argv);

#endif
