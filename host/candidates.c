/* SPDX-License-Identifier: Apache-2.0 */
#include "host/candidates.h"

#include <stddef.h>

/* Insertion into a sorted list.  `count` is small, and most logits fall short
 * of the last entry, so that they cost one comparison. */
void candidates_select(const float *logits, uint32_t vocab, uint32_t count, struct candidate *top)
{
    uint32_t held = 0;

    for (uint32_t token = 0; token < vocab; token++) {
        if (held == count && (count == 0 || !(logits[token] > top[count - 1].logit)))
            continue;
        uint32_t at = held < count ? held++ : count - 1;
        for (; at > 0 && logits[token] > top[at - 1].logit; at--)
            top[at] = top[at - 1];
        top[at] = (struct candidate){token, logits[token]};
    }
}

void candidates_select_columns(const float *logits, uint32_t columns, uint32_t vocab,
                               uint32_t count, struct candidate *top)
{
    for (size_t c = 0; c < columns; c++)
        candidates_select(logits + c * vocab, vocab, count, top + c * count);
}
