/*
 * The helper in the instance by SSH. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dirs.h"
#include "engine.h"
#include "exec.h"
#include "mem.h"
#include "ssh.h"
#include "text.h"

#define SAID_MAX      16384
#define KEY_MAX	      16384
#define ADDRESSES_MAX 4
#define LOST	      255 /* ssh's status for its own failures */
#define LATE	      124 /* timeout's, where the time was over */
#define KILLED	      137 /* and where that was not enough */

/*
 * One constant text for whatever shell the user has: the arguments come on
 * standard input, so none of them is ever quoted.
 */
static const char remote[] =
    "exec python3 -I -c 'import json,os,sys;a=json.load(sys.stdin);"
    "os.execvp(a[0],a)'";

/* Consumes and returns the list; borrows the interface. */
static jv
add_addresses(jv found, jv interface)
{
	jv list = obj_get(interface, "addresses");

	if (jv_get_kind(list) == JV_KIND_ARRAY)
		jv_array_foreach (list, i, a) {
			const char *s = obj_str(a, "address");
			const char *scope = obj_str(a, "scope");

			if (s != NULL && scope != NULL &&
			    strcmp(scope, "global") == 0 &&
			    s[strspn(s, "0123456789abcdefABCDEF.:")] == '\0' &&
			    jv_array_length(jv_copy(found)) < ADDRESSES_MAX)
				found = jv_array_append(found, jv_string(s));
			jv_free(a);
		}
	jv_free(list);
	return found;
}

/*
 * Those that aren't of their own link only. An interface with an end on the
 * host is the engine's, and comes first; others were made inside, a bridge of
 * docker's, say.
 */
static jv
pick(jv network)
{
	jv found = jv_array();
	int made;

	for (made = 0; made <= 1; made++)
		jv_object_foreach (network, key, interface) {
			const char *end = obj_str(interface, "host_name");

			if (strcmp(jv_string_value(key), "lo") != 0 &&
			    (end == NULL || *end == '\0') == made)
				found = add_addresses(found, interface);
			jv_free(key);
			jv_free(interface);
		}
	return found;
}

/* An array with one at least, or invalid. */
static jv
addresses_of(struct lxd *l, const char *instance, struct fail *f)
{
	char *path = text_fmt("/1.0/instances/%s/state", instance);
	jv state, network, found = jv_invalid();

	if (lxd_get(l, path, &state, NULL, f) == 0) {
		network = obj_get(state, "network");
		if (jv_get_kind(network) == JV_KIND_OBJECT)
			found = pick(network);
		jv_free(network);
		jv_free(state);
		if (!jv_is_valid(found) ||
		    jv_array_length(jv_copy(found)) == 0) {
			jv_free(found);
			found = jv_invalid();
			fail_set(f, FAIL_UNAVAILABLE,
			    "it has no address that ssh could connect to");
		}
	}
	free(path);
	return found;
}

/* "TYPE BASE64", what follows is a comment. */
static int
add_key(FILE *fp, const char *instance, char *text)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    "+/=-";
	char *rest = text, *type = strsep(&rest, " "), *key;

	key = strsep(&rest, " \n");
	if (key == NULL || *type == '\0' || *key == '\0' ||
	    type[strspn(type, letters)] != '\0' ||
	    key[strspn(key, letters)] != '\0')
		return 0;
	fprintf(fp, "lxg-%s %s %s\n", instance, type, key);
	return 1;
}

static int
add_keys(struct lxd *l, const char *instance, FILE *fp, struct fail *f)
{
	static const char *const kinds[] = {"ed25519", "ecdsa", "rsa", NULL};
	char *path, *text;
	size_t len;
	int i, n = 0;

	for (i = 0; kinds[i] != NULL; i++) {
		path = text_fmt("/etc/ssh/ssh_host_%s_key.pub", kinds[i]);
		if (lxd_file_get(l, instance, path, KEY_MAX, &text, &len, f) ==
		    0) {
			n += add_key(fp, instance, text);
			free(text);
		}
		free(path);
	}
	if (n == 0)
		return fail_set(f, FAIL_UNAVAILABLE,
		    "no host key of an SSH server in it could be read");
	return 0;
}

