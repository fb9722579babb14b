/* SPDX-License-Identifier: Apache-2.0 */
/* What fuzz targets share: use of all that a parser has accepted. */
#ifndef MILLRACE_TESTBENCH_FUZZ_SUPPORT_H
#define MILLRACE_TESTBENCH_FUZZ_SUPPORT_H

#include <stdlib.h>
#include <string.h>

#include "gen/graph/model.h"
#include "host/tokenizer/tokenizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first and the last rows, where a wrong size would show. */
static inline void read_weight(const struct weight *w)
{
    float *row = malloc(((size_t)w->columns + 1) * sizeof *row);
    for (uint32_t r = 0; row && r < w->rows; r = r < 4 && w->rows > 8 ? w->rows - 4 : r + 1)
        weight_row(w, r, row);
    free(row);
}

static inline void read_weights(const struct model *m)
{
    read_weight(&m->embedding);
    read_weight(&m->final_norm);
    read_weight(&m->head);
    for (uint32_t i = 0; i < m->layers; i++) {
        const struct llama_layer *l = &m->layer[i];
        const struct weight *weights[9] = {
            &l->attention_norm, &l->wq,     &l->wk,   &l->wv,    &l->wo,
            &l->ffn_norm,       &l->w_gate, &l->w_up, &l->w_down};
        for (size_t k = 0; k < 9; k++)
            read_weight(weights[k]);
    }
}

/* Text into ids and back, and the tokenizer into a blob and back, which must
 * encode alike. */
static inline void try_tokenizer(const struct tokenizer *t)
{
    static const char text[] = "Once upon a time,\n  it's 123 \xc3\xa9\xe2\x96\x81<0x0A>\xff!";
    struct error err = {0};
    uint32_t *ids = NULL, *again = NULL;
    size_t count = 0, again_count = 0, size;
    char out[TOKEN_TEXT_MAX];

    bool done = tokenizer_encode(t, text, sizeof text - 1, &ids, &count, &err);
    for (size_t i = 0; i < count; i++)
        if (ids[i] >= tokenizer_vocab(t) ||
            tokenizer_decode(t, i ? ids[i - 1] : TOKEN_NONE, ids[i], out) > TOKEN_TEXT_MAX)
            abort();
    uint8_t *blob = tokenizer_save(t, &size);
    struct tokenizer *copy = blob ? tokenizer_load(blob, size, &err) : NULL;
    if (blob && (!copy ||
                 tokenizer_encode(copy, text, sizeof text - 1, &again, &again_count, &err) != done))
        abort();
    if (blob && (count != again_count || (count && memcmp(ids, again, count * sizeof *ids) != 0)))
        abort();
    tokenizer_free(copy);
    free(blob);
    free(ids);
    free(again);
}

#endif
