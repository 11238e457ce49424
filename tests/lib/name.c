/*
 * Names that the engine takes. SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "check.h"
#include "name.h"

static const char *const good[] = {"a", "A", "firefox", "a-b", "a1", "x--y",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123456789x", NULL};

static const char *const bad[] = {"", "-", "-a", "a-", "1", "1a", "a b", "a_b",
    "a.b", "a/b", "..", "a\n", "a'", "$(a)", "\xc3\xa9", "a\xff", "a%2f", "a?b",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123456789xy", NULL};

static const char *const projects[] = {
    "default", "user-1000", "a_b", "a.b", "0", NULL};

static const char *const no_projects[] = {"", "-a", ".", "..", ".a", "a/b",
    "a b", "a'b", "a\"b", "a\n", "a?b", "a&b", "*", "\xc3\xa9",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123456789xy", NULL};

static void
expect(int (*fn)(const char *, struct fail *), const char *const *v, int ret)
{
	struct fail f;

	for (; *v != NULL; v++) {
		f = (struct fail){0, ""};
		if (fn(*v, &f) != ret || (ret < 0 && f.kind != FAIL_DATA) ||
		    (ret < 0 && f.text[0] == '\0')) {
			printf("\"%s\": %d %s\n", *v, f.kind, f.text);
			check_failed = 1;
		}
	}
}

int
main(void)
{
	expect(name_check, good, 0);
	expect(name_check, bad, -1);
	expect(name_check_project, projects, 0);
	expect(name_check_project, no_projects, -1);
	return check_failed;
}
