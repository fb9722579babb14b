/* SPDX-License-Identifier: Apache-2.0 */
/*
 * llama2.c's checkpoint, version 0 ("legacy"): seven int32, then float32
 * tensors back to back, each kind for all layers at once (llama2.c, export.py,
 * legacy_export; run.c, memory_map_weights).  A negative vocabulary says that
 * the head is not the embedding and comes last.
 */
#include "gen/import/import.h"

#include "base/reader.h"
#include "gen/import/llama2c.h"
#include "gen/import/rope.h"

/* The next tensor of each of `layers` layers: `rows` x `columns` floats. */
static bool take(struct reader *r, const char *what, uint32_t layers, uint32_t rows,
                 uint32_t columns, struct weight *first, size_t stride, struct error *err)
{
    uint64_t bytes = (uint64_t)rows * columns * sizeof(float);
    const uint8_t *data;

    if (!reader_take(r, layers, bytes, what, &data, err))
        return false;
    for (uint32_t i = 0; i < layers; i++) {
        struct weight *w = (struct weight *)((char *)first + i * stride);
        *w = (struct weight){
            .format = WEIGHT_F32, .data = data + i * bytes, .rows = rows, .columns = columns};
    }
    return true;
}

static bool take_layers(struct model *m, struct reader *r, struct error *err)
{
    uint32_t q = m->heads * m->head_dim, kv = m->kv_heads * m->head_dim;
    struct llama_layer *l = m->layer;
    size_t step = sizeof *l;

    return take(r, "attention norms", m->layers, 1, m->dim, &l->attention_norm, step, err) &&
           take(r, "query weights", m->layers, q, m->dim, &l->wq, step, err) &&
           take(r, "key weights", m->layers, kv, m->dim, &l->wk, step, err) &&
           take(r, "value weights", m->layers, kv, m->dim, &l->wv, step, err) &&
           take(r, "attention output weights", m->layers, m->dim, q, &l->wo, step, err) &&
           take(r, "feed-forward norms", m->layers, 1, m->dim, &l->ffn_norm, step, err) &&
           take(r, "gate weights", m->layers, m->hidden_dim, m->dim, &l->w_gate, step, err) &&
           take(r, "down weights", m->layers, m->dim, m->hidden_dim, &l->w_down, step, err) &&
           take(r, "up weights", m->layers, m->hidden_dim, m->dim, &l->w_up, step, err);
}

static bool take_weights(struct model *m, struct reader *r, struct error *err)
{
    const uint8_t *unused;

    if (!take(r, "embedding", 1, m->vocab, m->dim, &m->embedding, 0, err) ||
        !take_layers(m, r, err) || !take(r, "final norm", 1, 1, m->dim, &m->final_norm, 0, err))
        return false;
    /* Tables of cos and sin that run.c skips too: they follow from the sizes. */
    if (!reader_take(r, m->max_seq, (uint64_t)m->head_dim * sizeof(float), "rotation tables",
                     &unused, err))
        return false;
    m->head = m->embedding;
    if (!m->tied_head && !take(r, "head", 1, m->vocab, m->dim, &m->head, 0, err))
        return false;
    return reader_at_end(r, err);
}

bool llama2c_sizes(struct model *m, struct reader *r, struct error *err)
{
    uint32_t *const fields[] = {&m->dim,      &m->hidden_dim, &m->layers, &m->heads,
                                &m->kv_heads, &m->vocab,      &m->max_seq};
    static const char *const names[] = {"dimension",     "hidden dimension",          "layers",
                                        "heads",         "number of key/value heads", "vocabulary",
                                        "context length"};

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        size_t at = r->at;
        if (!reader_u32(r, names[i], fields[i], err))
            return false;
        int32_t value = (int32_t)*fields[i];
        if (fields[i] == &m->vocab && value < 0 && value > INT32_MIN) {
            m->tied_head = false;
            m->vocab = (uint32_t)-value;
        } else if (value <= 0) {
            return error_set(err, ERROR_INPUT, "%s: byte %zu: %s is %d", r->name, at, names[i],
                             value);
        }
    }
    if (m->dim % m->heads != 0)
        return error_set(err, ERROR_INPUT, "%s: byte 12: dimension %u cannot be cut into %u heads",
                         r->name, m->dim, m->heads);
    m->head_dim = m->dim / m->heads;
    m->norm_eps = 1e-5f;
    m->bos_token = 1;
    m->eos_token = 2;
    return import_check_sizes(m, r->name, err);
}

bool import_llama2c(struct model *m, const struct mapped_file *file, const char *path,
                    struct error *err)
{
    struct reader r = {.name = path, .data = file->data, .size = file->size};

    m->tied_head = true;
    if (!llama2c_sizes(m, &r, err))
        return false;
    return import_layers(m, file->size, path, err) && take_weights(m, &r, err) &&
           rope_set(m, &(struct rope){.base = 10000}, path, err);
}
