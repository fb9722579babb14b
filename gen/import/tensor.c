/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/import/tensor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct tensor *)a)->name, ((const struct tensor *)b)->name);
}

bool tensor_table_sort(struct tensor_table *table, struct error *err)
{
    if (table->count == 0)
        return true;
    qsort(table->tensor, table->count, sizeof *table->tensor, compare_names);
    for (size_t i = 1; i < table->count; i++) {
        const struct tensor *t = &table->tensor[i];
        if (compare_names(t - 1, t) == 0)
            return error_set(err, ERROR_INPUT, "%s: tensor %s: its name is taken already", t->file,
                             t->name);
    }
    return true;
}

struct tensor *tensor_find(const struct tensor_table *table, const char *name)
{
    struct tensor key = {.name = name};
    if (table->count == 0)
        return NULL;
    return bsearch(&key, table->tensor, table->count, sizeof key, compare_names);
}

/* "[4096, 256]" */
static void write_shape(const struct tensor *t, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "[");
    for (uint32_t i = 0; i < t->dimensions && used < size; i++)
        used +=
            (size_t)snprintf(text + used, size - used, "%s%" PRIu64, i ? ", " : "", t->shape[i]);
    if (used < size)
        snprintf(text + used, size - used, "]");
}

/* Dimensions of 1 may be there beside those that count: a depthwise kernel is
 * [channels, 1, taps]. */
static bool has_shape(const struct tensor *t, uint32_t rows, uint32_t columns)
{
    const uint64_t wanted[2] = {rows == 1 ? columns : rows, columns};
    uint32_t count = rows == 1 ? 1 : 2, found = 0;

    for (uint32_t i = 0; i < t->dimensions; i++) {
        if (found < count && t->shape[i] == wanted[found])
            found++;
        else if (t->shape[i] != 1)
            return false;
    }
    return found == count;
}

bool tensor_take(const struct tensor_table *table, const char *model_name, const char *name,
                 uint32_t rows, uint32_t columns, struct weight *weight, struct error *err)
{
    struct tensor *t = tensor_find(table, name);
    char shape[128];

    if (!t)
        return error_set(err, ERROR_INPUT, "%s: tensor %s is missing", model_name, name);
    if (!t->readable)
        return error_set(err, ERROR_INPUT, "%s: tensor %s: type %s is not supported", t->file, name,
                         t->type);
    if (!has_shape(t, rows, columns)) {
        write_shape(t, shape, sizeof shape);
        return error_set(err, ERROR_INPUT, "%s: tensor %s: shape %s, not [%u, %u]", t->file, name,
                         shape, rows, columns);
    }
    t->used = true;
    *weight =
        (struct weight){.format = t->format, .data = t->data, .rows = rows, .columns = columns};
    return true;
}

bool tensor_take_parts(const struct tensor_table *table, const char *model_name, const char *prefix,
                       uint32_t layer, const struct tensor_part *part, size_t count,
                       struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        char name[128];
        snprintf(name, sizeof name, "%s%u.%s", prefix, layer, part[i].name);
        if (!tensor_take(table, model_name, name, part[i].rows, part[i].columns, part[i].weight,
                         err))
            return false;
    }
    return true;
}

static bool take_layer(struct model *m, uint32_t index, const struct tensor_table *table,
                       const struct tensor_names *names, const char *model_name, struct error *err)
{
    struct llama_layer *l = &m->layer[index];
    uint32_t q = m->heads * m->head_dim, kv = m->kv_heads * m->head_dim;
    const struct tensor_part parts[] = {
        {names->attention_norm, &l->attention_norm, 1, m->dim},
        {names->wq, &l->wq, q, m->dim},
        {names->wk, &l->wk, kv, m->dim},
        {names->wv, &l->wv, kv, m->dim},
        {names->wo, &l->wo, m->dim, q},
        {names->ffn_norm, &l->ffn_norm, 1, m->dim},
        {names->w_gate, &l->w_gate, m->hidden_dim, m->dim},
        {names->w_up, &l->w_up, m->hidden_dim, m->dim},
        {names->w_down, &l->w_down, m->dim, m->hidden_dim},
    };

    return tensor_take_parts(table, model_name, names->layer_prefix, index, parts,
                             sizeof parts / sizeof *parts, err);
}

static bool ends_in(const char *name, const char *end)
{
    size_t length = strlen(name), end_length = strlen(end);
    return length >= end_length && strcmp(name + length - end_length, end) == 0;
}

bool tensor_check_left_over(const struct tensor_table *table, const char *const *ignored,
                            const char *kind, struct error *err)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct tensor *t = &table->tensor[i];
        bool known = t->used;
        for (const char *const *end = ignored; *end && !known; end++)
            known = ends_in(t->name, *end);
        if (!known)
            return error_set(err, ERROR_INPUT, "%s: tensor %s has no place in a %s model", t->file,
                             t->name, kind);
    }
    return true;
}

bool tensor_take_llama(struct model *m, const struct tensor_table *table,
                       const struct tensor_names *names, const char *const *ignored,
                       const char *model_name, struct error *err)
{
    if (!tensor_take(table, model_name, names->embedding, m->vocab, m->dim, &m->embedding, err) ||
        !tensor_take(table, model_name, names->final_norm, 1, m->dim, &m->final_norm, err))
        return false;
    for (uint32_t i = 0; i < m->layers; i++)
        if (!take_layer(m, i, table, names, model_name, err))
            return false;
    m->head = m->embedding;
    if (!m->tied_head &&
        !tensor_take(table, model_name, names->head, m->vocab, m->dim, &m->head, err))
        return false;
    return tensor_check_left_over(table, ignored, "Llama", err);
}
