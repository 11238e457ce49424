/*
 * What others are in the way of is tried again. SPDX-License-Identifier: ISC
 */

#include <stdlib.h>

#include "clock.h"
#include "lxd.h"
#include "patience.h"
#include "sig.h"

#define SECONDS_MAX 86399 /* a day is an engine's end of waiting */

long
patience_seconds(const char *variable, long otherwise, struct fail *f)
{
	const char *s = getenv(variable), *why = NULL;
	long n = otherwise;

	if (s != NULL && *s != '\0')
		n = (long)strtonum(s, 1, SECONDS_MAX, &why);
	return why == NULL ? n
			   : fail_set(f, FAIL_CONFIG,
				 "%s: %s: not a number of seconds from 1 to %d",
				 variable, s, SECONDS_MAX);
}

time_t
patience_now(void)
{
	return (time_t)(clock_ms() / 1000);
}

struct patience
patience_begin(void)
{
	return (struct patience){patience_now() + lxd_patience(), 25};
}

bool
patience_again(struct patience *p, const struct fail *f)
{
	return f->kind == FAIL_AGAIN && patience_wait(p);
}

bool
patience_wait(struct patience *p)
{
	struct timespec wait;

	if (sig_caught() || patience_now() > p->end)
		return false;
	wait = (struct timespec){p->ms / 1000, p->ms % 1000 * 1000000};
	nanosleep(&wait, NULL);
	p->ms = p->ms < 800 ? p->ms * 2 : 800;
	return true;
}
