/*
 * Sound of a session. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "patience.h"
#include "policy.h"
#include "shared.h"
#include "sig.h"
#include "sound.h"
#include "text.h"

#define LATENCY_MS  "100" /* of the player; the instance's side has 21 more */
#define STEP_MS	    "10"
#define WAIT_MAX_MS 5000
#define WORDS	    16

/* As a user's login has it; the sound server's own words among it. */
static const char *const kept[] = {"HOME", "XDG_RUNTIME_DIR", "USER", "LOGNAME",
    "XDG_CONFIG_HOME", "PULSE_SERVER", "PULSE_COOKIE", "PULSE_RUNTIME_PATH",
    "PULSE_SINK", "PULSE_SOURCE", "PIPEWIRE_REMOTE", "PIPEWIRE_RUNTIME_DIR"};

enum way { SPEAKER, MICROPHONE };
static const char *const sockets[] = {"speaker", "microphone"};

struct keeper {
	enum way way;
	bool pulse; /* pacat(1), else pw-cat(1) */
	const struct idmap *map;
	const char *instance;
};

static bool
installed(const char *name)
{
	static const char *const dirs[] = {"/usr/local/bin", "/usr/bin"};
	char *path;
	size_t i;
	bool is = false;

	for (i = 0; i < sizeof(dirs) / sizeof(*dirs) && !is; i++) {
		path = text_fmt("%s/%s", dirs[i], name);
		is = access(path, X_OK) == 0;
		free(path);
	}
	return is;
}

/* Becomes it; s is its standard input or output. */
static void
run_player(const struct keeper *k, int s)
{
	char *env[sizeof(kept) / sizeof(*kept) + 3], *argv[WORDS], *value;
	bool out = k->way == SPEAKER;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), n = 0;
	size_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(out ? s : null, STDIN_FILENO);
	dup2(out ? null : s, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	closefrom(STDERR_FILENO + 1);
	for (i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		if ((value = getenv(kept[i])) != NULL)
			env[n++] = text_fmt("%s=%s", kept[i], value);
	env[n++] = text_fmt("%s", "PATH=/usr/local/bin:/usr/bin:/bin");
	env[n++] = text_fmt("%s", "LC_ALL=C.UTF-8");
	env[n] = NULL;
	n = 0;
	argv[n++] = text_fmt("%s", k->pulse ? "pacat" : "pw-cat");
	argv[n++] = text_fmt("%s", out ? "--playback" : "--record");
	argv[n++] = text_fmt("%s", "--raw");
	argv[n++] = text_fmt("--format=%s", k->pulse ? "s16le" : "s16");
	argv[n++] = text_fmt("%s", "--rate=48000");
	argv[n++] = text_fmt("%s", "--channels=2");
	argv[n++] = k->pulse ? text_fmt("%s", "--latency-msec=" LATENCY_MS)
			     : text_fmt("%s", "--latency=" LATENCY_MS "ms");
	if (k->pulse) {
		argv[n++] = text_fmt("%s", "--process-time-msec=" STEP_MS);
		argv[n++] = text_fmt("--client-name=lxg %s", k->instance);
		argv[n++] = text_fmt("--stream-name=%s", k->instance);
	} else
		argv[n++] = text_fmt("%s", "-");
	argv[n] = NULL;
	execvpe(argv[0], argv, env);
	_exit(127);
}

static void
pause_ms(int ms)
{
	poll(NULL, 0, ms);
}

/* How the player has ended; it does when the instance's side closes. */
static int
play(const struct keeper *k, int s)
{
	int status = 0;
	pid_t pid;

	fcntl(s, F_SETFL, 0); /* it waits for what is to come */
	pid = fork();
	if (pid == 0)
		run_player(k, s);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid < 0 ? -1 : status;
}

/* Has who recorded there ended it? The player fails then, at its next write. */
static bool
hung_up(const struct keeper *k, int s)
{
	struct pollfd p = {.fd = s};

	return k->way == MICROPHONE && poll(&p, 1, 0) > 0 &&
	       (p.revents & POLLHUP) != 0;
}

/*
 * Where the sound server is away, or the instance's side comes and goes at
 * once, it is tried again, each time later.
 */
static void
keep(const struct keeper *k, int folder)
{
	int s, status, wait_ms = 0;
	bool told = false;
	time_t begun;
	struct pollfd p;
	struct fail f;

	while (faccessat(folder, sockets[k->way], F_OK, AT_SYMLINK_NOFOLLOW) ==
	       0) {
		pause_ms(wait_ms);
		wait_ms = wait_ms < 250 ? 250 : wait_ms * 2;
		if (wait_ms > WAIT_MAX_MS)
			wait_ms = WAIT_MAX_MS;
		s = shared_connect(folder, sockets[k->way], k->map, &f);
		if (s < 0)
			continue;
		/* silence costs nothing: a byte comes with the first sound */
		p = (struct pollfd){.fd = s, .events = POLLIN};
		while (poll(&p, 1, -1) < 0 && errno == EINTR)
			;
		begun = patience_now();
		status = p.revents == POLLIN ? play(k, s) : 0;
		if (hung_up(k, s))
			status = 0;
		close(s);
		if (status == 0 && patience_now() - begun > 1)
			wait_ms = 0;
		else if (status != 0 && !told)
			warnx("%s: no sound: %s does not reach a sound server "
			      "of this host; tried again from time to time",
			    k->instance, k->pulse ? "pacat" : "pw-cat");
		told = told || status != 0;
	}
}

static pid_t
start_keeper(const struct keeper *k, int folder)
{
	pid_t parent = getpid(), pid = fork();

	if (pid != 0)
		return pid;
	sig_child(parent);
	signal(SIGCHLD, SIG_DFL);
	setpgid(0, 0); /* the terminal's signals are for who attached */
	folder = fcntl(folder, F_DUPFD, 100);
	dup2(folder, STDERR_FILENO + 1);
	closefrom(STDERR_FILENO + 2);
	keep(k, STDERR_FILENO + 1);
	_exit(0);
}

int
sound_start(struct sound *s, int folder, const struct idmap *map, jv config,
    const char *instance, struct fail *f)
{
	const char *audio = policy_get(config, "audio");
	struct keeper k = {
	    .map = map, .instance = instance, .pulse = installed("pacat")};

	memset(s, 0, sizeof(*s));
	if (strcmp(audio, "off") == 0)
		return 0;
	if (!k.pulse && !installed("pw-cat"))
		return fail_set(f, FAIL_CONFIG,
		    "no sound: neither pacat (pulseaudio-utils) nor pw-cat "
		    "(pipewire-bin) is installed on this host");
	s->v[0] = start_keeper(&k, folder);
	k.way = MICROPHONE;
	if (strcmp(audio, "both") == 0)
		s->v[1] = start_keeper(&k, folder);
	return 0;
}

/* Its player goes with it. */
void
sound_stop(struct sound *s)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		if (s->v[i] <= 0)
			continue;
		kill(s->v[i], SIGKILL);
		while (waitpid(s->v[i], NULL, 0) < 0 && errno == EINTR)
			;
		s->v[i] = 0;
	}
}
