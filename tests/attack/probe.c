/*
 * lxg-client as it is after a takeover: all of the client's own objects, and in
 * place of the lock this, which begins a process for each attempt, locks that,
 * and tries. A line for each: "open NAME" or "closed NAME: why". The title (-t)
 * is a file of what it aims at, "key value" a line; with "unlocked 1" in it,
 * the lock is left out. SPDX-License-Identifier: ISC
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <xcb/xcb.h>
#include <xcb/xtest.h>

#include "../../bin/lxg-client/lock.h"

#define TARGETS	  64
#define CALLS	  470 /* numbers of system calls, of any architecture */
#define KEEP_MORE 8

int __real_lock_in(const int *, size_t, struct fail *);
int __wrap_lock_in(const int *, size_t, struct fail *);

static struct {
	char key[32], value[512];
} targets[TARGETS];
static xcb_connection_t *x; /* one more, made before the lock */
static int kept[64], keeps; /* the client's own descriptors */

static const char *
target(const char *key)
{
	int i;

	for (i = 0; i < TARGETS; i++)
		if (strcmp(targets[i].key, key) == 0)
			return targets[i].value;
	return "";
}

static int
number(const char *key)
{
	return atoi(target(key));
}

static void
read_targets(void)
{
	char line[4096] = "", *word;
	FILE *fp = fopen("/proc/self/cmdline", "r");
	size_t n = fread(line, 1, sizeof(line) - 1, fp), i = 0;

	fclose(fp);
	for (word = line; word < line + n; word += strlen(word) + 1)
		if (strcmp(word, "-t") == 0 && strchr(word + 3, '/') != NULL)
			break;
	fp = fopen(word + 3, "r");
	while (
	    fp != NULL && i < TARGETS &&
	    fscanf(fp, "%31s %511[^\n]", targets[i].key, targets[i].value) == 2)
		i++;
	if (i == 0) {
		fprintf(stderr, "no targets in %s\n", word + 3);
		_exit(1);
	}
	fclose(fp);
}

/*
 * What the lock leaves, looked at argument by argument where it must be (those
 * are tried with others). 335 and 336 are the kernel's own, for uprobes: no
 * filter sees them, and they do nothing for who isn't probed.
 */
static const long left[] = {SYS_read, SYS_readv, SYS_write, SYS_writev,
    SYS_recvmsg, SYS_recvfrom, SYS_ppoll, SYS_close, SYS_munmap, SYS_mremap,
    SYS_madvise, SYS_brk, SYS_futex, SYS_clock_gettime, SYS_gettimeofday,
    SYS_getrandom, SYS_rt_sigprocmask, SYS_restart_syscall,
#ifdef SYS_poll
    SYS_poll,
#endif
#ifdef __x86_64__
    335, 336,
#endif
    SYS_rt_sigreturn, SYS_exit, SYS_exit_group};

static int
is_left(long call)
{
	size_t i;

	for (i = 0; i < sizeof(left) / sizeof(*left); i++)
		if (left[i] == call)
			return 1;
	return 0;
}

/* Attempts give 0 where they were had, else -1. */

static int
opens(const char *path, int flags)
{
	return open(path, flags, 0600) < 0 ? -1 : 0;
}

static int
read_ssh(void)
{
	return opens(target("ssh"), O_RDONLY);
}
static int
write_home(void)
{
	return opens(target("file"), O_WRONLY);
}
static int
write_usr(void)
{
	return opens("/usr/made-by-probe", O_WRONLY | O_CREAT);
}
static int
machine_id(void)
{
	return opens("/etc/machine-id", O_RDONLY);
}
static int
own_root(void)
{
	return opens("/", O_RDONLY);
}
static int
own_maps(void)
{
	return opens("/proc/self/maps", O_RDONLY);
}
static int
create_home(void)
{
	return opens(target("new"), O_WRONLY | O_CREAT);
}
static int
list_home(void)
{
	return opendir(target("home")) == NULL ? -1 : 0;
}
static int
cut(void)
{
	return truncate(target("file"), 4);
}
static int
change_mode(void)
{
	return chmod(target("file"), 0777);
}
static int
set_attribute(void)
{
	return setxattr(target("file"), "user.probe", "1", 1, 0);
}
static int
remove_file(void)
{
	return unlink(target("victim"));
}
static int
look_at(void)
{
	struct stat st;

	return stat(target("home"), &st);
}

