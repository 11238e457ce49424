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
	char text[sizeof(f->text)];
	va_list ap;

	/* what is formatted may be the text that was there */
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	text_clean(text);
	memcpy(f->text, text, sizeof(text));
	f->code = code;
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
