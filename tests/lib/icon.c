/*
 * What lxg-xpra makes of a picture that an instance gave: each line in Base64
 * on standard input becomes one, empty for none. SPDX-License-Identifier: ISC
 */
#include <stdio.h>

#include "../../bin/lxg-xpra/icon.c"

int
main(void)
{
	char *line = NULL, *clean;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, stdin)) > 0) {
		line[n - 1] = '\0';
		clean = icon_clean(line);
		puts(clean != NULL ? clean : "");
		free(clean);
	}
	free(line);
	return 0;
}
