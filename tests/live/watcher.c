/*
 * watcher yes|no: a StatusNotifierWatcher, with a tray or without; says who
 * registers, what is new of that, and who is gone. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include <dbus/dbus.h>

#define SERVICE "org.kde.StatusNotifierWatcher"
#define ITEM	"org.kde.StatusNotifierItem"

static dbus_bool_t has_tray;

static DBusMessage *
answer(DBusMessage *call)
{
	DBusMessage *reply = dbus_message_new_method_return(call);
	DBusMessageIter to, v;
	const char *path;

	if (dbus_message_is_method_call(
		call, DBUS_INTERFACE_PROPERTIES, "Get")) {
		dbus_message_iter_init_append(reply, &to);
		dbus_message_iter_open_container(
		    &to, DBUS_TYPE_VARIANT, "b", &v);
		dbus_message_iter_append_basic(
		    &v, DBUS_TYPE_BOOLEAN, &has_tray);
		dbus_message_iter_close_container(&to, &v);
	} else if (dbus_message_get_args(
		       call, NULL, DBUS_TYPE_STRING, &path, DBUS_TYPE_INVALID))
		printf("item %s %s\n", dbus_message_get_sender(call), path);
	return reply;
}

static void
signalled(DBusMessage *m)
{
	const char *name, *before, *now;

	if (dbus_message_has_interface(m, ITEM))
		printf("%s %s\n", dbus_message_get_member(m),
		    dbus_message_get_sender(m));
	else if (dbus_message_has_member(m, "NameOwnerChanged") &&
		 dbus_message_get_args(m, NULL, DBUS_TYPE_STRING, &name,
		     DBUS_TYPE_STRING, &before, DBUS_TYPE_STRING, &now,
		     DBUS_TYPE_INVALID) &&
		 *now == '\0')
		printf("gone %s\n", name);
}

static DBusHandlerResult
heard(DBusConnection *bus, DBusMessage *m, void *ctx)
{
	DBusMessage *reply;

	(void)ctx;
	if (dbus_message_get_type(m) == DBUS_MESSAGE_TYPE_SIGNAL)
		signalled(m);
	if (!dbus_message_has_path(m, "/StatusNotifierWatcher"))
		return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;
	reply = answer(m);
	dbus_connection_send(bus, reply, NULL);
	dbus_message_unref(reply);
	return DBUS_HANDLER_RESULT_HANDLED;
}

int
main(int argc, char **argv)
{
	DBusConnection *bus = dbus_bus_get(DBUS_BUS_SESSION, NULL);

	if (argc != 2)
		errx(EX_USAGE, "usage: watcher yes|no");
	if (bus == NULL)
		errx(EX_UNAVAILABLE, "no bus");
	has_tray = strcmp(argv[1], "yes") == 0;
	setvbuf(stdout, NULL, _IOLBF, 0);
	dbus_connection_add_filter(bus, heard, NULL, NULL);
	dbus_bus_add_match(bus, "type='signal'", NULL);
	if (dbus_bus_request_name(bus, SERVICE, 0, NULL) < 0)
		errx(EX_UNAVAILABLE, "no name");
	printf("watcher\n");
	while (dbus_connection_read_write_dispatch(bus, -1))
		;
	return EX_OK;
}
