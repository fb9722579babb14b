/* SPDX-License-Identifier: Apache-2.0 */
#include "host/sampler.h"

#include <math.h>

#include "host/candidates.h"

enum pass_result sampler_needs(const struct sampler *s, uint32_t device_top_k)
{
    uint32_t wanted = s->temperature > 0 ? s->top_k : 1;
    return wanted >= 1 && wanted <= device_top_k ? RESULT_TOP : RESULT_LOGITS;
}

/* Differences to the best are taken before the exponential, which then is at
 * most 1. */
static double weight(const struct sampler *s, const struct candidate *c, float best)
{
    return exp(((double)c->logit - best) / s->temperature);
}

/* A point on the line of all weights; the candidate that it falls on. */
static uint32_t draw(struct sampler *s, const struct candidate *from, uint32_t count, float best)
{
    double sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += weight(s, &from[i], best);

    double point = random_unit(&s->random) * sum;
    for (uint32_t i = 0; i + 1 < count; i++) {
        point -= weight(s, &from[i], best);
        if (point < 0)
            return from[i].token;
    }
    return from[count - 1].token;
}

uint32_t sampler_from_candidates(struct sampler *s, const struct candidate *top, uint32_t count)
{
    if (!(s->temperature > 0))
        return top[0].token;
    if (s->top_k > 0 && s->top_k < count)
        count = s->top_k;
    return draw(s, top, count, top[0].logit);
}

uint32_t sampler_from_logits(struct sampler *s, const float *logits, uint32_t vocab,
                             struct candidate *scratch)
{
    uint32_t ranked = s->temperature > 0 ? s->top_k : 1;
    if (ranked > 0 && ranked < vocab) {
        candidates_select(logits, vocab, ranked, scratch);
        return sampler_from_candidates(s, scratch, ranked);
    }

    float best = logits[0];
    for (uint32_t token = 0; token < vocab; token++) {
        scratch[token] = (struct candidate){token, logits[token]};
        best = fmaxf(best, logits[token]);
    }
    return draw(s, scratch, vocab, best);
}
