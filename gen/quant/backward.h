/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gradient of the cross-entropy of a sequence's next tokens by the outputs
 * of each matrix (backpropagation, in float).
 */
#ifndef MILLRACE_GEN_QUANT_BACKWARD_H
#define MILLRACE_GEN_QUANT_BACKWARD_H

#include "gen/quant/float_attention.h"

/* On the way forward what the gradient needs of a layer; after the way back
 * the gradients, summed over tokens in nats, [length][...] each. */
struct layer_record {
    float *before_attention;    /* the residual stream; then the gradient of output's result */
    float *qkv;                 /* rotated; then their gradient before the rotation */
    float *before_feed_forward; /* the residual stream; then the gradient of down's result */
    float *gate_up;             /* gate, up; then their gradient */
};

struct backward {
    struct layer_record *layer; /* [layers] */
    float *residual, *normed, *normed_gradient, *attention, *gated, *wide, *logits;
    struct attention_memory memory;
    struct arena arena;
};

bool backward_open(struct backward *b, const struct folded_model *m);
void backward_close(struct backward *b);

/* One sequence of the model's length; the results are in b->layer. */
void backward_run(struct backward *b, const struct folded_model *m, const uint32_t *token);

#endif
