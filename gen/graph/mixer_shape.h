/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sizes of a selective state space mixer: Mamba (Gu and Dao 2023, section
 * 3.4) or Mamba-2 (Dao and Gu 2024, section 7; one B and one C for all heads).
 */
#ifndef MILLRACE_GEN_GRAPH_MIXER_SHAPE_H
#define MILLRACE_GEN_GRAPH_MIXER_SHAPE_H

#include <stddef.h>
#include <stdint.h>

enum architecture { ARCHITECTURE_LLAMA, ARCHITECTURE_MAMBA, ARCHITECTURE_MAMBA2 };

struct mixer_shape {
    uint32_t inner;      /* channels that are scanned */
    uint32_t state;      /* state elements of a channel */
    uint32_t conv_width; /* taps of the causal convolution */
    uint32_t dt_rank;    /* Mamba: width from which the time steps are projected; else 0 */
    uint32_t heads;      /* Mamba-2: each has its own A, D and time step; Mamba: inner */
};

/* Channels of the convolution: x, and in Mamba-2 also B and C. */
static inline uint32_t mixer_channels(const struct mixer_shape *s)
{
    return s->inner + (s->dt_rank ? 0 : 2 * s->state);
}

/* Rows of the input projection: x, z; or z, x, B, C, dt. */
static inline uint32_t mixer_in_rows(const struct mixer_shape *s)
{
    return s->inner + mixer_channels(s) + (s->dt_rank ? 0 : s->heads);
}

/* Rows of Mamba's x_proj: dt before its projection, B, C. */
static inline uint32_t mixer_x_rows(const struct mixer_shape *s)
{
    return s->dt_rank + 2 * s->state;
}

/* Values of A: one a head, or one a channel and state element. */
static inline size_t mixer_decays(const struct mixer_shape *s)
{
    return s->dt_rank ? (size_t)s->inner * s->state : s->heads;
}

#endif
