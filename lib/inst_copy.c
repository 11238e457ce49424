/*
 * Copies that the engine makes of an instance: they have its keys, its devices
 * and its id map, and a uuid of their own. SPDX-License-Identifier: ISC
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dirs.h"
#include "inst.h"
#include "rec.h"
#include "text.h"

/* The uuid that the folder above a shared one was made for; "" for none. */
static void
uuid_above(const char *source, char *uuid, size_t size)
{
	const char *end = strrchr(source, '/');
	char *path = text_fmt("%.*s", end ? (int)(end - source) : 0, source);
	int dir = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct fail ignored;

	uuid[0] = '\0';
	if (dir >= 0) {
		if (dirs_uuid(dir, uuid, size, &ignored) < 0)
			uuid[0] = '\0';
		close(dir);
	}
	free(path);
}

char *
inst_made_as(jv instance)
{
	jv config = obj_get(instance, "config");
	jv devices = obj_get(instance, "devices");
	const char *s = obj_str(config, INST_UUID);
	char above[64] = "", *made = NULL;

	if (s != NULL)
		made = text_fmt("%s", s);
	else if (jv_get_kind(devices) == JV_KIND_OBJECT)
		jv_object_foreach (devices, name, device) {
			s = obj_str(device, "user.lxg.mount") != NULL
				? obj_str(device, "source")
				: NULL;
			if (s != NULL && above[0] == '\0')
				uuid_above(s, above, sizeof(above));
			jv_free(name);
			jv_free(device);
		}
	jv_free(config);
	jv_free(devices);
	return made == NULL && above[0] != '\0' ? text_fmt("%s", above) : made;
}

bool
inst_is_copy(jv instance)
{
	jv config = obj_get(instance, "config");
	const char *uuid = obj_str(config, "volatile.uuid");
	char *made = inst_made_as(instance);
	bool is = made != NULL && uuid != NULL && strcmp(made, uuid) != 0;

	jv_free(config);
	free(made);
	return is;
}
