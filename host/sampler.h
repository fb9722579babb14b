/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The choice of the next token.
 *
 * At temperature 0 it is the best, ties by the lower id.  Else it is drawn with
 * probability proportional to exp(logit / temperature) from the best `top_k`,
 * or from the whole vocabulary where top_k is 0.  One random number is used a
 * token.  Candidates that a device has ranked and logits that are ranked here
 * give the same choice.
 */
#ifndef MILLRACE_HOST_SAMPLER_H
#define MILLRACE_HOST_SAMPLER_H

#include "host/device.h"
#include "host/random.h"

struct sampler {
    double temperature; /* >= 0 */
    uint32_t top_k;     /* 0: all */
    struct random random;
};

/* What a pass has to return for this choice, on a device that ranks
 * `device_top_k` candidates. */
enum pass_result sampler_needs(const struct sampler *s, uint32_t device_top_k);

/* From the best `count` >= 1 candidates, best first. */
uint32_t sampler_from_candidates(struct sampler *s, const struct candidate *top, uint32_t count);

/* From all logits; `scratch` has room for `vocab` candidates. */
uint32_t sampler_from_logits(struct sampler *s, const float *logits, uint32_t vocab,
                             struct candidate *scratch);

#endif
