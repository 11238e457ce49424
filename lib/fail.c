/*
 * Why a library call failed. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "text.h"

int
fail_set(struct fail *f, enum fail_kind kind, const char *fmt, ...)
{
	char text[sizeof(f->text)];
	va_list ap;

	/* what is formatted may be the text that was there */
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	text_clean(text);
	memcpy(f->text, text, sizeof(text));
	f->kind = kind;
	return -1;
}

static enum fail_kind
kind_of(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
	case EROFS:
		return FAIL_PERM;
	case ENOENT:
		return FAIL_NO;
	case EIO:
	case ENOSPC:
	case EDQUOT:
		return FAIL_IO;
	default:
		return FAIL_SYSTEM;
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
	return fail_set(f, kind_of(error), "%s: %s", what, strerror(error));
}
