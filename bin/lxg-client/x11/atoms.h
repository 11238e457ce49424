/*
 * The atoms that are used, all of them made at the start: what an instance
 * says never makes one, since no X server ever frees any.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_CLIENT_ATOMS_H
#define LXG_CLIENT_ATOMS_H

#define ATOM_LIST(X)                                                           \
	X(WM_PROTOCOLS)                                                        \
	X(WM_DELETE_WINDOW)                                                    \
	X(WM_STATE)                                                            \
	X(WM_CHANGE_STATE)                                                     \
	X(_NET_WM_PING)                                                        \
	X(_NET_WM_NAME)                                                        \
	X(_NET_WM_ICON_NAME)                                                   \
	X(_NET_WM_ICON)                                                        \
	X(_NET_WM_USER_TIME)                                                   \
	X(_NET_FRAME_EXTENTS)                                                  \
	X(_NET_STARTUP_ID)                                                     \
	X(_NET_STARTUP_INFO)                                                   \
	X(_NET_STARTUP_INFO_BEGIN)                                             \
	X(_NET_WM_WINDOW_TYPE)                                                 \
	X(_NET_WM_WINDOW_TYPE_NORMAL)                                          \
	X(_NET_WM_WINDOW_TYPE_DIALOG)                                          \
	X(_NET_WM_WINDOW_TYPE_UTILITY)                                         \
	X(_NET_WM_WINDOW_TYPE_SPLASH)                                          \
	X(_NET_WM_WINDOW_TYPE_POPUP_MENU)                                      \
	X(_NET_WM_WINDOW_TYPE_DROPDOWN_MENU)                                   \
	X(_NET_WM_WINDOW_TYPE_TOOLTIP)                                         \
	X(_NET_WM_WINDOW_TYPE_COMBO)                                           \
	X(_NET_WM_WINDOW_TYPE_DND)                                             \
	X(_NET_WM_WINDOW_TYPE_NOTIFICATION)                                    \
	X(_NET_WM_STATE)                                                       \
	X(_NET_WM_STATE_MODAL)                                                 \
	X(_NET_WM_STATE_MAXIMIZED_HORZ)                                        \
	X(_NET_WM_STATE_MAXIMIZED_VERT)                                        \
	X(_NET_WM_STATE_FULLSCREEN)                                            \
	X(_NET_WM_STATE_ABOVE)                                                 \
	X(_NET_WM_STATE_BELOW)                                                 \
	X(_NET_WM_STATE_SHADED)                                                \
	X(_NET_WM_STATE_STICKY)                                                \
	X(_NET_WM_STATE_SKIP_TASKBAR)                                          \
	X(_NET_WM_STATE_SKIP_PAGER)                                            \
	X(_NET_SYSTEM_TRAY_S0)                                                 \
	X(_NET_SYSTEM_TRAY_OPCODE)                                             \
	X(_NET_SYSTEM_TRAY_ORIENTATION)                                        \
	X(MANAGER)                                                             \
	X(_XEMBED_INFO)                                                        \
	X(CLIPBOARD)                                                           \
	X(TARGETS)                                                             \
	X(TIMESTAMP)                                                           \
	X(INCR)                                                                \
	X(UTF8_STRING)                                                         \
	X(TEXT)                                                                \
	X(_LXG_TIME)                                                           \
	X(_LXG_0)                                                              \
	X(_LXG_1)                                                              \
	X(_LXG_2)                                                              \
	X(_LXG_3)                                                              \
	X(_LXG_TARGETS_0)                                                      \
	X(_LXG_TARGETS_1)

#define ATOM_ENUM(name) A_##name,
enum atom {
	ATOM_LIST(ATOM_ENUM)
	/* names that no identifier of C can have */
	A_text_plain,
	A_text_plain_utf8,
	A_text_html,
	A_image_png,
	ATOMS
};

struct ui;

int atoms_open(struct ui *);

#endif
