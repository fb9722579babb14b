/* SPDX-License-Identifier: Apache-2.0 */
/* Small random Mamba models in memory. */
#ifndef MILLRACE_TESTBENCH_MAMBA_SUPPORT_H
#define MILLRACE_TESTBENCH_MAMBA_SUPPORT_H

#include "testbench/model_support.h"

/* The weights of a layer, with time steps and decays as training starts them. */
static inline struct mamba_layer make_mamba_layer(struct model *m, uint64_t *random)
{
    const struct mixer_shape *s = &m->mixer;
    bool first = m->architecture == ARCHITECTURE_MAMBA;
    double by_dim = 1 / sqrt(m->dim), by_inner = 1 / sqrt(s->inner);
    struct mamba_layer l = {
        .norm = random_weight(m, random, 1, m->dim, 1, 0.3),
        .in_proj = random_weight(m, random, mixer_in_rows(s), m->dim, 0, by_dim),
        .conv = random_weight(m, random, mixer_channels(s), s->conv_width, 0.2, 0.5),
        .conv_bias = random_weight(m, random, 1, mixer_channels(s), 0, 0.2),
        .dt_bias = random_weight(m, random, 1, s->heads, -3, 1),
        .a = random_weight(m, random, first ? s->inner : 1, first ? s->state : s->heads, 1, 0.7),
        .d = random_weight(m, random, 1, s->heads, 1, 0.3),
        .out_proj = random_weight(m, random, m->dim, s->inner, 0, by_inner),
    };
    if (first) {
        l.x_proj = random_weight(m, random, mixer_x_rows(s), s->inner, 0, 2 * by_inner);
        l.dt_proj = random_weight(m, random, s->inner, s->dt_rank, 0, 1 / sqrt(s->dt_rank));
    } else {
        l.gated_norm = random_weight(m, random, 1, s->inner, 1, 0.3);
    }
    return l;
}

/* Sizes that the integer model takes too: whole blocks of 16. */
static inline struct model draw_mamba(uint64_t *random, enum architecture architecture)
{
    bool first = architecture == ARCHITECTURE_MAMBA;
    struct model m = {.architecture = architecture,
                      .dim = 8 + 2 * (next_random(random) % 28),
                      .layers = 1 + next_random(random) % 3,
                      .vocab = 20 + next_random(random) % 40,
                      .max_seq = 64,
                      .a_is_log = true,
                      .norm_eps = 1e-5f,
                      .bos_token = 1,
                      .eos_token = 2};
    m.mixer = (struct mixer_shape){.inner = 16 * (1 + next_random(random) % 4),
                                   .state = 16 * (1 + next_random(random) % 2),
                                   .conv_width = 2 + next_random(random) % 3,
                                   .dt_rank = first ? 1 + next_random(random) % 20 : 0};
    m.mixer.heads = first ? m.mixer.inner : m.mixer.inner / 16;
    snprintf(m.name, sizeof m.name, "random");
    m.embedding = random_weight(&m, random, m.vocab, m.dim, 0, 0.5);
    m.head = random_weight(&m, random, m.vocab, m.dim, 0, 2 / sqrt(m.dim));
    m.final_norm = random_weight(&m, random, 1, m.dim, 1, 0.3);
    m.mamba_layer = arena_alloc(&m.arena, m.layers, sizeof *m.mamba_layer);
    assert_non_null(m.mamba_layer);
    for (uint32_t i = 0; i < m.layers; i++)
        m.mamba_layer[i] = make_mamba_layer(&m, random);
    m.tokenizer = make_tokenizer(m.vocab);
    return m;
}

#endif
