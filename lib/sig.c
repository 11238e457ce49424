/*
 * Signals as a flag. SPDX-License-Identifier: ISC
 */
#include <signal.h>
#include <string.h>

#include "sig.h"

static volatile sig_atomic_t caught;

static void catch (int signo)
{
	caught = signo;
}

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

static void
set_all(void (*handler)(int))
{
	struct sigaction sa, old;
	size_t i;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = handler;
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		/* what nohup(1) or a shell ignores for us stays ignored */
		if (sigaction(signals[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaction(signals[i], &sa, NULL);
}

void
sig_catch(void)
{
	set_all(catch);
}

int
sig_caught(void)
{
	return caught;
}

void
sig_forget(void)
{
	caught = 0;
}

void
sig_again(int signo)
{
	caught = signo;
}

void
sig_die(int signo)
{
	signal(signo, SIG_DFL);
	raise(signo);
}

void
sig_hold(bool hold)
{
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}
