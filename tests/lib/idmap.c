/*
 * Which id maps are taken, and what they map. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "idmap.h"
#include "rec.h"
#include "text.h"

#define BOTH                                                                   \
	"[{'Isuid':true,'Isgid':false,'Hostid':700000,'Nsid':0,"               \
	"'Maprange':65536},{'Isuid':false,'Isgid':true,'Hostid':800000,"       \
	"'Nsid':0,'Maprange':65536}]"
#define RANGE(host, count)                                                     \
	"[{'Isuid':true,'Isgid':true,'Hostid':" host                           \
	",'Nsid':0,'Maprange':" count "}]"

/* An instance with that status, expanded config, and map under key. */
static int
judge(int status, const char *expanded, const char *key, const char *map,
    struct idmap *m, struct fail *f)
{
	char *text = text_fmt(
		 "{'status_code':%d,'expanded_config':{%s},'config':{}}",
		 status, expanded),
	     *p;
	jv instance, config;
	int ret;

	for (p = text; (p = strchr(p, '\'')) != NULL;)
		*p = '"';
	if (rec_parse(text, strlen(text), &instance, f) < 0)
		abort();
	free(text);
	if (map != NULL) {
		text = text_fmt("%s", map);
		for (p = text; (p = strchr(p, '\'')) != NULL;)
			*p = '"';
		config =
		    jv_object_set(jv_object(), jv_string(key), jv_string(text));
		instance = jv_object_set(instance, jv_string("config"), config);
		free(text);
	}
	ret = idmap_of(instance, m, f);
	jv_free(instance);
	return ret;
}

static void
test_mapping(void)
{
	struct idmap m;
	struct fail f;
	uint32_t id;

	CHECK(judge(103, "", "volatile.idmap.current", BOTH, &m, &f) == 0);
	CHECK(idmap_host_uid(&m, 1000, &id) && id == 701000);
	CHECK(idmap_host_gid(&m, 1000, &id) && id == 801000);
	CHECK(idmap_host_uid(&m, 65535, &id) && id == 765535);
	CHECK(!idmap_host_uid(&m, 65536, &id));
	CHECK(!idmap_host_gid(&m, 4294967295u, &id));
	CHECK(idmap_has_uid(&m, 700000) && idmap_has_uid(&m, 765535));
	CHECK(!idmap_has_uid(&m, 699999) && !idmap_has_uid(&m, 765536));
	CHECK(!idmap_has_uid(&m, 800000));
}

/* Of a running one the map it runs on, of a stopped one the next. */
static void
test_which(void)
{
	struct idmap m;
	struct fail f;

	CHECK(judge(102, "", "volatile.idmap.next", BOTH, &m, &f) == 0);
	CHECK(judge(103, "", "volatile.idmap.next", BOTH, &m, &f) < 0 &&
	      f.kind == FAIL_CONFIG);
	CHECK(judge(102, "", "volatile.idmap.current", BOTH, &m, &f) < 0 &&
	      f.kind == FAIL_CONFIG);
	CHECK(judge(102, "", "volatile.last_state.idmap", BOTH, &m, &f) < 0 &&
	      f.kind == FAIL_CONFIG);
}

/* Refused, of that kind, and the text says it. */
static void
refuse(
    const char *expanded, const char *map, enum fail_kind kind, const char *why)
{
	struct idmap m;
	struct fail f = {0, ""};

	if (judge(103, expanded, "volatile.idmap.current", map, &m, &f) == 0 ||
	    f.kind != kind || strstr(f.text, why) == NULL) {
		printf("%s: %d %s\n", map ? map : expanded, f.kind, f.text);
		check_failed = 1;
	}
}

static void
test_refusals(void)
{
	char *own = text_fmt(RANGE("%u", "1"), getuid());
	char *around = text_fmt("[{'Isuid':false,'Isgid':true,'Hostid':%u,"
				"'Nsid':0,'Maprange':2}]",
	    getgid() - (getgid() > 0));

	refuse("'security.privileged':'true'", BOTH, FAIL_CONFIG, "privileged");
	refuse("'security.privileged':'1'", BOTH, FAIL_CONFIG, "privileged");
	refuse("'raw.idmap':'both 1000 1000'", BOTH, FAIL_CONFIG, "raw.idmap");
	refuse("", NULL, FAIL_CONFIG, "no id map");
	refuse("", "", FAIL_CONFIG, "no id map");
	refuse("", "[]", FAIL_CONFIG, "empty");
	refuse("", RANGE("700000", "0"), FAIL_CONFIG, "empty");
	refuse("", RANGE("0", "65536"), FAIL_CONFIG, "root");
	refuse("", RANGE("65534", "1"), FAIL_CONFIG, "the host's user");
	refuse("", RANGE("1", "1"), FAIL_CONFIG, "daemon");
	refuse("", own, FAIL_CONFIG, "its id map holds");
	refuse("", around, FAIL_CONFIG, "its id map holds");
	refuse("", "{}", FAIL_PROTOCOL, "no sense");
	refuse("", "null", FAIL_PROTOCOL, "no sense");
	refuse("", "x", FAIL_PROTOCOL, "no sense");
	refuse("", "[1]", FAIL_PROTOCOL, "no sense");
	refuse("", "[{}]", FAIL_PROTOCOL, "no sense");
	refuse("", RANGE("-1", "2"), FAIL_PROTOCOL, "no sense");
	refuse("", RANGE("700000.5", "2"), FAIL_PROTOCOL, "no sense");
	refuse("", RANGE("'700000'", "2"), FAIL_PROTOCOL, "no sense");
	/* one that wraps around would hold root */
	refuse("", RANGE("4294967295", "2"), FAIL_PROTOCOL, "no sense");
	refuse("", RANGE("700000", "4294967295"), FAIL_PROTOCOL, "no sense");
	free(own);
	free(around);
}

int
main(void)
{
	test_mapping();
	test_which();
	test_refusals();
	return check_failed;
}
