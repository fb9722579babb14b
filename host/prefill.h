/* SPDX-License-Identifier: Apache-2.0 */
/* A prompt cut into passes. */
#ifndef MILLRACE_HOST_PREFILL_H
#define MILLRACE_HOST_PREFILL_H

#include <stdbool.h>
#include <stddef.h>

#include "host/device.h"

struct prefill {
    const uint32_t *ids; /* borrowed; the token of each position from 0 */
    size_t count;
    size_t done;                /* tokens in passes so far, this one included */
    uint32_t columns;           /* most tokens a pass */
    struct pass_column *column; /* [columns], the caller's */
};

/* Fill in the next pass, of slot 0, with RESULT_NONE; false where all tokens
 * are done.  The last pass has p->done == p->count. */
bool prefill_next(struct prefill *p, struct pass *pass);

#endif
