/*
 * Records: what is read, what getters take. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "rec.h"

static int
read_text(const char *text, size_t len, struct recs *r, struct fail *f)
{
	FILE *fp = fmemopen((void *)(uintptr_t)text, len, "r");
	int ret = recs_read(fp, r, f);

	fclose(fp);
	return ret;
}

static void
test_lines(void)
{
	static const char text[] = "\n {\"a\":1}\n\t\r\n\n{\"b\":\"\\u00e9\"}";
	struct recs r;
	struct fail f;

	CHECK(read_text(text, sizeof(text) - 1, &r, &f) == 0 && r.n == 2);
	CHECK(r.v[0].line == 2 && r.v[1].line == 5);
	CHECK(strcmp(obj_str(r.v[1].v, "b"), "\xc3\xa9") == 0);
	recs_free(&r);
	CHECK(r.n == 0 && r.v == NULL);
	CHECK(read_text("\n", 1, &r, &f) == 0 && r.n == 0);
	recs_free(&r);
}

static void
refuse(const char *text, size_t len, const char *why)
{
	struct recs r;
	struct fail f = {0, ""};

	if (read_text(text, len, &r, &f) == 0 || f.kind != FAIL_DATA ||
	    strstr(f.text, why) == NULL || r.n != 0) {
		printf("%s: %d %s\n", text, f.kind, f.text);
		check_failed = 1;
	}
}

#define REFUSE(text, why) refuse(text, sizeof(text) - 1, why)

static void
test_refusals(void)
{
	REFUSE("{}\nx", "line 2: not JSON");
	REFUSE("{", "line 1: not JSON");
	REFUSE("{} {}", "line 1: not JSON");
	REFUSE("{\n}", "line 1: not JSON");
	REFUSE("{}\0", "not JSON");
	REFUSE("{\"a\":\"\xff\"}", "not UTF-8");
	REFUSE("{\"a\":\"\xed\xa0\x80\"}", "not UTF-8");
	REFUSE("[]", "not a JSON object");
	REFUSE("\"x\"", "not a JSON object");
	REFUSE("1", "not a JSON object");
	REFUSE("null", "not a JSON object");
}

static void
test_getters(void)
{
	static const char text[] =
	    "{\"s\":\"x\",\"nul\":\"a\\u0000b\",\"n\":4294967294,"
	    "\"big\":4294967295,\"neg\":-1,\"half\":0.5,\"t\":true,"
	    "\"f\":false,\"null\":null,\"o\":{}}";
	struct recs r;
	struct fail f;
	const char *s;
	uint32_t id;

	if (read_text(text, sizeof(text) - 1, &r, &f) < 0)
		abort();
	CHECK(strcmp(rec_str(&r.v[0], "s", &f), "x") == 0);
	CHECK(rec_str(&r.v[0], "nul", &f) == NULL && f.kind == FAIL_DATA);
	CHECK(strcmp(f.text, "line 1: key \"nul\" holds a NUL") == 0);
	CHECK(rec_str(&r.v[0], "n", &f) == NULL);
	CHECK(strcmp(f.text, "line 1: key \"n\" is not a string") == 0);
	CHECK(rec_str(&r.v[0], "none", &f) == NULL);
	CHECK(strcmp(f.text, "line 1: key \"none\" is missing") == 0);
	CHECK(rec_opt_str(&r.v[0], "none", &s, &f) == 0 && s == NULL);
	CHECK(rec_opt_str(&r.v[0], "null", &s, &f) == 0 && s == NULL);
	CHECK(rec_opt_str(&r.v[0], "o", &s, &f) < 0 && f.kind == FAIL_DATA);
	CHECK(rec_id(&r.v[0], "n", &id, &f) == 0 && id == 4294967294u);
	CHECK(rec_id(&r.v[0], "big", &id, &f) < 0 && f.kind == FAIL_DATA);
	CHECK(rec_id(&r.v[0], "neg", &id, &f) < 0 && f.kind == FAIL_DATA);
	CHECK(rec_id(&r.v[0], "half", &id, &f) < 0 && f.kind == FAIL_DATA);
	CHECK(rec_id(&r.v[0], "s", &id, &f) < 0 && f.kind == FAIL_DATA);
	CHECK(rec_true(&r.v[0], "t") && !rec_true(&r.v[0], "f") &&
	      !rec_true(&r.v[0], "s") && !rec_true(&r.v[0], "none"));
	recs_free(&r);
}

/* What we write is what jq's own library does. */
static void
test_written(void)
{
	static const char *const texts[] = {"{}",
	    "{\"a\":{},\"b\":[1,\"x\\n\"]}",
	    "{\"\\u0001\\\\\\\"\":\"\\u007f\\u0000/\"}",
	    "{\"u\":\"\\u00e9\\u20ac\",\"n\":1e1000}",
	    "{\"a b\":null,\"c\":{\"d\":{\"e\":true}},\"f\":-0.25,\"\":\"\"}"};
	struct rec r = {jv_invalid(), 0};
	struct fail f;
	char *text;
	size_t i;
	jv want;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		CHECK(rec_parse(texts[i], strlen(texts[i]), &r.v, &f) == 0);
		want = jv_dump_string(jv_copy(r.v), 0);
		text = rec_text(&r);
		CHECK(strcmp(text, jv_string_value(want)) == 0);
		free(text);
		jv_free(want);
		jv_free(r.v);
	}
}

int
main(void)
{
	test_lines();
	test_written();
	test_refusals();
	test_getters();
	return check_failed;
}
