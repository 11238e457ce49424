/*
 * What a boot that takes long is waiting for, told on standard error; and one
 * that its own user-data restarts. SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "engine.h"
#include "inst.h"
#include "instance.h"
#include "patience.h"
#include "sig.h"
#include "text.h"

#define INOTIFY		 "/proc/sys/fs/inotify/max_user_instances"
#define INOTIFY_EACH	 9 /* of an idle instance with systemd; tried */
#define ENGINES		 4
#define CONFIG		 "/var/lib/cloud/instance/cloud-config.txt"
#define SCHEDULED	 "/run/systemd/shutdown/scheduled"
#define CONFIG_MAX	 (1u << 20)
#define DELAY_MAX	 1440 /* a day, in minutes */
#define RESTART_PATIENCE 60

static void
say(const char *instance, const char *text)
{
	progress_end();
	cli_say(instance, "%s", text);
}

/* The units that systemd has jobs for, owned; NULL where it doesn't say. */
static char *
waiting_for(struct lxd *l, const char *instance)
{
	jv argv = JV_ARRAY(jv_string("systemctl"), jv_string("list-jobs"),
	    jv_string("--no-legend"), jv_string("--plain"));
	char *out = NULL, *rest, *line, unit[128], state[32], *all, *more;
	struct fail f;
	int status = 1;

	if (lxd_exec(l, instance, argv, 0, 0, &status, &out, NULL, &f) < 0 ||
	    status != 0 || out == NULL) {
		free(out);
		return NULL;
	}
	all = text_fmt("%s", "");
	for (rest = out; (line = strsep(&rest, "\n")) != NULL;) {
		if (sscanf(line, "%*d %127s %*s %31s", unit, state) != 2 ||
		    strcmp(state, "running") != 0 || strlen(all) > 300)
			continue;
		more = text_fmt("%s%s%s", all, *all ? ", " : "", unit);
		free(all);
		all = more;
	}
	free(out);
	return all;
}

static long
read_limit(const char *path)
{
	FILE *fp = fopen(path, "re");
	long n = -1;

	if (fp != NULL && fscanf(fp, "%ld", &n) != 1)
		n = -1;
	if (fp != NULL)
		fclose(fp);
	return n;
}

static int
running(struct lxd *l)
{
	struct fail ignored;
	int n = 0;
	jv all;

	if (lxd_get(l, "/1.0/instances?recursion=1&all-projects=true", &all,
		NULL, &ignored) < 0)
		return 0;
	if (jv_get_kind(all) == JV_KIND_ARRAY)
		jv_array_foreach (all, i, instance) {
			n += inst_runs(instance);
			jv_free(instance);
		}
	jv_free(all);
	return n;
}

/* The kernel counts those of all containers as one user's. */
static void
say_inotify(const char *instance)
{
	long limit = read_limit(INOTIFY);
	struct lxd *all[ENGINES];
	size_t i, n = engine_all(all, ENGINES, "default");
	int count = 0;
	char *text;

	for (i = 0; i < n; i++) {
		count += running(all[i]);
		lxd_close(all[i]);
	}
	if (limit < 0 || (long)count * INOTIFY_EACH < limit)
		return;
	text = text_fmt("%d instances run, at about %d inotify instances each, "
			"and this host allows %ld for all: that stops a boot; "
			"sysctl fs.inotify.max_user_instances=1024",
	    count, INOTIFY_EACH, limit);
	say(instance, text);
	free(text);
}

void
boot_explain(struct lxd *l, const char *instance, long seconds)
{
	char *units = waiting_for(l, instance), *text;

	if (units == NULL)
		text = text_fmt("has not begun to boot after %ld s: its init "
				"does not answer",
		    seconds);
	else
		text = text_fmt("still boots after %ld s%s%s", seconds,
		    *units ? ", waiting for " : "", units);
	say(instance, text);
	free(text);
	free(units);
	if (lxd_remote(l) == NULL)
		say_inotify(instance);
}

int64_t
boot_pid(struct lxd *l, const char *instance)
{
	char *path = text_fmt("/1.0/instances/%s/state", instance);
	struct fail ignored;
	int64_t pid = 0;
	jv v, n;

	if (lxd_get(l, path, &v, NULL, &ignored) == 0) {
		n = obj_get(v, "pid");
		if (jv_get_kind(n) == JV_KIND_NUMBER)
			pid = (int64_t)jv_number_value(n);
		jv_free(n);
		jv_free(v);
	}
	free(path);
	return pid;
}

static long
at_most(long minutes)
{
	return minutes < DELAY_MAX ? minutes : DELAY_MAX;
}

/* The minutes that power_state waits before it acts; -1: there is none. */
static long
config_delay(struct lxd *l, const char *instance)
{
	char *data, *s, *end;
	struct fail ignored;
	long delay = -1;
	size_t len;

	if (lxd_file_get(
		l, instance, CONFIG, CONFIG_MAX, &data, &len, &ignored) < 0)
		return -1;
	/* as cloud-init has written it: keys at the start of a line, sorted */
	if ((s = strstr(data, "\npower_state:\n")) != NULL) {
		delay = 0;
		s = strchr(s + 1, '\n') + 1;
		for (; *s == ' ' && (end = strchr(s, '\n')) != NULL;
		     s = end + 1)
			if (strncmp(s, "  delay:", 8) == 0)
				delay = strtol(
				    s + 8 + strspn(s + 8, " '\"+"), NULL, 10);
	}
	free(data);
	return at_most(delay);
}

/* And those until what shutdown(8) was told; it counts from 1970. */
static long
scheduled_delay(struct lxd *l, const char *instance)
{
	char *data, *s;
	struct fail ignored;
	long long at = 0;
	size_t len;

	if (lxd_file_get(
		l, instance, SCHEDULED, CONFIG_MAX, &data, &len, &ignored) < 0)
		return -1;
	if ((s = strstr(data, "USEC=")) != NULL)
		at = strtoll(s + 5, NULL, 10) / 1000000 - time(NULL);
	free(data);
	return at <= 0 ? 0 : at_most((long)(at / 60 + 1));
}

/* The minutes until it restarts or stops; -1: it does not. */
static long
restart_delay(struct lxd *l, const char *instance)
{
	long config = config_delay(l, instance);
	long scheduled = scheduled_delay(l, instance);

	return config > scheduled ? config : scheduled;
}

int
boot_again(struct lxd *l, const char *instance, int64_t pid, bool *again,
    struct fail *f)
{
	static const struct timespec pause = {0, 250000000};
	long delay = restart_delay(l, instance);
	time_t until = patience_now() + RESTART_PATIENCE + delay * 60;
	unsigned stopped = 0;
	bool started;
	int64_t now;

	*again = false;
	if (delay < 0 || pid <= 0)
		return 0;
	progress_show("%s: its user-data restarts it", instance);
	/* where a condition keeps it from that, it runs on */
	while (patience_now() < until && !sig_caught()) {
		now = boot_pid(l, instance);
		stopped = now <= 0 ? stopped + 1 : 0;
		*again = now > 0 && now != pid;
		if (*again)
			return 0;
		/* a restart is over in less */
		if (stopped > 12) {
			*again = true;
			return power_start(l, instance, &started, f);
		}
		nanosleep(&pause, NULL);
	}
	return sig_caught() ? fail_set(f, FAIL_INTERRUPTED, "interrupted") : 0;
}
