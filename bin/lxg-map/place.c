/*
 * Names for files inside, where one is taken. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "map.h"
#include "text.h"

#define NAME_LEN 255 /* bytes that a file system takes */

/* Where the extension begins: ".tar" stays with what is behind it. */
static size_t
stem(const char *name)
{
	const char *dot = strrchr(name, '.');
	size_t len;

	/* a leading dot hides a file, and begins no extension */
	if (dot == NULL || dot == name)
		return strlen(name);
	len = (size_t)(dot - name);
	if (len > 4 && memcmp(dot - 4, ".tar", 4) == 0)
		len -= 4;
	return len;
}

static char *
insert(const char *path, const char *what, size_t room)
{
	const char *name = strrchr(path, '/');
	size_t dir, keep;
	char *suffix;

	name = name != NULL ? name + 1 : path;
	dir = (size_t)(name - path);
	keep = stem(name);
	suffix = text_fmt("%s%s", what, name + keep);
	if (strlen(suffix) < room && keep > room - strlen(suffix))
		keep = room - strlen(suffix);
	/* not in the middle of a character */
	while (keep > 0 && ((unsigned char)name[keep] & 0xc0) == 0x80)
		keep--;
	return text_fmt("%.*s%s", (int)(dir + keep), path, suffix);
}

char *
place_insert(const char *path, const char *what)
{
	return insert(path, what, NAME_LEN);
}

/* As long as the engine can mount it: any device's name is as long as this. */
char *
place_variation(const char *path, unsigned n)
{
	char *what = text_fmt("-%u", n), *s = place_insert(path, what);
	char *device = device_name("", "");
	size_t room;

	for (room = NAME_LEN; room > 20 && !device_mountable(device, s);) {
		free(s);
		s = insert(path, what, --room);
	}
	return s;
}

/*
 * What is at a taken path's key is the number that its next variation has, so
 * that a thousand files of one name don't take a million looks.
 */
static unsigned
next_number(jv taken, const char *path)
{
	jv v = jv_object_get(jv_copy(taken), jv_string(path));

	return jv_get_kind(v) == JV_KIND_NUMBER ? (unsigned)jv_number_value(v)
						: 2;
}

char *
place_free(const char *path, jv *taken)
{
	char *s = text_fmt("%s", path);
	unsigned n = 0;

	while (jv_object_has(jv_copy(*taken), jv_string(s))) {
		if (n == 0)
			n = next_number(*taken, path);
		free(s);
		s = place_variation(path, n++);
	}
	if (n > 0)
		*taken = jv_object_set(*taken, jv_string(path), jv_number(n));
	*taken = jv_object_set(*taken, jv_string(s), jv_true());
	return s;
}
