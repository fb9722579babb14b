/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_HOST_CROSS_ENTROPY_H
#define MILLRACE_HOST_CROSS_ENTROPY_H

#include <stdint.h>

/* -ln of the probability that softmax(logits[vocab]) gives to `token`, in nats.
 * The largest logit is taken out first, so that no exponential overflows. */
double cross_entropy(const float *logits, uint32_t vocab, uint32_t token);

#endif
