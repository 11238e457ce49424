/*
 * The login user inside: found in the instance's own passwd file, whose text
 * is the instance's and so is checked. SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "instance.h"
#include "text.h"

#define PASSWD_MAX (1u << 20)

static bool
good_user(const char *s)
{
	return strlen(s) <= 32 &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "0123456789_-.") == strlen(s) &&
	       *s != '-' && *s != '\0' && *s != '.';
}

static bool
good_home(const char *s)
{
	return s[0] == '/' && s[1] != '\0' && strlen(s) < 1024 &&
	       text_utf8(s, strlen(s)) && strstr(s, "/../") == NULL &&
	       strstr(s, "//") == NULL && strpbrk(s, "\n\t\r\033,") == NULL;
}

/* One line of passwd(5), taken apart in place: is it this uid's? */
static bool
is_line_of(char *line, uint32_t uid, struct login *u)
{
	char *field[7], *end;
	int i;

	for (i = 0; i < 7; i++)
		if ((field[i] = strsep(&line, ":")) == NULL)
			return false;
	if (strtoul(field[2], &end, 10) != uid || *end != '\0' ||
	    *field[2] == '\0' || !good_user(field[0]) || !good_home(field[5]))
		return false;
	u->uid = uid;
	u->gid = (uint32_t)strtoul(field[3], &end, 10);
	if (*end != '\0' || *field[3] == '\0')
		return false;
	u->user = text_fmt("%s", field[0]);
	u->home = text_fmt("%s", field[5]);
	return true;
}

int
login_find(struct lxd *l, const char *instance, uint32_t uid, struct login *u,
    struct fail *f)
{
	char *data, *rest, *line;
	bool found = false;
	size_t len;

	*u = (struct login){NULL, NULL, 0, 0};
	if (lxd_file_get(
		l, instance, "/etc/passwd", PASSWD_MAX, &data, &len, f) < 0)
		return -1;
	for (rest = data; !found && (line = strsep(&rest, "\n")) != NULL;)
		found = is_line_of(line, uid, u);
	free(data);
	if (!found)
		return fail_set(f, EX_CONFIG,
		    "no user with uid %u inside; its user-data has to make "
		    "one, or user.lxg.uid name another uid",
		    uid);
	return 0;
}

int
login_install_keys(struct lxd *l, const char *instance, const struct login *u,
    const char *text, size_t len, struct fail *f)
{
	char *dir = text_fmt("%s/.ssh", u->home);
	char *file = text_fmt("%s/authorized_keys", dir);
	int ret;

	ret =
	    lxd_file_mkdir(l, instance, dir, (int)u->uid, (int)u->gid, 0700, f);
	if (ret == 0)
		ret = lxd_file_put(l, instance, file, text, len, (int)u->uid,
		    (int)u->gid, 0600, f);
	free(dir);
	free(file);
	return ret;
}

void
login_free(struct login *u)
{
	free(u->user);
	free(u->home);
}
