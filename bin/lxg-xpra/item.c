/*
 * Icons on the session's bus, as StatusNotifierItem has them: each with a
 * connection of its own, since nothing but its end takes an icon back. Runs in
 * a process of its own. SPDX-License-Identifier: ISC
 */
#include <dbus/dbus.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "face.h"
#include "text.h"
#include "tray.h"

#define ITEM	     "org.kde.StatusNotifierItem"
#define ITEM_PATH    "/StatusNotifierItem"
#define WATCHER	     "org.kde.StatusNotifierWatcher"
#define WATCHER_PATH "/StatusNotifierWatcher"
#define OPENED_MAX   20 /* connections in OPENED_MS */
#define OPENED_MS    10000
#define PAUSE_MS     100 /* between two pictures of one */

static struct item {
	DBusConnection *bus; /* NULL: free */
	struct tray_said now;
	dbus_uint32_t asked; /* whether there is a tray */
	bool fresh;	     /* it has changed since that was told */
	long long due;
} items[TRAY_MOST];

static int monitor;

static void
tell_monitor(uint32_t id, uint32_t button, int x, int y)
{
	struct tray_heard h = {.id = id, .button = button, .x = x, .y = y};

	(void)send(monitor, &h, sizeof(h), MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void
no_tray(void)
{
	static bool told;

	if (!told)
		tell_monitor(0, 0, 0, 0);
	told = true;
}

/* One notch, however far; downwards and to the right is more. */
static void
scrolled(const struct item *i, DBusMessage *call)
{
	dbus_int32_t by = 0;
	const char *way = "";

	if (dbus_message_get_args(call, NULL, DBUS_TYPE_INT32, &by,
		DBUS_TYPE_STRING, &way, DBUS_TYPE_INVALID) &&
	    by != 0)
		tell_monitor(i->now.id,
		    (strcasecmp(way, "horizontal") == 0 ? 6 : 4) + (by > 0), -1,
		    -1);
}

static DBusMessage *
clicked(const struct item *i, DBusMessage *call)
{
	static const struct {
		const char *name;
		uint32_t button;
	} ways[] = {
	    {"Activate", 1}, {"SecondaryActivate", 2}, {"ContextMenu", 3}};
	dbus_int32_t x = 0, y = 0;

	if (dbus_message_is_method_call(call, ITEM, "Scroll")) {
		scrolled(i, call);
		return dbus_message_new_method_return(call);
	}
	for (size_t k = 0; k < sizeof(ways) / sizeof(*ways); k++)
		if (dbus_message_is_method_call(call, ITEM, ways[k].name)) {
			dbus_message_get_args(call, NULL, DBUS_TYPE_INT32, &x,
			    DBUS_TYPE_INT32, &y, DBUS_TYPE_INVALID);
			tell_monitor(i->now.id, ways[k].button, x, y);
			return dbus_message_new_method_return(call);
		}
	return NULL;
}

/* Of the watcher; no service is begun for it. Consumes. */
static dbus_uint32_t
call_watcher(struct item *i, DBusMessage *m, const char *a, const char *b)
{
	dbus_uint32_t serial = 0;

	dbus_message_append_args(m, DBUS_TYPE_STRING, &a,
	    b != NULL ? DBUS_TYPE_STRING : DBUS_TYPE_INVALID, &b,
	    DBUS_TYPE_INVALID);
	dbus_message_set_auto_start(m, FALSE);
	dbus_connection_send(i->bus, m, &serial);
	dbus_message_unref(m);
	return serial;
}

/* A watcher keeps it for a tray that comes later. */
static void
offer(struct item *i)
{
	DBusMessage *m = dbus_message_new_method_call(
	    WATCHER, WATCHER_PATH, WATCHER, "RegisterStatusNotifierItem");

	dbus_message_set_no_reply(m, TRUE);
	call_watcher(i, m, ITEM_PATH, NULL);
}

static void
ask_for_tray(struct item *i)
{
	i->asked = call_watcher(i,
	    dbus_message_new_method_call(
		WATCHER, WATCHER_PATH, DBUS_INTERFACE_PROPERTIES, "Get"),
	    WATCHER, "IsStatusNotifierHostRegistered");
}

/* The answer to that: a variant with a boolean, or an error. */
static void
learn_of_tray(DBusMessage *reply)
{
	DBusMessageIter at, v;
	dbus_bool_t there = FALSE;

	if (dbus_message_has_signature(reply, "v") &&
	    dbus_message_iter_init(reply, &at)) {
		dbus_message_iter_recurse(&at, &v);
		if (dbus_message_iter_get_arg_type(&v) == DBUS_TYPE_BOOLEAN)
			dbus_message_iter_get_basic(&v, &there);
	}
	if (!there)
		no_tray();
}

/* A watcher has begun, after another one or not. */
static void
owner_changed(struct item *i, DBusMessage *m)
{
	const char *name, *before, *now;

	if (dbus_message_has_sender(m, DBUS_SERVICE_DBUS) &&
	    dbus_message_get_args(m, NULL, DBUS_TYPE_STRING, &name,
		DBUS_TYPE_STRING, &before, DBUS_TYPE_STRING, &now,
		DBUS_TYPE_INVALID) &&
	    strcmp(name, WATCHER) == 0 && *now != '\0')
		offer(i);
}

static DBusHandlerResult
heard(DBusConnection *bus, DBusMessage *m, void *ctx)
{
	struct item *i = ctx;
	DBusMessage *reply = NULL;

	if (dbus_message_is_signal(m, DBUS_INTERFACE_DBUS, "NameOwnerChanged"))
		owner_changed(i, m);
	else if (dbus_message_get_reply_serial(m) != 0) {
		if (dbus_message_get_reply_serial(m) == i->asked)
			learn_of_tray(m);
	} else if (!dbus_message_has_path(m, ITEM_PATH))
		return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;
	else if ((reply = face_answer(m, &i->now)) == NULL &&
		 (reply = clicked(i, m)) == NULL)
		return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;
	if (reply != NULL) {
		if (!dbus_message_get_no_reply(m))
			dbus_connection_send(bus, reply, NULL);
		dbus_message_unref(reply);
	}
	return DBUS_HANDLER_RESULT_HANDLED;
}

/* The session's own, and none is begun where there is none. */
static DBusConnection *
connect_to_bus(void)
{
	const char *address = getenv("DBUS_SESSION_BUS_ADDRESS");
	const char *run = getenv("XDG_RUNTIME_DIR");
	char *made = NULL, *path;
	DBusConnection *bus;

	if ((address == NULL || *address == '\0') && run != NULL) {
		path = dbus_address_escape_value(run);
		made = text_fmt("unix:path=%s/bus", path);
		dbus_free(path);
		address = made;
	}
	bus = address != NULL ? dbus_connection_open_private(address, NULL)
			      : NULL;
	free(made);
	if (bus != NULL && !dbus_bus_register(bus, NULL)) {
		dbus_connection_close(bus);
		dbus_connection_unref(bus);
		bus = NULL;
	}
	return bus;
}

/* So many that an instance can't keep the bus busy with it. */
static bool
may_open(void)
{
	static long long since;
	static int opened;

	if (since == 0 || clock_ms() - since >= OPENED_MS) {
		since = clock_ms();
		opened = 0;
	}
	return opened++ < OPENED_MAX;
}

static void
open_item(struct item *i)
{
	if (!may_open())
		return;
	if ((i->bus = connect_to_bus()) == NULL) {
		no_tray();
		return;
	}
	dbus_connection_add_filter(i->bus, heard, i, NULL);
	dbus_bus_add_match(i->bus,
	    "type='signal',sender='" DBUS_SERVICE_DBUS
	    "',member='NameOwnerChanged',arg0='" WATCHER "'",
	    NULL);
	offer(i);
	ask_for_tray(i);
}

static void
close_item(struct item *i)
{
	if (i->bus != NULL) {
		dbus_connection_close(i->bus);
		dbus_connection_unref(i->bus);
	}
	i->bus = NULL;
}

static struct item *
find_item(uint32_t id)
{
	struct item *i, *free_one = NULL;

	for (i = items; i < items + TRAY_MOST; i++)
		if (i->bus == NULL)
			free_one = i;
		else if (i->now.id == id)
			return i;
	return free_one;
}

/* What the monitor has judged; false at its end. */
static bool
take_said(void)
{
	static struct tray_said s;
	ssize_t n = recv(monitor, &s, sizeof(s), MSG_DONTWAIT);
	struct item *i;

	if (n <= 0)
		return n < 0;
	if ((i = find_item(s.id)) == NULL)
		return true;
	i->now = s;
	if (s.w == 0)
		close_item(i);
	else if (i->bus == NULL)
		open_item(i);
	else
		i->fresh = true;
	return true;
}

static void
tell_news(struct item *i)
{
	static const char *const news[] = {"NewIcon", "NewTitle", "NewToolTip"};
	DBusMessage *m;

	for (size_t k = 0; k < 3; k++) {
		m = dbus_message_new_signal(ITEM_PATH, ITEM, news[k]);
		dbus_connection_send(i->bus, m, NULL);
		dbus_message_unref(m);
	}
	i->fresh = false;
	i->due = clock_ms() + PAUSE_MS;
}

/* Does what is to be done; milliseconds until there is more, or -1. */
static int
step_item(struct item *i)
{
	long long left = i->due - clock_ms();

	if (i->fresh && left <= 0)
		tell_news(i);
	if (!dbus_connection_read_write(i->bus, 0)) {
		close_item(i);
		return -1;
	}
	while (dbus_connection_dispatch(i->bus) == DBUS_DISPATCH_DATA_REMAINS)
		;
	dbus_connection_read_write(i->bus, 0);
	return i->fresh && left > 0 ? (int)left : -1;
}

void
item_serve(int from)
{
	struct pollfd p[TRAY_MOST + 1] = {{.fd = from, .events = POLLIN}};
	int ms, one;

	monitor = from;
	while (p[0].revents == 0 || take_said()) {
		ms = -1;
		for (int k = 0; k < TRAY_MOST; k++) {
			struct pollfd *q = &p[k + 1];

			*q = (struct pollfd){.fd = -1, .events = POLLIN};
			if (items[k].bus == NULL)
				continue;
			one = step_item(&items[k]);
			if (one >= 0 && (ms < 0 || one < ms))
				ms = one;
			if (items[k].bus == NULL)
				continue;
			dbus_connection_get_unix_fd(items[k].bus, &q->fd);
			if (dbus_connection_has_messages_to_send(items[k].bus))
				q->events |= POLLOUT;
		}
		if (poll(p, TRAY_MOST + 1, ms) < 0)
			p[0].revents = 0;
	}
}
