/*
 * Which engines are here, and which one is meant. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine.h"
#include "http.h"
#include "lxd_priv.h"
#include "mem.h"
#include "name.h"
#include "project.h"
#include "remote.h"
#include "text.h"

#define KINDS		 2
#define ROOTS		 2 /* sockets whose users are as root */
#define SOCKETS		 4 /* of a kind; behind those, plain users' */
#define OPEN_MAX_ENGINES 32

static const struct kind {
	const char *name, *group;
	const char *socket_variable, *dir_variable;
	const char *sockets[SOCKETS];
} kinds[KINDS] = {
    {"lxd", "lxd", "LXD_SOCKET", "LXD_DIR",
	{"/var/snap/lxd/common/lxd/unix.socket", "/var/lib/lxd/unix.socket",
	    "/var/snap/lxd/common/lxd-user/unix.socket",
	    "/var/lib/lxd/unix.socket.user"}},
    {"incus", "incus-admin", "INCUS_SOCKET", "INCUS_DIR",
	{"/var/lib/incus/unix.socket", "/run/incus/unix.socket",
	    "/var/lib/incus/unix.socket.user", "/run/incus/unix.socket.user"}},
};

/*
 * The i-th socket to try for a kind, owned; NULL behind the last. A variable
 * of the engine's own client says where, and then nothing else is tried.
 * *users is set for one of incus-user or lxd-user.
 */
static char *
candidate(const struct kind *k, size_t i, bool *users)
{
	const char *s = getenv(k->socket_variable),
		   *d = getenv(k->dir_variable);

	*users = i > 0;
	if (s != NULL && *s)
		return i == 0 ? text_fmt("%s", s) : NULL;
	if (d != NULL && *d)
		return i < 2 ? text_fmt(
				   "%s/unix.socket%s", d, i == 0 ? "" : ".user")
			     : NULL;
	*users = i >= ROOTS;
	return i < SOCKETS ? text_fmt("%s", k->sockets[i]) : NULL;
}

