/*
 * notifier FILE: a notification service, and one that is nobody's business;
 * notes in FILE, a line of JSON each, what either is asked.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <dbus/dbus.h>
#include <jv.h>

#define SERVICE "org.freedesktop.Notifications"
#define OTHER	"org.example.Secret"
#define PATH	"/org/freedesktop/Notifications"

static jv
basic(DBusMessageIter *at, int type)
{
	DBusBasicValue v;

	dbus_message_iter_get_basic(at, &v);
	switch (type) {
	case DBUS_TYPE_BOOLEAN:
		return jv_bool(v.bool_val);
	case DBUS_TYPE_BYTE:
		return jv_number(v.byt);
	case DBUS_TYPE_INT32:
		return jv_number(v.i32);
	case DBUS_TYPE_UINT32:
		return jv_number(v.u32);
	case DBUS_TYPE_INT64:
		return jv_number((double)v.i64);
	case DBUS_TYPE_UINT64:
		return jv_number((double)v.u64);
	case DBUS_TYPE_DOUBLE:
		return jv_number(v.dbl);
	case DBUS_TYPE_STRING:
	case DBUS_TYPE_OBJECT_PATH:
		return jv_string(v.str);
	default:
		return jv_null();
	}
}

/* The value at an iterator, as JSON: an entry of a map is a pair. */
static jv
value(DBusMessageIter *at)
{
	int type = dbus_message_iter_get_arg_type(at);
	DBusMessageIter in;
	bool map =
	    type == DBUS_TYPE_ARRAY &&
	    dbus_message_iter_get_element_type(at) == DBUS_TYPE_DICT_ENTRY;
	jv made, one;

	if (!dbus_type_is_container(type))
		return basic(at, type);
	dbus_message_iter_recurse(at, &in);
	if (type == DBUS_TYPE_VARIANT)
		return value(&in);
	made = map ? jv_object() : jv_array();
	for (; dbus_message_iter_get_arg_type(&in) != DBUS_TYPE_INVALID;
	     dbus_message_iter_next(&in)) {
		one = value(&in);
		if (map) {
			made =
			    jv_object_set(made, jv_array_get(jv_copy(one), 0),
				jv_array_get(jv_copy(one), 1));
			jv_free(one);
		} else
			made = jv_array_append(made, one);
	}
	return made;
}

static void
note(DBusMessage *call, const char *name)
{
	FILE *f = fopen(name, "a");
	jv said = jv_array_append(
	    jv_array(), jv_string(dbus_message_get_member(call)));
	DBusMessageIter at;

	if (f == NULL)
		err(EX_CANTCREAT, "%s", name);
	if (dbus_message_iter_init(call, &at))
		do
			said = jv_array_append(said, value(&at));
		while (dbus_message_iter_next(&at));
	jv_dumpf(said, f, 0);
	fputc('\n', f);
	fclose(f);
}

static DBusMessage *
answer(DBusMessage *call)
{
	const char *words[] = {"body", "body-markup", "actions"}, **w = words,
		   *t = "t", *one = "1", *spec = "1.2";
	DBusMessage *reply = dbus_message_new_method_return(call);
	uint32_t id = 7;

	if (dbus_message_is_method_call(call, SERVICE, "GetCapabilities"))
		dbus_message_append_args(reply, DBUS_TYPE_ARRAY,
		    DBUS_TYPE_STRING, &w, 3, DBUS_TYPE_INVALID);
	else if (dbus_message_is_method_call(
		     call, SERVICE, "GetServerInformation"))
		dbus_message_append_args(reply, DBUS_TYPE_STRING, &t,
		    DBUS_TYPE_STRING, &t, DBUS_TYPE_STRING, &one,
		    DBUS_TYPE_STRING, &spec, DBUS_TYPE_INVALID);
	else if (dbus_message_is_method_call(call, SERVICE, "Notify"))
		dbus_message_append_args(
		    reply, DBUS_TYPE_UINT32, &id, DBUS_TYPE_INVALID);
	return reply;
}

/* One that is no call is the bus's own business. */
static DBusHandlerResult
asked(DBusConnection *bus, DBusMessage *call, void *name)
{
	DBusMessage *reply;

	if (dbus_message_get_type(call) != DBUS_MESSAGE_TYPE_METHOD_CALL ||
	    !dbus_message_has_path(call, PATH))
		return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;
	note(call, name);
	reply = answer(call);
	dbus_connection_send(bus, reply, NULL);
	dbus_message_unref(reply);
	return DBUS_HANDLER_RESULT_HANDLED;
}

int
main(int argc, char **argv)
{
	DBusConnection *bus = dbus_bus_get(DBUS_BUS_SESSION, NULL);

	if (argc != 2)
		errx(EX_USAGE, "usage: notifier FILE");
	if (bus == NULL)
		errx(EX_UNAVAILABLE, "no bus");
	dbus_connection_add_filter(bus, asked, argv[1], NULL);
	if (dbus_bus_request_name(bus, SERVICE, 0, NULL) < 0 ||
	    dbus_bus_request_name(bus, OTHER, 0, NULL) < 0)
		errx(EX_UNAVAILABLE, "no name");
	while (dbus_connection_read_write_dispatch(bus, -1))
		;
	return EX_OK;
}
