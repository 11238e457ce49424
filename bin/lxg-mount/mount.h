/*
 * The verbs of lxg-mount that have a file of their own.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_MOUNT_H
#define LXG_MOUNT_H

int plan(int argc, char **argv);
int del(int argc, char **argv);
int mend(int argc, char **argv);

#endif
