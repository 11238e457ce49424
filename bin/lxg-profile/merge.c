/*
 * How several cloud-config files add up. cloud-init knows two ways with a
 * dictionary (cloudinit/mergers/m_dict.py): "replace" takes the later value
 * whole, lists and dictionaries too; "no_replace" goes into these, but of
 * single values it keeps the one that came first. So that the later file's
 * wins, the files are sent last one first, and lists are prepended. No merger
 * for strings: one that meets another kind would win.
 * SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <string.h>

#include "cli.h"
#include "merge.h"
#include "rec.h"

#define LAST_FIRST "list(prepend)+dict(no_replace,recurse_list)"
#define IN_ORDER   "list(append)+dict(no_replace,recurse_list)"

/* The names of types that bring cloud-config which is not known here. */
static const char *const unknown[] = {"text/cloud-config-archive",
    "text/cloud-config-jsonp", "text/x-include-url", "text/x-include-once-url",
    "application/gzip"};

static bool
is_plain(const struct part *p)
{
	return p->config && !p->merges;
}

static bool
is_hidden(const struct part *p)
{
	size_t i;

	if (p->type == NULL)
		return true;
	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		if (strcmp(p->type, unknown[i]) == 0)
			return true;
	return false;
}

/* What merges in its own way wants before it all that was before it. */
static bool
is_barrier(const struct part *p)
{
	return is_hidden(p) || (p->config && p->merges);
}

/* The plain ones of the first n change places, the others stay. */
static void
reverse(struct part *p, size_t n)
{
	size_t a = 0, b = n;
	struct part swap;

	while (a < b) {
		if (!is_plain(&p[a])) {
			a++;
		} else if (!is_plain(&p[b - 1])) {
			b--;
		} else {
			b--;
			swap = p[a];
			p[a] = p[b];
			p[b] = swap;
			a++;
		}
	}
}

/* Names the keys of one that comes too late to have its single values win. */
static void
warn_late(const struct part *p, const struct part *before, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		jv_object_foreach (p->keys, k, v) {
			if (jv_object_has(jv_copy(before[i].keys), jv_copy(k)))
				cli_say(p->name,
				    "%s: is added to that of %s; of single "
				    "values those stay, since a file between "
				    "them merges in its own way",
				    jv_string_value(k), before[i].name);
			jv_free(k);
			jv_free(v);
		}
}

/* cloud-init's own way, where a part has no header for it: keys are replaced.
 */
static void
warn_hidden(const struct part *p)
{
	cli_say(p->name, "is not looked into: cloud-config in it that has no "
			 "merge_how replaces keys of the files before it, "
			 "lists and all");
}

void
merge_parts(struct part *p, size_t n)
{
	size_t i, first, plain = 0;

	for (first = 0; first < n && !is_barrier(&p[first]); first++)
		plain += is_plain(&p[first]);
	for (i = 0; plain > 1 && i < first; i++)
		if (is_plain(&p[i]))
			p[i].merge = LAST_FIRST;
	for (i = first; i < n; i++)
		if (is_plain(&p[i])) {
			p[i].merge = IN_ORDER;
			warn_late(&p[i], p, i);
			plain++;
		} else if (plain > 0 && is_hidden(&p[i]))
			warn_hidden(&p[i]);
	reverse(p, first);
}
