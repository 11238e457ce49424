/*
 * What an icon on the session's bus shows: its properties.
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "face.h"

static void
put_string(DBusMessageIter *to, const char *s)
{
	dbus_message_iter_append_basic(to, DBUS_TYPE_STRING, &s);
}

static void
put_int(DBusMessageIter *to, int type, dbus_int32_t n)
{
	dbus_message_iter_append_basic(to, type, &n);
}

static void
put_pixels(DBusMessageIter *to, const struct tray_said *s)
{
	DBusMessageIter all, one, bytes;
	const uint8_t *data = s->argb;

	dbus_message_iter_open_container(to, DBUS_TYPE_ARRAY, "(iiay)", &all);
	dbus_message_iter_open_container(&all, DBUS_TYPE_STRUCT, NULL, &one);
	put_int(&one, DBUS_TYPE_INT32, s->w);
	put_int(&one, DBUS_TYPE_INT32, s->h);
	dbus_message_iter_open_container(&one, DBUS_TYPE_ARRAY, "y", &bytes);
	dbus_message_iter_append_fixed_array(
	    &bytes, DBUS_TYPE_BYTE, &data, s->w * s->h * 4);
	dbus_message_iter_close_container(&one, &bytes);
	dbus_message_iter_close_container(&all, &one);
	dbus_message_iter_close_container(to, &all);
}

/* A name, no picture, a title, no text. */
static void
put_tip(DBusMessageIter *to, const struct tray_said *s)
{
	DBusMessageIter tip, none;

	dbus_message_iter_open_container(to, DBUS_TYPE_STRUCT, NULL, &tip);
	put_string(&tip, "");
	dbus_message_iter_open_container(
	    &tip, DBUS_TYPE_ARRAY, "(iiay)", &none);
	dbus_message_iter_close_container(&tip, &none);
	put_string(&tip, s->title);
	put_string(&tip, "");
	dbus_message_iter_close_container(to, &tip);
}

static const struct {
	const char *name, *type, *text;
} properties[] = {{"Category", "s", "ApplicationStatus"},
    {"Status", "s", "Active"}, {"Id", "s", NULL}, {"Title", "s", NULL},
    {"WindowId", "i", NULL}, {"IconPixmap", "a(iiay)", NULL},
    {"ToolTip", "(sa(iiay)ss)", NULL}, {"ItemIsMenu", "b", NULL}};

#define PROPERTIES (sizeof(properties) / sizeof(*properties))

static void
put_property(DBusMessageIter *to, const struct tray_said *s, size_t which)
{
	const char *type = properties[which].type;
	DBusMessageIter v;

	dbus_message_iter_open_container(to, DBUS_TYPE_VARIANT, type, &v);
	if (*type == 's')
		put_string(&v, properties[which].text != NULL
				   ? properties[which].text
			       : properties[which].name[0] == 'I' ? s->name
								  : s->title);
	else if (*type == 'a')
		put_pixels(&v, s);
	else if (*type == '(')
		put_tip(&v, s);
	else /* WindowId: none; ItemIsMenu: it is none */
		put_int(&v, *type, 0);
	dbus_message_iter_close_container(to, &v);
}

static DBusMessage *
get_all(DBusMessage *call, const struct tray_said *s)
{
	DBusMessage *reply = dbus_message_new_method_return(call);
	DBusMessageIter to, all, one;

	dbus_message_iter_init_append(reply, &to);
	dbus_message_iter_open_container(&to, DBUS_TYPE_ARRAY, "{sv}", &all);
	for (size_t k = 0; k < PROPERTIES; k++) {
		dbus_message_iter_open_container(
		    &all, DBUS_TYPE_DICT_ENTRY, NULL, &one);
		put_string(&one, properties[k].name);
		put_property(&one, s, k);
		dbus_message_iter_close_container(&all, &one);
	}
	dbus_message_iter_close_container(&to, &all);
	return reply;
}

static DBusMessage *
get_one(DBusMessage *call, const struct tray_said *s)
{
	const char *of, *name = "";
	DBusMessage *reply;
	DBusMessageIter to;
	size_t k = 0;

	if (dbus_message_get_args(call, NULL, DBUS_TYPE_STRING, &of,
		DBUS_TYPE_STRING, &name, DBUS_TYPE_INVALID))
		while (k < PROPERTIES && strcmp(properties[k].name, name) != 0)
			k++;
	if (*name == '\0' || k == PROPERTIES)
		return dbus_message_new_error(
		    call, DBUS_ERROR_UNKNOWN_PROPERTY, "no such property");
	reply = dbus_message_new_method_return(call);
	dbus_message_iter_init_append(reply, &to);
	put_property(&to, s, k);
	return reply;
}

DBusMessage *
face_answer(DBusMessage *m, const struct tray_said *s)
{
	const char *properties_of = DBUS_INTERFACE_PROPERTIES;

	if (dbus_message_is_method_call(m, properties_of, "GetAll"))
		return get_all(m, s);
	if (dbus_message_is_method_call(m, properties_of, "Get"))
		return get_one(m, s);
	return NULL;
}
