/* SPDX-License-Identifier: Apache-2.0 */
#include "host/interrupt.h"

#include <signal.h>

static sigset_t held_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

void interrupt_hold(void)
{
    sigset_t set = held_signals();
    sigprocmask(SIG_BLOCK, &set, NULL);
}

bool interrupt_pending(void)
{
    sigset_t set;
    sigpending(&set);
    return sigismember(&set, SIGINT) == 1 || sigismember(&set, SIGTERM) == 1;
}

void interrupt_release(void)
{
    sigset_t set = held_signals();
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}
