/* Whole files, within a limit. SPDX-License-Identifier: ISC */
#ifndef LXG_FILE_H
#define LXG_FILE_H

#include <stddef.h>

#include "fail.h"

/*
 * All of a file, a pipe or a device, up to max bytes (FAIL_DATA beyond it, and
 * for a folder), with a NUL behind them. *data is owned by the caller. The
 * object is not named in the failure.
 */
int file_read(
    const char *path, size_t max, char **data, size_t *len, struct fail *);

#endif
