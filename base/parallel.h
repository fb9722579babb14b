/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work in a fixed number of parts.  The number does not depend on the machine,
 * so that what is summed within a part is summed in the same order everywhere.
 */
#ifndef MILLRACE_BASE_PARALLEL_H
#define MILLRACE_BASE_PARALLEL_H

#include <stdint.h>

enum { PARALLEL_PARTS = 4 };

/* Calls work(context, part) for each part below PARALLEL_PARTS, each on a thread
 * of its own where one can be had, and returns when all are done. */
void parallel_run(void (*work)(void *context, unsigned part), void *context);

/* Where part `part` of `count` things starts; part PARALLEL_PARTS is the end. */
static inline uint32_t parallel_first(uint32_t count, unsigned part)
{
    return (uint32_t)((uint64_t)count * part / PARALLEL_PARTS);
}

#endif
