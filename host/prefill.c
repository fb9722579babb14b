/* SPDX-License-Identifier: Apache-2.0 */
#include "host/prefill.h"

bool prefill_next(struct prefill *p, struct pass *pass)
{
    size_t left = p->count - p->done;
    uint32_t count = left < p->columns ? (uint32_t)left : p->columns;

    for (uint32_t c = 0; c < count; c++)
        p->column[c] = (struct pass_column){p->ids[p->done + c], (uint32_t)(p->done + c)};
    *pass = (struct pass){PASS_PREFILL, RESULT_NONE, 0, count, p->column};
    p->done += count;
    return count > 0;
}