static int
unix_connect(const char *path, bool abstract)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(sun.sun_path + abstract, path);
	if (s < 0 || connect(s, (struct sockaddr *)&sun,
			 (socklen_t)(sizeof(sun.sun_family) + abstract +
				     strlen(path))) < 0)
		return -1;
	return s;
}

static int
reaches(const char *key)
{
	return unix_connect(target(key), false) < 0 ? -1 : 0;
}

static int
engine(void)
{
	return reaches("engine");
}
static int
agent(void)
{
	return reaches("agent");
}
static int
bus(void)
{
	return reaches("bus");
}
static int
sound(void)
{
	return reaches("sound");
}
static int
cups(void)
{
	return reaches("cups");
}
static int
other_session(void)
{
	return reaches("relay");
}
static int
abstract(void)
{
	return unix_connect(target("abstract"), true) < 0 ? -1 : 0;
}

/* Another connection, with no cookie: is XTEST there for it? */
static int
x_asks(int s)
{
	static const char hello[12] = {'l', 0, 11};
	static const char ask[16] = {
	    98, 0, 4, 0, 5, 0, 0, 0, 'X', 'T', 'E', 'S', 'T'};
	unsigned char answer[65536];
	ssize_t n;

	if (s < 0 || write(s, hello, sizeof(hello)) < 0 ||
	    (n = read(s, answer, sizeof(answer))) < 8)
		return -1;
	if (answer[0] != 1) {
		errno = EACCES;
		return -1;
	}
	while (n < 8 + 4 * (answer[6] | answer[7] << 8))
		n += read(s, answer + n, sizeof(answer) - (size_t)n);
	if (write(s, ask, sizeof(ask)) < 0 || read(s, answer, 32) != 32)
		return -1;
	errno = EACCES;
	return answer[8] == 1 ? 0 : -1;
}

static int
x_second(void)
{
	return x_asks(unix_connect(target("x"), false));
}
static int
x_abstract(void)
{
	return x_asks(unix_connect(target("x"), true));
}

static int
inet(int kind, uint32_t address, int port)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr = {.s_addr = htonl(address)}};
	char byte = 'p';
	int s = socket(AF_INET, kind, 0);

	if (s < 0 || connect(s, (struct sockaddr *)&in, sizeof(in)) < 0)
		return -1;
	if (kind == SOCK_STREAM)
		return 0;
	return send(s, &byte, 1, 0) == 1 && recv(s, &byte, 1, 0) == 1 ? 0 : -1;
}

