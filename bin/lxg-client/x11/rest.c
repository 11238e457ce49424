#include "x11.h"
void
ui_window_icon(
    struct ui *u, uint32_t wid, unsigned w, unsigned h, const uint32_t *argb)
{
	(void)u;
	(void)wid;
	(void)w;
	(void)h;
	(void)argb;
}
void
ui_cursor(struct ui *u, uint32_t wid, const char *name, unsigned w, unsigned h,
    unsigned hot_x, unsigned hot_y, const uint32_t *argb)
{
	(void)u;
	(void)wid;
	(void)name;
	(void)w;
	(void)h;
	(void)hot_x;
	(void)hot_y;
	(void)argb;
}
int
ui_tray_new(
    struct ui *u, uint32_t wid, unsigned w, unsigned h, const char *title)
{
	(void)u;
	(void)wid;
	(void)w;
	(void)h;
	(void)title;
	return -1;
}
void
ui_sel_claim(
    struct ui *u, enum ui_sel s, const char *const *targets, unsigned n)
{
	(void)u;
	(void)s;
	(void)targets;
	(void)n;
}
void
ui_sel_drop(struct ui *u, enum ui_sel s)
{
	(void)u;
	(void)s;
}
void
ui_sel_fetch(struct ui *u, enum ui_sel s, const char *target, unsigned request)
{
	(void)u;
	(void)s;
	(void)target;
	(void)request;
}
void
ui_sel_answer(struct ui *u, unsigned request, const struct ui_data *d)
{
	(void)u;
	(void)request;
	(void)d;
}
