/*
 * The state: what is put is got again, by the one who holds it; one that is
 * damaged is named and kept. SPDX-License-Identifier: ISC
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "machine.h"
#include "state.h"

static struct holder
me(const char *uuid, const char *device)
{
	return (struct holder){
	    machine_id(), machine_name(), "lxd", "p", "i", uuid, device};
}

static struct state *
opened(unsigned how)
{
	struct fail f;
	struct state *s = state_open(how, &f);

	if (s == NULL) {
		printf("%d %s\n", f.kind, f.text);
		exit(1);
	}
	return s;
}

static void
test_none(const char *path)
{
	struct state *s = opened(0);
	struct loan *v;
	struct fail f;
	size_t n;

	CHECK(state_loans(s, &v, &n, &f) == 0 && n == 0);
	state_close(s);
	CHECK(access(path, F_OK) < 0);
}

static void
test_loan(const char *path)
{
	struct state *s = opened(STATE_MAKE | STATE_ALONE);
	struct grant g[2] = {{.by = me("u", "d"),
				 .uid = 1001000,
				 .asked = 6,
				 .perm = 6,
				 .boot = "b",
				 .fs = ~0ULL,
				 .record = "{}"},
	    {.by = me("", "e"), .uid = 7, .boot = "b", .record = "{\"a\":1}"}};
	struct loan l = {.ident = {"1", "2", "ff"},
	    .base = {"u::rw-", "-"},
	    .old = {"u::r--", "-"},
	    .v = g,
	    .n = 2};
	struct loan got, *v;
	struct stat st;
	struct fail f;
	size_t n;

	CHECK(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600);
	CHECK(state_loan_put(s, &l, &f) == 0 && l.id != 0);
	state_close(s);
	s = opened(0);
	CHECK(state_loan(s, &l.ident, &got, &f) == 1 && got.id == l.id);
	CHECK(got.n == 2 && got.v[0].fs == ~0ULL && got.v[0].uid == 1001000);
	CHECK(holder_same(&got.v[0].by, &g[0].by));
	CHECK(!holder_same(&got.v[0].by, &g[1].by));
	CHECK(strcmp(got.v[1].record, "{\"a\":1}") == 0);
	strcpy(l.ident.dev, "9");
	CHECK(state_loan(s, &l.ident, &got, &f) == 1);
	strcpy(l.ident.handle, "");
	CHECK(state_loan(s, &l.ident, &got, &f) == 0);
	strcpy(l.ident.dev, "1");
	CHECK(state_loan_by_number(s, &l.ident, &g[1].by, &got, &f) == 1);
	CHECK(state_begin(s, &f) == 0);
	got.n = 0;
	CHECK(state_loan_put(s, &got, &f) == 0);
	CHECK(state_loans(s, &v, &n, &f) == 0 && n == 0);
	state_rollback(s);
	CHECK(state_loans(s, &v, &n, &f) == 0 && n == 1);
	CHECK(state_loan_put(s, &got, &f) == 0);
	CHECK(state_loans(s, &v, &n, &f) == 0 && n == 0);
	state_close(s);
}

static void
test_copy(void)
{
	struct state *s = opened(STATE_MAKE);
	struct copy c = {.by = me("u", "d"),
	    .state = COPY_LENDING,
	    .name = "n",
	    .source = "/s",
	    .origin = "/o",
	    .origin_fs = "",
	    .sha256 = "",
	    .boot = machine_boot(),
	    .record = "{}"};
	struct copy got, *v;
	struct holder other = c.by;
	struct fail f;
	size_t n;

	CHECK(state_copy(s, &c.by, &got, &f) == 0);
	CHECK(state_copy_put(s, &c, &f) == 0 && c.id != 0);
	c.state = COPY_WRITING;
	CHECK(state_copy_put(s, &c, &f) == 0);
	CHECK(state_copy(s, &c.by, &got, &f) == 1 &&
	      got.state == COPY_WRITING && strcmp(got.origin, "/o") == 0);
	other.uuid = "";
	CHECK(state_copies(s, &other, &v, &n, &f) == 0 && n == 1);
	other.uuid = "v";
	CHECK(state_copies(s, &other, &v, &n, &f) == 0 && n == 0);
	other = c.by;
	other.machine = "elsewhere";
	CHECK(state_copies(s, &other, &v, &n, &f) == 0 && n == 0);
	CHECK(state_copies(s, NULL, &v, &n, &f) == 0 && n == 1);
	CHECK(state_copy_drop(s, c.id, &f) == 0);
	CHECK(state_copies(s, NULL, &v, &n, &f) == 0 && n == 0);
	state_close(s);
}

static void
test_intent(void)
{
	struct state *s = opened(STATE_MAKE);
	struct intent i = {.verb = "lend",
	    .by = me("", ""),
	    .pid = getpid(),
	    .started = machine_started(getpid()),
	    .boot = machine_boot()};
	struct intent gone = i, *v;
	struct fail f;
	size_t n;

	gone.started--;
	CHECK(state_intent_begin(s, &i, &f) == 0);
	CHECK(state_intent_begin(s, &gone, &f) == 0 && gone.id != i.id);
	CHECK(state_intents(s, &v, &n, &f) == 0 && n == 2);
	CHECK(v[0].alive && !v[1].alive);
	CHECK(state_intent_end(s, i.id, &f) == 0);
	CHECK(state_intent_end(s, gone.id, &f) == 0);
	CHECK(state_intents(s, &v, &n, &f) == 0 && n == 0);
	state_close(s);
}

static void
test_damage(const char *path)
{
	struct state *s;
	struct ident id = {"1", "2", "ff"};
	struct fail f;
	bool lost;
	int fd = open(path, O_WRONLY | O_TRUNC);

	CHECK(fd >= 0 && write(fd, "garbage", 7) == 7);
	close(fd);
	s = opened(STATE_MAKE);
	CHECK(state_damage(s) != NULL &&
	      strstr(state_damage(s), "kept as state.db.bad") != NULL);
	CHECK(state_lost(s, &id, &lost, &f) == 0 && lost);
	state_close(s);
	s = opened(0);
	CHECK(state_damage(s) == NULL);
	CHECK(state_lost(s, &id, &lost, &f) == 0 && lost);
	state_close(s);
}

int
main(void)
{
	char dir[256], path[300];

	snprintf(dir, sizeof(dir), "%s/lxg-state.XXXXXX",
	    getenv("TMPDIR") ?: "/tmp");
	if (mkdtemp(dir) == NULL)
		return 1;
	setenv("XDG_STATE_HOME", dir, 1);
	snprintf(path, sizeof(path), "%s/lxg/state.db", dir);
	test_none(path);
	test_loan(path);
	test_copy();
	test_intent();
	test_damage(path);
	return check_failed;
}