static int
tcp(void)
{
	return inet(SOCK_STREAM, INADDR_LOOPBACK, number("tcp"));
}
static int
udp(void)
{
	return inet(SOCK_DGRAM, INADDR_LOOPBACK, number("tcp"));
}
/* The engine's bridge, where its dnsmasq listens. */
static int
bridge(void)
{
	struct in_addr a;

	if (inet_aton(target("bridge"), &a) == 0)
		return -1;
	return inet(SOCK_STREAM, ntohl(a.s_addr), 53);
}
static int
vsock(void)
{
	return socket(40, SOCK_STREAM, 0) < 0 ? -1 : 0;
}
static int
netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0) < 0 ? -1 : 0;
}
static int
pair(void)
{
	int v[2];

	return socketpair(AF_UNIX, SOCK_STREAM, 0, v);
}
static int
send_signal(void)
{
	return kill(number("pid"), SIGCONT);
}
static int
trace(void)
{
	return ptrace(PTRACE_ATTACH, number("pid"), NULL, NULL) < 0 ? -1 : 0;
}
static int
see_others(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/cmdline", number("pid"));
	return opens(path, O_RDONLY);
}
static int
shared_memory(void)
{
	return shmat(number("shm"), NULL, SHM_RDONLY) == (void *)-1 ? -1 : 0;
}
static int
keyring(void)
{
	return syscall(SYS_keyctl, 10, -4, "user", target("key"), 0) < 0 ? -1
									 : 0;
}
static int
new_namespace(void)
{
	return unshare(CLONE_NEWUSER);
}
static int
run_program(void)
{
	char *argv[] = {(char *)(uintptr_t) "true", NULL};
	pid_t pid = vfork();
	int status;

	if (pid == 0) {
		execv("/usr/bin/true", argv);
		_exit(1);
	}
	return pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0 ? -1 : 0;
}
static int
more_processes(void)
{
	return fork() < 0 ? -1 : 0;
}
static int
host_name(void)
{
	struct utsname u;

	return uname(&u) == 0 && strcmp(u.nodename, target("host_name")) == 0
		   ? 0
		   : -1;
}
static int
user_id(void)
{
	return (int)getuid() >= 0 ? 0 : -1;
}
static int
tiocsti(void)
{
	return ioctl(STDERR_FILENO, TIOCSTI, "x");
}
static int
terminal(void)
{
	int n;

	return ioctl(STDERR_FILENO, FIONREAD, &n);
}
static int
run_memory(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
		   ? -1
		   : 0;
}
static int
make_runnable(void)
{
	static char page[8192] __attribute__((aligned(4096)));

	return mprotect(page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
}
static int
environment(void)
{
	return getenv("DISPLAY") != NULL || getenv("XAUTHORITY") != NULL ? 0
									 : -1;
}

/* Those of the client's, standard error, and two more for X: no other one. */
static int
descriptors(void)
{
	int fd, i, known;

	for (fd = 0; fd < 1024; fd++) {
		known = fd <= STDERR_FILENO;
		for (i = 0; i < keeps; i++)
			known |= kept[i] == fd;
		if (!known && (read(fd, NULL, 0) == 0 || errno != EBADF))
			return 0;
	}
	errno = EBADF;
	return -1;
}

/* The display handed to the instance, for longer than the session lasts. */
static int
send_descriptor(void)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} u = {.head = {.cmsg_level = SOL_SOCKET,
		   .cmsg_type = SCM_RIGHTS,
		   .cmsg_len = CMSG_LEN(sizeof(int))}};
	struct iovec v = {.iov_base = (char[]){'x'}, .iov_len = 1};
	struct msghdr m = {.msg_iov = &v,
	    .msg_iovlen = 1,
	    .msg_control = &u,
	    .msg_controllen = sizeof(u)};
	int fd = xcb_get_file_descriptor(x), i;

	memcpy(CMSG_DATA(&u.head), &fd, sizeof(fd));
	for (i = 0; i < keeps; i++)
		if (sendmsg(kept[i], &m, MSG_NOSIGNAL) == 1)
			return 0;
	return -1;
}

static int
send_elsewhere(void)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX, .sun_path = "/x"};

	return sendto(kept[0], "x", 1, MSG_NOSIGNAL, (struct sockaddr *)&sun,
		   sizeof(sun)) < 0 &&
		       errno != EISCONN && errno != EPIPE && errno != ENOTCONN
		   ? -1
		   : 0;
}
static int
signals_by_io(void)
{
	return fcntl(kept[0], F_SETOWN, number("pid"));
}
static int
copy_descriptor(void)
{
	return fcntl(kept[0], F_DUPFD, 10) < 0 ? -1 : 0;
}

static int
x_keymap(void)
{
	xcb_query_keymap_reply_t *r =
	    xcb_query_keymap_reply(x, xcb_query_keymap(x), NULL);
	int i;

	for (i = 0; r != NULL && i < 32; i++)
		if (r->keys[i] != 0)
			return 0;
	errno = EACCES;
	return -1;
}
static int
x_screenshot(void)
{
	errno = EACCES;
	return xcb_get_image_reply(x,
		   xcb_get_image(x, XCB_IMAGE_FORMAT_Z_PIXMAP,
		       (xcb_drawable_t)number("window"), 0, 0, 1, 1, ~0u),
		   NULL) == NULL
		   ? -1
		   : 0;
}
static int
x_inject(void)
{
	const xcb_query_extension_reply_t *e =
	    xcb_get_extension_data(x, &xcb_test_id);

	errno = EACCES;
	if (e == NULL || !e->present)
		return -1;
	return xcb_request_check(x, xcb_test_fake_input_checked(x,
					XCB_KEY_RELEASE, 38, 0, 0, 0, 0, 0)) ==
		       NULL
		   ? 0
		   : -1;
}

