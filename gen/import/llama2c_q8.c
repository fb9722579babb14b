/* SPDX-License-Identifier: Apache-2.0 */
/*
 * llama2.c's checkpoint, version 2: a header of 256 bytes ("ak42", version, the
 * seven sizes, whether the head is the embedding, group size), all norms as
 * float32, then for each matrix its int8 values and after them the float32
 * scales of its groups (llama2.c, export.py, version2_export; runq.c).  Groups
 * run over the whole matrix, so that they straddle rows where the group size
 * does not divide the columns.
 */
#include "gen/import/import.h"
#include "gen/import/llama2c.h"
#include "gen/import/rope.h"

enum { HEADER_BYTES = 256 };

/* `offset` is that of a struct weight in struct llama_layer. */
static struct weight *of_layer(struct model *m, uint32_t index, size_t offset)
{
    return (struct weight *)((char *)&m->layer[index] + offset);
}

static bool take_norm(struct model *m, struct reader *r, struct weight *w, struct error *err)
{
    *w = (struct weight){.format = WEIGHT_F32, .rows = 1, .columns = m->dim};
    return reader_take(r, m->dim, sizeof(float), "norms", &w->data, err);
}

static bool take_norms(struct model *m, struct reader *r, struct error *err)
{
    for (uint32_t i = 0; i < m->layers; i++)
        if (!take_norm(m, r, &m->layer[i].attention_norm, err))
            return false;
    for (uint32_t i = 0; i < m->layers; i++)
        if (!take_norm(m, r, &m->layer[i].ffn_norm, err))
            return false;
    return take_norm(m, r, &m->final_norm, err);
}

static bool take_matrix(struct reader *r, const char *what, uint32_t group, uint32_t rows,
                        uint32_t columns, struct weight *w, struct error *err)
{
    uint64_t elements = (uint64_t)rows * columns;

    *w = (struct weight){
        .format = WEIGHT_LLAMA2C_Q8, .group = group, .rows = rows, .columns = columns};
    if (elements % group != 0)
        return error_set(err, ERROR_INPUT,
                         "%s: byte 37: groups of %u do not fill the %s of %u x %u", r->name, group,
                         what, rows, columns);
    return reader_take(r, elements, 1, what, &w->data, err) &&
           reader_take(r, elements / group, sizeof(float), what, &w->scales, err);
}

static bool take_matrices(struct model *m, struct reader *r, uint32_t group, struct error *err)
{
    uint32_t q = m->heads * m->head_dim, kv = m->kv_heads * m->head_dim;
    const struct {
        const char *what;
        size_t offset;
        uint32_t rows, columns;
    } kinds[] = {
        {"query weights", offsetof(struct llama_layer, wq), q, m->dim},
        {"key weights", offsetof(struct llama_layer, wk), kv, m->dim},
        {"value weights", offsetof(struct llama_layer, wv), kv, m->dim},
        {"attention output weights", offsetof(struct llama_layer, wo), m->dim, q},
        {"gate weights", offsetof(struct llama_layer, w_gate), m->hidden_dim, m->dim},
        {"down weights", offsetof(struct llama_layer, w_down), m->dim, m->hidden_dim},
        {"up weights", offsetof(struct llama_layer, w_up), m->hidden_dim, m->dim},
    };

    if (!take_matrix(r, "embedding", group, m->vocab, m->dim, &m->embedding, err))
        return false;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (uint32_t i = 0; i < m->layers; i++)
            if (!take_matrix(r, kinds[k].what, group, kinds[k].rows, kinds[k].columns,
                             of_layer(m, i, kinds[k].offset), err))
                return false;
    m->head = m->embedding;
    return m->tied_head || take_matrix(r, "head", group, m->vocab, m->dim, &m->head, err);
}

static bool read_header(struct model *m, struct reader *r, uint32_t *group, struct error *err)
{
    uint32_t magic, version;
    const uint8_t *shared, *padding;

    if (!reader_u32(r, "magic", &magic, err) || !reader_u32(r, "version", &version, err))
        return false;
    if (version != 2)
        return error_set(err, ERROR_INPUT, "%s: byte 4: version %u is not supported (0 and 2 are)",
                         r->name, version);
    m->tied_head = true;
    if (!llama2c_sizes(m, r, err) || !reader_take(r, 1, 1, "header", &shared, err) ||
        !reader_u32(r, "group size", group, err) ||
        !reader_take(r, HEADER_BYTES - r->at, 1, "header", &padding, err))
        return false;
    if (!m->tied_head || *shared > 1)
        return error_set(err, ERROR_INPUT, "%s: byte 36: the head is neither shared nor apart",
                         r->name);
    if (*group == 0)
        return error_set(err, ERROR_INPUT, "%s: byte 37: group size is 0", r->name);
    m->tied_head = *shared == 1;
    return true;
}

bool import_llama2c_q8(struct model *m, const struct mapped_file *file, const char *path,
                       struct error *err)
{
    struct reader r = {.name = path, .data = file->data, .size = file->size};
    uint32_t group;

    return read_header(m, &r, &group, err) && import_layers(m, file->size, path, err) &&
           take_norms(m, &r, err) && take_matrices(m, &r, group, err) && reader_at_end(&r, err) &&
           rope_set(m, &(struct rope){.base = 10000}, path, err);
}
