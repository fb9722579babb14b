/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the float model share. */
#ifndef MILLRACE_GEN_GRAPH_FLOAT_MODEL_INSIDE_H
#define MILLRACE_GEN_GRAPH_FLOAT_MODEL_INSIDE_H

#include "gen/graph/float_model.h"

struct float_model {
    const struct mill *mill;
    struct float_section section;
    float *residual, *normed; /* [chunk][dim] */

    /* Of a transformer. */
    uint32_t queries, keys;               /* heads * head_dim, kv_heads * head_dim */
    float *query, *attention, *gate, *up; /* [chunk][...] */
    float *score;                         /* [max_seq] */
    float **key, **value;                 /* [slot]: [layer][max_seq][keys] */

    /* Of a Mamba model. */
    float *projected;   /* [chunk][mixer_in_rows] */
    float *convolved;   /* [chunk][mixer_channels] */
    float *parameter;   /* [chunk][mixer_x_rows]: dt before its projection, B, C */
    float *step;        /* [chunk][heads]: dt */
    float *scanned;     /* [chunk][inner] */
    float **conv_state; /* [slot]: [layer][conv_width - 1][mixer_channels] */
    float **scan_state; /* [slot]: [layer][inner][state] */

    const struct float_observer *observer; /* or NULL */
    struct arena arena;
};

/* [chunk][width] floats. */
struct float_buffer {
    float **memory;
    uint32_t width;
};

bool float_buffers(struct float_model *m, const struct float_buffer *buffer, size_t count,
                   uint32_t chunk);

/* out[count][rows] = in[count][columns] * weight[rows][columns]^T */
void float_multiply(const float *weight, uint32_t rows, uint32_t columns, const float *in,
                    uint32_t count, float *out);

/* RMS norm of `count` vectors; in place where in is out. */
void float_rms_norm(const float *in, const float *weight, uint32_t dim, float eps, uint32_t count,
                    float *out);

void float_add(float *sum, const float *x, size_t count);

/* Tell the observer, if there is one, what a matrix is multiplied by. */
void float_observe(const struct float_model *m, enum matrix_kind kind, uint32_t layer,
                   const float *input, uint32_t columns, uint32_t count);
void float_observe_range(const struct float_model *m, enum float_range range, uint32_t layer,
                         const float *value, size_t count);

/* One layer of `count` tokens, from m->residual and back; and the memory for it. */
void float_transformer_layer(struct float_model *m, uint32_t layer, uint32_t slot,
                             uint32_t position, uint32_t count);
bool float_transformer_allocate(struct float_model *m, uint32_t slots, uint32_t chunk);
void float_mamba_layer(struct float_model *m, uint32_t layer, uint32_t slot, uint32_t position,
                       uint32_t count);
bool float_mamba_allocate(struct float_model *m, uint32_t slots, uint32_t chunk);

#endif
