/*
 * What tells this machine from others, this boot from those before, and a
 * process from a later one of its number. SPDX-License-Identifier: ISC
 */
#ifndef LXG_MACHINE_H
#define LXG_MACHINE_H

/*
 * All live as long as the process. The id is made of machine-id(5), which is
 * not to be told to others, and tells nothing of it.
 */
const char *machine_id(void);	/* 16 hex digits */
const char *machine_name(void); /* gethostname(2) */
const char *machine_boot(void); /* boot_id of random(4) */
long long machine_uptime(void); /* seconds of this boot */

/*
 * When a process was started, in ticks of this boot (proc(5), field 22); -1
 * where there is none.
 */
long long machine_started(long long pid);

#endif
