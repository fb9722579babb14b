/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ctrl-C without a handler and without global state: SIGINT and SIGTERM are
 * held back, long work asks whether one is pending, finishes what it is at,
 * and lets it through.
 */
#ifndef MILLRACE_HOST_INTERRUPT_H
#define MILLRACE_HOST_INTERRUPT_H

#include <stdbool.h>

/* From here on the signals wait. */
void interrupt_hold(void);

/* Is one waiting? */
bool interrupt_pending(void);

/* Let them through: the program ends here by the signal's default action where
 * one is waiting, so that a shell's loop ends with it. A child process calls
 * this before exec, which would hand the holding back on. */
void interrupt_release(void);

#endif
