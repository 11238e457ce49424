/*
 * A failure never ends a program as success does, and what another program
 * ended with is the kind that it had. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <sysexits.h>

#include "check.h"
#include "cli.h"
#include "mem.h"

static void
check_kinds(void)
{
	int kind;

	CHECK(cli_code(FAIL_NONE) == EX_OK && cli_kind(EX_OK) == FAIL_NONE);
	for (kind = FAIL_NO; kind <= FAIL_NOT_RUN; kind++) {
		enum fail_kind back = cli_kind(cli_code((enum fail_kind)kind));

		CHECK(cli_code((enum fail_kind)kind) != EX_OK);
		CHECK((int)back == kind ||
		      (kind == FAIL_INTERRUPTED && back == FAIL_AGAIN));
	}
	CHECK(cli_code((enum fail_kind)kind) == EX_SOFTWARE);
	CHECK(cli_kind(2) == FAIL_SYSTEM && cli_kind(255) == FAIL_SYSTEM);
}

/* What was put there stays, however it grows. */
static void
check_growth(void)
{
	size_t *v = NULL, n, i;

	for (n = 0; n < 1000; n++) {
		v = mem_grow(v, n, sizeof(*v));
		v[n] = n;
	}
	for (i = 0; i < n && v[i] == i; i++)
		;
	CHECK(i == n);
	free(v);
}

int
main(void)
{
	check_kinds();
	check_growth();
	return check_failed;
}
