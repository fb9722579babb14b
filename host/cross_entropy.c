/* SPDX-License-Identifier: Apache-2.0 */
#include "host/cross_entropy.h"

#include <math.h>

double cross_entropy(const float *logits, uint32_t vocab, uint32_t token)
{
    float best = logits[0];
    for (uint32_t i = 1; i < vocab; i++)
        best = logits[i] > best ? logits[i] : best;

    double sum = 0;
    for (uint32_t i = 0; i < vocab; i++)
        sum += exp((double)logits[i] - best);
    return log(sum) + best - logits[token];
}
