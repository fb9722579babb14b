/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_BASE_CLOCK_H
#define MILLRACE_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds of a clock that only goes forward, from an unsaid beginning. */
int64_t clock_milliseconds(void);

#endif
