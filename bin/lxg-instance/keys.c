/*
 * An authorized_keys file, looked at before it goes anywhere.
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "instance.h"

#define KEYS_MAX (256u << 10)

/* Everything there is, at most KEYS_MAX bytes, NUL behind it; owned. */
static char *
read_all(int fd, const char *file, size_t *len, struct fail *f)
{
	char *text = malloc(KEYS_MAX + 2);
	ssize_t n = 1;

	*len = 0;
	while (text != NULL && n > 0 && *len <= KEYS_MAX) {
		n = read(fd, text + *len, KEYS_MAX + 1 - *len);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			*len += (size_t)n;
	}
	if (text == NULL || n < 0)
		fail_errno(f, "%s", file);
	else if (n > 0)
		fail_set(
		    f, FAIL_DATA, "%s: longer than %u bytes", file, KEYS_MAX);
	else {
		text[*len] = '\0';
		return text;
	}
	free(text);
	return NULL;
}

/* PEM, OpenSSH's own and PuTTY's formats say so in their first line. */
static bool
holds_private_key(const char *text)
{
	return strstr(text, "PRIVATE KEY-----") != NULL ||
	       strstr(text, "PuTTY-User-Key-File") != NULL;
}

/* sshd(8), AUTHORIZED_KEYS FILE FORMAT: type and base64, after options. */
static bool
holds_public_key(const char *text)
{
	static const char *const types[] = {"ssh-ed25519 ", "ssh-rsa ",
	    "ecdsa-sha2-", "sk-ssh-ed25519", "sk-ecdsa-sha2-", "ssh-dss "};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strstr(text, types[i]) != NULL)
			return true;
	return false;
}

int
keys_read(const char *file, char **text, size_t *len, struct fail *f)
{
	struct stat st;
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return fail_errno(f, "%s", file);
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		fail_set(f, FAIL_DATA, "%s: is a folder", file), *text = NULL;
	else if ((*text = read_all(fd, file, len, f)) != NULL &&
		 holds_private_key(*text)) {
		explicit_bzero(*text, *len);
		free(*text);
		*text = NULL;
		fail_set(f, FAIL_DATA,
		    "%s: holds a private key; give the .pub file", file);
	} else if (*text != NULL &&
		   (strlen(*text) != *len || !holds_public_key(*text))) {
		free(*text);
		*text = NULL;
		fail_set(f, FAIL_DATA, "%s: holds no public key", file);
	}
	close(fd);
	return *text != NULL ? 0 : -1;
}
