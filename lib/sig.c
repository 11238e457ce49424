/*
 * Signals as a flag. SPDX-License-Identifier: ISC
 */
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "sig.h"

static volatile sig_atomic_t caught;
static int held;

static void
note(int signo)
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
	set_all(note);
}

int
sig_caught(void)
{
	return caught;
}

static void
block(int how)
{
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(how, &set, NULL);
}

void
sig_die(int signo)
{
	signal(signo, SIG_DFL);
	raise(signo);
	block(SIG_UNBLOCK);
}

void
sig_hold(bool hold)
{
	held += hold ? 1 : -1;
	block(held > 0 ? SIG_BLOCK : SIG_UNBLOCK);
}

bool
sig_pending(void)
{
	sigset_t set;

	return sigpending(&set) == 0 && !sigisemptyset(&set);
}

int
sig_shield(void)
{
	int signo;

	sig_hold(true);
	signo = caught;
	caught = 0;
	return signo;
}

void
sig_unshield(int signo)
{
	if (signo != 0)
		caught = signo;
	sig_hold(false);
}

void
sig_child(pid_t parent)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* it was gone before that held */
		_exit(1);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}
