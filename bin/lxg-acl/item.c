/*
 * What a device record says. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <sys/acl.h>
#include <unistd.h>

#include "item.h"
#include "mem.h"
#include "remote.h"
#include "text.h"

static int
read_perm(struct item *i, struct fail *f)
{
	const char *s = rec_str(i->rec, "perm", f);

	if (s == NULL)
		return -1;
	for (; *s == 'r' || *s == 'w' || *s == 'x'; s++)
		i->asked |= *s == 'r'	? ACL_READ
			    : *s == 'w' ? ACL_WRITE
					: ACL_EXECUTE;
	if (*s == '\0' && i->asked != 0)
		return 0;
	return fail_set(f, FAIL_DATA,
	    "line %zu: key \"perm\" is none of \"r\", \"rw\", \"rwx\"",
	    i->rec->line);
}

static int
read_uid(struct item *i, uid_t me, struct fail *f)
{
	if (rec_id(i->rec, "host_uid", &i->uid, f) < 0)
		return -1;
	if (i->uid != 0 && i->uid != me)
		return 0;
	return fail_set(f, FAIL_DATA,
	    "line %zu: key \"host_uid\" is no container's user", i->rec->line);
}

static int
read_item(struct item *i, uid_t me, struct fail *f)
{
	const char *mode, *api;

	if (holder_of(i->rec, &i->by, f) < 0 ||
	    rec_opt_str(i->rec, "api", &api, f) < 0 ||
	    rec_opt_str(i->rec, "mode", &mode, f) < 0)
		return -1;
	if (mode != NULL && strcmp(mode, "copy") == 0) {
		i->skip = true;
		return 0;
	}
	if ((i->source = rec_str(i->rec, "source", f)) == NULL ||
	    remote_check_record(i->rec, f) < 0 || read_perm(i, f) < 0 ||
	    read_uid(i, me, f) < 0 || ident_from_rec(i->rec, &i->id, f) < 0)
		return -1;
	if (i->source[0] != '/')
		return fail_set(f, FAIL_DATA,
		    "line %zu: key \"source\" is not an absolute path",
		    i->rec->line);
	return 0;
}

int
items_read(struct recs *r, struct items *all, struct fail *f)
{
	struct item *i;
	uid_t me = geteuid();
	size_t n;

	all->n = r->n;
	all->v = mem_need(calloc(r->n + 1, sizeof(*all->v)));
	for (n = 0; n < r->n; n++) {
		i = &all->v[n];
		i->rec = &r->v[n];
		i->fd = -1;
		i->skip = rec_failed(i->rec) || rec_true(i->rec, "dry_run");
		if (!i->skip && read_item(i, me, f) < 0)
			return -1;
	}
	return 0;
}

char *
item_what(const struct item *i)
{
	return text_fmt("%s: %s", i->by.instance, i->source);
}

void
item_fail(struct item *i, const struct fail *f)
{
	i->why = mem_need(malloc(sizeof(*i->why)));
	*i->why = *f;
}
