/*
 * The login user inside: found in the instance's own passwd file, whose text
 * is the instance's and so is checked. SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "instance.h"
#include "text.h"

#define PASSWD_MAX (1u << 20)
#define CLOUD_CFG  "/etc/cloud/cloud.cfg"
#define USER_DATA  "/var/lib/cloud/instance/cloud-config.txt"

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

/* A decimal id, or -1. */
static int64_t
id(const char *s)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);

	return *s >= '0' && *s <= '9' && *end == '\0' && n < UINT32_MAX
		   ? (int64_t)n
		   : -1;
}

/* What of a line of passwd(5), taken apart in place, could be the user. */
struct line {
	const char *user, *home;
	int64_t uid, gid;
};

static bool
split_line(char *text, struct line *l)
{
	char *field[7];
	int i;

	for (i = 0; i < 7; i++)
		if ((field[i] = strsep(&text, ":")) == NULL)
			return false;
	*l = (struct line){field[0], field[5], id(field[2]), id(field[3])};
	return l->uid >= 0 && l->gid >= 0 && good_user(l->user) &&
	       good_home(l->home);
}

/*
 * How well a line fits: the uid that is asked for (no other will do then);
 * else the default user of cloud-init's, else uid 1000, else the first that is
 * no system user.
 */
static int
rank(const struct line *l, int64_t uid, const char *name)
{
	if (uid >= 0)
		return l->uid == uid ? 4 : 0;
	if (l->uid < 1000 || l->uid >= 60000)
		return 0;
	if (name != NULL && strcmp(l->user, name) == 0)
		return 3;
	return l->uid == 1000 ? 2 : 1;
}

static void
choose_user(char *passwd, int64_t uid, const char *name, struct login *u)
{
	struct line l;
	char *text;
	int best = 0;

	while ((text = strsep(&passwd, "\n")) != NULL)
		if (split_line(text, &l) && rank(&l, uid, name) > best) {
			best = rank(&l, uid, name);
			login_free(u);
			*u = (struct login){text_fmt("%s", l.user),
			    text_fmt("%s", l.home), (uint32_t)l.uid,
			    (uint32_t)l.gid};
		}
}

/* The word behind a key of YAML, in place. */
static char *
word(char *s)
{
	s += strspn(s, " \"'");
	s[strcspn(s, " \"'\r")] = '\0';
	return s;
}

/* The value of "name:" below "default_user:" in cloud.cfg's YAML, in place. */
static char *
default_name(char *yaml)
{
	char *line, *s;
	bool below = false;

	while ((line = strsep(&yaml, "\n")) != NULL) {
		s = line + strspn(line, " ");
		if (strncmp(s, "default_user:", 13) == 0)
			below = true;
		else if (below && strncmp(s, "name:", 5) == 0)
			return word(s + 5);
	}
	return NULL;
}

/*
 * Whom the user-data's key "user" makes the default user, by a name or by keys
 * with one; as cloud-init has written it, which begins the line. In place.
 */
static char *
changed_name(char *yaml)
{
	char *line, *s;
	bool below = false;

	while ((line = strsep(&yaml, "\n")) != NULL) {
		s = line + strspn(line, " ");
		if (strncmp(line, "user:", 5) == 0) {
			below = true;
			if (*(s = word(line + 5)) != '\0')
				return s;
		} else if (s == line)
			below = false;
		else if (below && strncmp(s, "name:", 5) == 0)
			return word(s + 5);
	}
	return NULL;
}

/* The default user's name, of a file inside; NULL, or owned as *data is. */
static char *
name_inside(struct lxd *l, const char *instance, const char *path,
    char *(*find)(char *), char **data)
{
	struct fail ignored;
	size_t len;

	if (lxd_file_get(l, instance, path, PASSWD_MAX, data, &len, &ignored) <
	    0)
		*data = NULL;
	return *data != NULL ? find(*data) : NULL;
}

int
login_find(struct lxd *l, const char *instance, int64_t uid, struct login *u,
    struct fail *f)
{
	char *passwd, *yaml = NULL, *changed = NULL, *name = NULL;
	size_t len;

	*u = (struct login){NULL, NULL, 0, 0};
	if (lxd_file_get(
		l, instance, "/etc/passwd", PASSWD_MAX, &passwd, &len, f) < 0)
		return -1;
	if (uid < 0)
		name =
		    name_inside(l, instance, USER_DATA, changed_name, &changed);
	if (uid < 0 && name == NULL)
		name = name_inside(l, instance, CLOUD_CFG, default_name, &yaml);
	choose_user(passwd, uid, name, u);
	free(passwd);
	free(yaml);
	free(changed);
	if (u->user != NULL)
		return 0;
	if (uid >= 0)
		return fail_set(f, FAIL_CONFIG,
		    "no user with uid %lld inside, as user.lxg.uid says; the "
		    "instance is left to look at",
		    (long long)uid);
	return fail_set(f, FAIL_CONFIG,
	    "no user inside but those of the system: its user-data has to make "
	    "one (users: [default] is enough); the instance is left to look "
	    "at");
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