/* In order: those whose success ends or changes what others aim at last. */
static const struct {
	const char *name;
	int (*run)(void);
} attempts[] = {{"read-ssh", read_ssh}, {"list-home", list_home},
    {"stat-home", look_at}, {"write-home", write_home},
    {"create-home", create_home}, {"setxattr", set_attribute},
    {"write-usr", write_usr}, {"machine-id", machine_id}, {"root", own_root},
    {"maps", own_maps}, {"engine-socket", engine}, {"ssh-agent", agent},
    {"dbus", bus}, {"sound", sound}, {"cups", cups},
    {"other-session", other_session}, {"abstract", abstract},
    {"x-second", x_second}, {"x-abstract", x_abstract}, {"tcp", tcp},
    {"udp", udp}, {"bridge", bridge}, {"vsock", vsock}, {"netlink", netlink},
    {"socketpair", pair}, {"signal", send_signal}, {"see-others", see_others},
    {"ptrace", trace}, {"shared-memory", shared_memory}, {"keyring", keyring},
    {"namespace", new_namespace}, {"exec", run_program},
    {"fork", more_processes}, {"host-name", host_name}, {"user-id", user_id},
    {"tiocsti", tiocsti}, {"ioctl", terminal}, {"run-memory", run_memory},
    {"make-runnable", make_runnable}, {"environment", environment},
    {"descriptors", descriptors}, {"send-descriptor", send_descriptor},
    {"send-elsewhere", send_elsewhere}, {"signals-by-io", signals_by_io},
    {"copy-descriptor", copy_descriptor}, {"x-keymap", x_keymap},
    {"x-screenshot", x_screenshot}, {"x-inject", x_inject},
    {"unlink", remove_file}, {"chmod", change_mode}, {"truncate", cut}};

/* dprintf(3) would move in the file, which the lock has no call for. */
__attribute__((format(printf, 1, 2))) static void
say(const char *fmt, ...)
{
	char line[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		_exit(1);
}

static void
lock_process(void)
{
	int keep[64], n = 0;
	struct fail f;

	if (number("unlocked"))
		return;
	for (; n < keeps; n++)
		keep[n] = kept[n];
	if (__real_lock_in(keep, (size_t)n, &f) < 0) {
		say("lock: %s\n", f.text);
		_exit(1);
	}
}

/* In a process of its own, which a call that isn't on the list kills. */
static void
report(const char *name, int (*run)(void), long call)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		alarm(10);
		x = xcb_connect(NULL, NULL);
		kept[keeps++] = xcb_get_file_descriptor(x);
		lock_process();
		errno = 0;
		if (run != NULL ? run() == 0
				: syscall(call, -1, -1, -1, -1, -1, -1) != -1 ||
				      errno != ENOSYS)
			say("open %s\n", name);
		else
			say("closed %s: errno %d\n", name, errno);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		say("closed %s: signal %d\n", name, WTERMSIG(status));
}

int
__wrap_lock_in(const int *keep, size_t n, struct fail *f)
{
	char name[32];
	size_t i;

	(void)f;
	read_targets();
	for (i = 0; i < n; i++)
		if (keep[i] >= 0)
			kept[keeps++] = keep[i];
	for (i = 0; i < sizeof(attempts) / sizeof(*attempts); i++)
		report(attempts[i].name, attempts[i].run, 0);
	for (i = 0; i < CALLS && number("calls"); i++) {
		if (is_left((long)i))
			continue;
		snprintf(name, sizeof(name), "call-%zu", i);
		report(name, NULL, (long)i);
	}
	say("done\n");
	_exit(0);
}
