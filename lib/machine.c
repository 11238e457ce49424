/*
 * This machine, this boot, and its processes. SPDX-License-Identifier: ISC
 */
#include <fcntl.h>
#include <sha256.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "machine.h"

/* What a small file has in its first line; "" where it can't be read. */
static void
read_line(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

	if (fd >= 0)
		close(fd);
	buf[n > 0 ? n : 0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
}

const char *
machine_id(void)
{
	static const char prefix[] = "lxg machine ";
	static char id[17], hex[SHA256_DIGEST_STRING_LENGTH];
	char of[64];
	SHA2_CTX c;

	if (id[0] != '\0')
		return id;
	read_line("/etc/machine-id", of, sizeof(of));
	if (of[0] == '\0')
		read_line("/var/lib/dbus/machine-id", of, sizeof(of));
	if (of[0] == '\0' || strcmp(of, "uninitialized") == 0)
		snprintf(of, sizeof(of), "%.60s", machine_name());
	SHA256Init(&c);
	SHA256Update(&c, (const uint8_t *)prefix, strlen(prefix));
	SHA256Update(&c, (const uint8_t *)of, strlen(of));
	SHA256End(&c, hex);
	memcpy(id, hex, sizeof(id) - 1);
	return id;
}

const char *
machine_name(void)
{
	static char name[65];

	if (name[0] == '\0' && gethostname(name, sizeof(name) - 1) < 0)
		strcpy(name, "?");
	return name;
}

const char *
machine_boot(void)
{
	static char id[40];

	if (id[0] == '\0')
		read_line("/proc/sys/kernel/random/boot_id", id, sizeof(id));
	if (id[0] == '\0')
		strcpy(id, "unknown");
	return id;
}

long long
machine_uptime(void)
{
	struct timespec ts;

	return clock_gettime(CLOCK_BOOTTIME, &ts) < 0 ? 0 : ts.tv_sec;
}

long long
machine_started(long long pid)
{
	char path[64], stat[1024];
	const char *p;
	int field;
	long long ticks;

	snprintf(path, sizeof(path), "/proc/%lld/stat", pid);
	read_line(path, stat, sizeof(stat));
	/* the second field is a name, in which there may be anything */
	if ((p = strrchr(stat, ')')) == NULL)
		return -1;
	for (field = 2; field < 22; field++)
		if ((p = strchr(p + 1, ' ')) == NULL)
			return -1;
	return sscanf(p, "%lld", &ticks) == 1 ? ticks : -1;
}
