/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calibration text on its way through the layers, twice: through the float
 * model, and through the model as far as it is rounded.
 */
#ifndef MILLRACE_GEN_QUANT_STREAMS_H
#define MILLRACE_GEN_QUANT_STREAMS_H

#include "base/parallel.h"
#include "gen/quant/calibration.h"
#include "gen/quant/float_attention.h"

enum { STREAM_FLOAT, STREAM_ROUNDED, STREAMS };

/* Of every token: the residual stream, and what the next matrix reads. */
struct stream {
    float *residual;    /* [tokens][dim] */
    float *input;       /* [tokens][columns of the next matrix] */
    float *other_input; /* the same size; the next input is made here */
};

struct streams {
    const struct folded_model *m;
    uint32_t sequences, tokens;
    unsigned act_bits;
    struct stream stream[STREAMS];
    float *wide[PARALLEL_PARTS]; /* a sequence's qkv, or gate and up */
    struct attention_memory memory[PARALLEL_PARTS];
    struct arena arena;
};

/* At the first layer, embedded with the model's embedding and with `embedding`.
 * ERROR_FAILED for want of memory. */
bool streams_open(struct streams *s, const struct folded_model *m,
                  const struct calibration *calibration, const struct float_matrix *embedding,
                  unsigned act_bits, struct error *err);
void streams_close(struct streams *s);

/* From inputs of a matrix to those of the next; `matrix` is the one they are put
 * through, the float model's and the rounded one. */
void streams_attend(struct streams *s, const struct float_matrix *const matrix[STREAMS]);
void streams_gate(struct streams *s, const struct float_matrix *const matrix[STREAMS]);
void streams_add_and_norm(struct streams *s, const struct float_matrix *const matrix[STREAMS]);

#endif
