/*
 * What others are in the way of is tried again. SPDX-License-Identifier: ISC
 */

#include "clock.h"
#include "lxd.h"
#include "patience.h"
#include "sig.h"

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
