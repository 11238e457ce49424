/*
 * What an icon on the session's bus shows: its properties.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_FACE_H
#define LXG_XPRA_FACE_H

#include <dbus/dbus.h>

#include "tray.h"

/* The answer to a call for one or all of them; NULL for another call. */
DBusMessage *face_answer(DBusMessage *, const struct tray_said *);

#endif