/* Does something listen there? errno says why not. */
static bool
answers(const char *path)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd, ret, error;

	if (strlen(path) >= sizeof(sa.sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	strlcpy(sa.sun_path, path, sizeof(sa.sun_path));
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return false;
	ret = connect(fd, (struct sockaddr *)&sa, sizeof(sa));
	error = errno;
	close(fd);
	errno = error;
	return ret == 0;
}

/*
 * The first socket of a kind that answers, owned, or NULL; then what was tried
 * and why is added to tried, and *denied set where only the group is missing.
 * A user's socket is for who is not let in at the other, as the engine's own
 * client has it: who is, and finds it silent, would be given a project of root.
 */
static char *
usable(const struct kind *k, FILE *tried, bool *denied)
{
	bool silent = false, users;
	char *path;
	size_t i;

	for (i = 0; (path = candidate(k, i, &users)) != NULL; i++) {
		if (silent && users)
			errno = ECONNREFUSED;
		else if (answers(path))
			return path;
		silent = silent || (errno != EACCES && errno != ENOENT);
		fprintf(tried, "%s%s (%s)", ftell(tried) > 0 ? ", " : "", path,
		    strerror(errno));
		if (errno == EACCES)
			*denied = true;
		free(path);
	}
	return NULL;
}

int
lxd_learn_kind(struct lxd *l, struct fail *f)
{
	const char *server;
	char *path;
	size_t k, i;
	bool users;
	jv v, env;

	for (k = 0; k < KINDS; k++)
		for (i = 0; (path = candidate(&kinds[k], i, &users)) != NULL;
		     i++) {
			bool same = strcmp(path, l->api) == 0;

			free(path);
			if (same) {
				l->kind = kinds[k].name;
				return 0;
			}
		}
	if (lxd_get(l, "/1.0", &v, NULL, f) < 0)
		return -1;
	env = obj_get(v, "environment");
	server = obj_str(env, "server");
	for (k = 0; k < KINDS && server != NULL; k++)
		if (strcmp(server, kinds[k].name) == 0)
			l->kind = kinds[k].name;
	jv_free(env);
	jv_free(v);
	if (l->kind == NULL)
		return fail_set(f, FAIL_PROTOCOL,
		    "%s: neither LXD nor Incus answers there", l->api);
	return 0;
}

static struct lxd *
none_answers(const char *choice, const char *tried, bool denied, struct fail *f)
{
	const char *group = choice == NULL		 ? "lxd or incus-admin"
			    : strcmp(choice, "lxd") == 0 ? kinds[0].group
							 : kinds[1].group;

	fail_set(f, FAIL_UNAVAILABLE,
	    "no engine answers; tried %s; %s the group %s", tried,
	    denied ? "to be allowed in, join" : "its users are in", group);
	return NULL;
}

/* Is it one where who is let in is the engine's administrator? */
static bool
is_roots(const char *api)
{
	size_t k, i;

	for (k = 0; k < KINDS; k++)
		for (i = 0; i < ROOTS; i++)
			if (strcmp(api, kinds[k].sockets[i]) == 0)
				return true;
	return false;
}

/*
 * A project that is not there has no instances, says LXD: so it is asked for,
 * but for the one that an administrator is sure to have.
 */
static struct lxd *
open_in(const char *api, const char *project, struct fail *f)
{
	const char *name = project != NULL ? project : "default";
	struct lxd *l = lxd_open(api, name, f);

	if (l == NULL || *name == '\0' ||
	    (strcmp(name, "default") == 0 && is_roots(api)))
		return l;
	if (project_find(l, project, f) < 0) {
		lxd_close(l);
		return NULL;
	}
	return l;
}

/* Does this engine have the instance? Anything but a clear no is a yes. */
static bool
has_instance(const char *api, const char *project, const char *name)
{
	struct fail f = {0};
	struct lxd *l = open_in(api, project, &f);
	char *path = text_fmt("/1.0/instances/%s", name);
	bool has = false;
	jv v;

	if (l != NULL && lxd_get(l, path, &v, NULL, &f) == 0) {
		jv_free(v);
		has = true;
	} else
		has = f.kind != FAIL_NO;
	free(path);
	lxd_close(l);
	return has;
}

/* Both answer: the index of the one that alone has the instance, or -1. */
static int
choose(char *const api[KINDS], const char *project, const char *name,
    struct fail *f)
{
	bool has[KINDS] = {false, false};
	int i;

	for (i = 0; i < KINDS && name != NULL; i++)
		has[i] = has_instance(api[i], project, name);
	if (has[0] != has[1])
		return has[0] ? 0 : 1;
	return fail_set(f, FAIL_CONFIG,
	    "both LXD (%s) and Incus (%s) answer%s%s; choose with -E or "
	    "LXG_ENGINE",
	    api[0], api[1], has[0] ? " and have " : "", has[0] ? name : "");
}

static struct lxd *
open_one(char *const api[KINDS], const char *project, const char *name,
    struct fail *f)
{
	int i = api[0] == NULL ? 1 : 0;

	if (api[0] != NULL && api[1] != NULL &&
	    (i = choose(api, project, name, f)) < 0)
		return NULL;
	return open_in(api[i], project, f);
}

/*
 * A remote's own project is the one that is meant where none was named; nobody
 * has a project by a uid of another machine's.
 */
static struct lxd *
open_remote(struct remote *r, const char *project, bool ask, struct fail *f)
{
	const char *usual = r->project != NULL ? r->project : "default";
	struct lxd *l;

	if (!remote_is_url(r->url)) {
		l = engine_open(*r->url != '\0' ? r->url : r->kind,
		    project != NULL ? project : r->project, NULL, f);
		remote_free(r);
		return l;
	}
	l = lxd_open_remote(r, project != NULL ? project : usual, f);
	if (ask && l != NULL && *lxd_project(l) != '\0' &&
	    project_find(l, lxd_project(l), f) < 0) {
		lxd_close(l);
		return NULL;
	}
	return l;
}

static struct lxd *
open_choice(const char *choice, const char *project, const char *name, bool ask,
    struct fail *f)
{
	char *api[KINDS] = {NULL, NULL}, *tried = NULL;
	struct lxd *l = NULL;
	bool denied = false, known = choice == NULL;
	struct remote *remote;
	size_t k, size;
	FILE *fp;

	if (choice != NULL && remote_is_choice(choice))
		return remote_find(choice, &remote, f) < 0
			   ? NULL
			   : open_remote(remote, project, ask, f);
	if (choice != NULL && strchr(choice, '/') != NULL)
		return open_in(choice, project, f);
	fp = mem_need(open_memstream(&tried, &size));
	for (k = 0; k < KINDS; k++)
		if (choice == NULL || strcmp(choice, kinds[k].name) == 0) {
			known = true;
			api[k] = usable(&kinds[k], fp, &denied);
		}
	fclose(fp);
	if (!known)
		fail_set(f, FAIL_USAGE,
		    "%s: an engine is lxd, incus or a socket's path, a remote "
		    "is NAME:",
		    choice);
	else if (api[0] == NULL && api[1] == NULL)
		none_answers(choice, tried, denied, f);
	else
		l = open_one(api, project, name, f);
	free(api[0]);
	free(api[1]);
	free(tried);
	return l;
}

struct lxd *
engine_open(
    const char *choice, const char *project, const char *name, struct fail *f)
{
	return open_choice(choice, project, name, true, f);
}

struct lxd *
engine_open_later(const char *choice, const char *project, struct fail *f)
{
	return open_choice(choice, project, NULL, false, f);
}

int
engine_find_project(struct lxd *l, struct fail *f)
{
	return lxd_remote(l) == NULL || *lxd_project(l) == '\0'
		   ? 0
		   : project_find(l, lxd_project(l), f);
}

static struct lxd *opened[OPEN_MAX_ENGINES];

/* Names go into paths and URLs: they are judged before anything is asked. */
int
engine_check(const struct rec *r, struct fail *f)
{
	const char *project = rec_str(r, "project", f), *instance, *api;

	if (project == NULL || rec_str(r, "engine", f) == NULL ||
	    rec_opt_str(r, "api", &api, f) < 0 ||
	    name_check_project(project, f) < 0 ||
	    rec_opt_str(r, "instance", &instance, f) < 0)
		return -1;
	return instance != NULL ? name_check(instance, f) : 0;
}

static struct lxd *
open_found(const char *url, const char *kind, const char *name,
    const char *project, struct fail *f)
{
	struct remote *remote;

	return remote_of_url(url, kind, name, &remote, f) < 0
		   ? NULL
		   : lxd_open_remote(remote, project, f);
}

struct lxd *
engine_of(const struct rec *r, struct fail *f)
{
	const char *project, *api, *kind, *name;
	struct lxd *l;
	size_t i;

	if (engine_check(r, f) < 0)
		return NULL;
	name = obj_str(r->v, "remote");
	project = obj_str(r->v, "project");
	kind = obj_str(r->v, "engine");
	api = obj_str(r->v, "api");
	for (i = 0; i < OPEN_MAX_ENGINES && opened[i] != NULL; i++)
		if (strcmp(lxd_project(opened[i]), project) == 0 &&
		    (api ? strcmp(lxd_api(opened[i]), api) == 0
			 : !remote_is_url(lxd_api(opened[i])) &&
				strcmp(lxd_kind(opened[i]), kind) == 0))
			return opened[i];
	if (i == OPEN_MAX_ENGINES) {
		fail_set(f, FAIL_DATA, "line %zu: too many engines", r->line);
		return NULL;
	}
	if (remote_is_url(api))
		l = open_found(api, kind, name, project, f);
	else
		l = api ? lxd_open(api, project, f)
			: engine_open(kind, project, NULL, f);
	opened[i] = l;
	return l;
}

void
engine_close_all(void)
{
	size_t i;

	for (i = 0; i < OPEN_MAX_ENGINES; i++) {
		lxd_close(opened[i]);
		opened[i] = NULL;
	}
}

size_t
engine_all(struct lxd **v, size_t max, const char *project)
{
	struct fail f;
	size_t k, n = 0;

	for (k = 0; k < KINDS && n < max; k++)
		if ((v[n] = engine_open(kinds[k].name, project, NULL, &f)) !=
		    NULL)
			n++;
	return n;
}