/* In one go: another start may be reading it. */
static int
write_hosts(const char *folder, const char *text, size_t len, struct fail *f)
{
	char *made = text_fmt("known_hosts.%d", (int)getpid());
	int dir = dirs_open(folder, f), fd = -1, ret = -1;

	if (dir >= 0)
		fd = openat(dir, made,
		    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (fd >= 0 && write(fd, text, len) == (ssize_t)len &&
	    renameat(dir, made, dir, "known_hosts") == 0)
		ret = 0;
	else if (dir >= 0) {
		fail_errno(f, "%s/known_hosts", folder);
		unlinkat(dir, made, 0);
	}
	if (fd >= 0)
		close(fd);
	if (dir >= 0)
		close(dir);
	free(made);
	return ret;
}

/* A known_hosts file of lxg's own, with what the engine says. Its path. */
static char *
pin(struct lxd *l, const struct rec *r, const char *instance, struct fail *f)
{
	const char *engine = rec_str(r, "engine", f);
	const char *project = rec_str(r, "project", f);
	char *top = dirs_runtime(f), *path, *file, *keys = NULL;
	size_t len;
	FILE *fp;
	int bad;

	if (engine == NULL || project == NULL || top == NULL)
		return NULL;
	fp = mem_need(open_memstream(&keys, &len));
	bad = add_keys(l, instance, fp, f);
	fclose(fp);
	path = text_fmt("%s/%s/%s/%s", top, engine, project, instance);
	file = text_fmt("%s/known_hosts", path);
	if (bad < 0 || write_hosts(path, keys, len, f) < 0) {
		free(file);
		file = NULL;
	}
	free(keys);
	free(path);
	free(top);
	return file;
}

struct call {
	char *host, *hosts;
	const char *user, *address;
	int in, said; /* ssh's ends */
};

static void
run_ssh(const struct call *c)
{
	char *name = text_fmt("HostName=%s", c->address);
	char *hosts = text_fmt("UserKnownHostsFile=\"%s\"", c->hosts);
	char *alias = text_fmt("HostKeyAlias=%s", c->host);
	/* connecting, and then as long as the engine is given */
	char *seconds = text_fmt("%ld", 20 + lxd_patience());
	int null = open("/dev/null", O_WRONLY);

	signal(SIGPIPE, SIG_DFL);
	dup2(c->in, 0);
	dup2(null, 1);
	dup2(c->said, 2);
	execlp("timeout", "timeout", "--foreground", "-k", "5", seconds, "ssh",
	    "-T", "-a", "-x", "-o", "BatchMode=yes", "-o",
	    "StrictHostKeyChecking=yes", "-o", "GlobalKnownHostsFile=/dev/null",
	    "-o", hosts, "-o", alias, "-o", name, "-o", "CheckHostIP=no", "-o",
	    "UpdateHostKeys=no", "-o", "ControlPath=none", "-o",
	    "ClearAllForwardings=yes", "-o", "PermitLocalCommand=no", "-o",
	    "ConnectTimeout=20", "-o", "LogLevel=ERROR", "-l", c->user, "--",
	    c->host, remote, (char *)NULL);
	dprintf(2, "ssh: %s\n", strerror(errno));
	_exit(LOST);
}

/* What it said, up to a limit; then its status. */
static int
listen_to(pid_t pid, int fd, char **said)
{
	char rest[4096];
	size_t len = 0;
	ssize_t n;
	int status;

	if ((*said = calloc(1, SAID_MAX + 1)) == NULL)
		return -1;
	while ((n = read(fd, *said + len, SAID_MAX - len)) > 0)
		len += (size_t)n;
	while (len == SAID_MAX && read(fd, rest, sizeof(rest)) > 0)
		;
	while (len > 0 && strchr("\r\n", (*said)[len - 1]) != NULL)
		(*said)[--len] = '\0';
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	/* what timeout(1) says is not of the instance */
	if (!WIFEXITED(status) || WEXITSTATUS(status) == LATE ||
	    WEXITSTATUS(status) == KILLED ||
	    strncmp(*said, "timeout: ", 9) == 0)
		return LOST;
	return WEXITSTATUS(status);
}

static void
write_all(int fd, const char *s, size_t len)
{
	ssize_t n;

	while (len > 0 && (n = write(fd, s, len)) > 0) {
		s += n;
		len -= (size_t)n;
	}
}

static int
call(struct call *c, jv argv, char **said, struct fail *f)
{
	int in[2], out[2], status;
	pid_t pid;
	jv text = jv_dump_string(argv, 0);

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		return fail_errno(f, "pipe");
	c->in = in[0];
	c->said = out[1];
	signal(SIGPIPE, SIG_IGN);
	if ((pid = fork()) == 0)
		run_ssh(c);
	close(in[0]);
	close(out[1]);
	if (pid < 0)
		return fail_errno(f, "fork");
	write_all(in[1], jv_string_value(text),
	    (size_t)jv_string_length_bytes(jv_copy(text)));
	close(in[1]);
	jv_free(text);
	status = listen_to(pid, out[0], said);
	close(out[0]);
	if (status == LOST || status < 0) {
		fail_set(f, FAIL_UNAVAILABLE, "ssh to %s: %s", c->address,
		    *said != NULL && **said != '\0' ? *said : "no answer");
		return -1;
	}
	return status;
}

/* Did ssh end before anything could run in the instance, as another's would? */
static bool
is_elsewhere(const char *said)
{
	return said != NULL &&
	       (strncmp(said, "ssh: connect to host", 20) == 0 ||
		   strncmp(said, "kex_exchange_identification:", 28) == 0 ||
		   strstr(said, "during banner exchange") != NULL ||
		   strstr(said, "Host key verification failed.") != NULL);
}

/*
 * At each address in turn, until one is the instance's: its host key tells.
 * Where none is, why is that of the first. Consumes addresses and argv.
 */
static int
call_any(struct call *c, jv addresses, jv argv, char **said, struct fail *f)
{
	int i, status = -1, n = jv_array_length(jv_copy(addresses));
	struct fail later;

	for (i = 0; i < n; i++) {
		jv address = jv_array_get(jv_copy(addresses), i);

		c->address = jv_string_value(address);
		status = call(c, jv_copy(argv), said, i == 0 ? f : &later);
		jv_free(address);
		if (status >= 0 || !is_elsewhere(*said) || i == n - 1)
			break;
		free(*said);
		*said = NULL;
	}
	jv_free(addresses);
	jv_free(argv);
	return status;
}

int
ssh_user(const struct rec *r, jv args, char **err, struct fail *f)
{
	const char *instance = rec_str(r, "instance", f);
	struct call c = {.user = rec_str(r, "user", f)};
	struct lxd *l = engine_of(r, f);
	jv argv = exec_python(EXEC_HELPER, args, f), addresses = jv_invalid();
	int status = -1;

	if (instance == NULL || c.user == NULL || l == NULL ||
	    !jv_is_valid(argv) ||
	    !jv_is_valid(addresses = addresses_of(l, instance, f)) ||
	    (c.hosts = pin(l, r, instance, f)) == NULL) {
		jv_free(addresses);
		jv_free(argv);
		return -1;
	}
	c.host = text_fmt("lxg-%s", instance);
	status = call_any(&c, addresses, argv, err, f);
	free(c.host);
	free(c.hosts);
	return status;
}
