/*
 * Why a library call failed. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "fail.h"
#include "text.h"

int
fail_set(struct fail *f, int code, const char *fmt, ...)
{
	va_list ap;

	f->code = code;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
	text_clean(f->text);
	return -1;
}

static int
code_of(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
	case EROFS:
		return EX_NOPERM;
	case ENOENT:
		return EX_NO;
	case EIO:
	case ENOSPC:
	case EDQUOT:
		return EX_IOERR;
	default:
		return EX_OSERR;
	}
}

int
fail_errno(struct fail *f, const char *fmt, ...)
{
	char what[512];
	int error = errno;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return fail_set(f, code_of(error), "%s: %s", what, strerror(error));
}
