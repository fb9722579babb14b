/* SPDX-License-Identifier: Apache-2.0 */
/* Small random models in memory, for tests of what is made of a model. */
#ifndef MILLRACE_TESTBENCH_MODEL_SUPPORT_H
#define MILLRACE_TESTBENCH_MODEL_SUPPORT_H

#include <math.h>

#include "gen/compile/compile.h"
#include "gen/graph/model.h"
#include "host/tokenizer/tokenizer.h"
#include "testbench/test_support.h"

/* Uniform values of mean `mean`, and of deviation `deviation`. */
static inline struct weight random_weight(struct model *m, uint64_t *random, uint32_t rows,
                                          uint32_t columns, double mean, double deviation)
{
    float *value = arena_alloc(&m->arena, (size_t)rows * columns, sizeof *value);
    assert_non_null(value);
    for (size_t i = 0; i < (size_t)rows * columns; i++)
        value[i] = (float)(mean + deviation * sqrt(3) * next_float(random));
    return (struct weight){WEIGHT_F32, (const uint8_t *)value, NULL, 0, rows, columns, NULL};
}

/* llama2.c's tokenizer.bin with the tokens t0, t1, ... */
static inline struct tokenizer *make_tokenizer(uint32_t vocab)
{
    const char *folder = make_folder();
    struct bytes b = {0};
    struct error err = {0};
    char path[4096];

    put_u32(&b, 8); /* the longest token */
    for (uint32_t i = 0; i < vocab; i++) {
        char text[16];
        snprintf(text, sizeof text, "t%u", i);
        put_f32(&b, 0);
        put_u32(&b, (uint32_t)strlen(text));
        put_text(&b, text);
    }
    write_file(folder, "tokenizer.bin", b.data, b.size);
    bytes_free(&b);
    snprintf(path, sizeof path, "%s/tokenizer.bin", folder);
    struct tokenizer *t = tokenizer_open(path, vocab, &err);
    if (!t)
        fail_msg("%s", err.message);
    remove_folder(folder);
    return t;
}

/* Fill in all but the sizes of *m, which are dim, hidden_dim, layers, heads,
 * kv_heads, head_dim, vocab and max_seq.  Activations keep their magnitude from
 * layer to layer, about as in trained models.  model_close(m). */
static inline void make_model(struct model *m, uint64_t *random)
{
    uint32_t queries = m->heads * m->head_dim, keys = m->kv_heads * m->head_dim;
    double by_dim = 1 / sqrt(m->dim);
    float *frequency = arena_alloc(&m->arena, m->head_dim / 2, sizeof *frequency);

    m->layer = arena_alloc(&m->arena, m->layers, sizeof *m->layer);
    assert_true(frequency && m->layer);
    snprintf(m->name, sizeof m->name, "random");
    m->norm_eps = 1e-5f;
    m->bos_token = 1;
    m->eos_token = 2;
    m->rope_attention_scale = 1;
    m->rope_frequency = frequency;
    for (uint32_t i = 0; i < m->head_dim / 2; i++)
        frequency[i] = powf(10000, -2.0f * (float)i / (float)m->head_dim);
    m->embedding = random_weight(m, random, m->vocab, m->dim, 0, 0.5);
    m->head = random_weight(m, random, m->vocab, m->dim, 0, 2 * by_dim);
    m->final_norm = random_weight(m, random, 1, m->dim, 1, 0.3);
    for (uint32_t i = 0; i < m->layers; i++)
        m->layer[i] = (struct llama_layer){
            .attention_norm = random_weight(m, random, 1, m->dim, 1, 0.3),
            .wq = random_weight(m, random, queries, m->dim, 0, by_dim),
            .wk = random_weight(m, random, keys, m->dim, 0, by_dim),
            .wv = random_weight(m, random, keys, m->dim, 0, by_dim),
            .wo = random_weight(m, random, m->dim, queries, 0, 1 / sqrt(queries)),
            .ffn_norm = random_weight(m, random, 1, m->dim, 1, 0.3),
            .w_gate = random_weight(m, random, m->hidden_dim, m->dim, 0, by_dim),
            .w_up = random_weight(m, random, m->hidden_dim, m->dim, 0, by_dim),
            .w_down = random_weight(m, random, m->dim, m->hidden_dim, 0, 1 / sqrt(m->hidden_dim)),
        };
    m->tokenizer = make_tokenizer(m->vocab);
}

/* Compile or fail the test; compiled_free(mill). */
static inline void compile_or_fail(const struct model *m, const struct compile_options *options,
                                   struct mill *mill)
{
    struct error err = {0};
    if (!compile_model(m, options, mill, &err))
        fail_msg("%s", err.message);
}

#endif
