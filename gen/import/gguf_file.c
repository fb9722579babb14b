/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/import/gguf_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "gen/import/import.h"

/* Types of tensors, in ggml's numbering; those without a format are known by
 * name only. */
static const struct {
    const char *name;
    bool readable;
    enum weight_format format;
} tensor_types[] = {
    [0] = {"F32", true, WEIGHT_F32},
    [1] = {"F16", true, WEIGHT_F16},
    [2] = {"Q4_0", true, WEIGHT_GGUF_Q4_0},
    [3] = {"Q4_1", true, WEIGHT_GGUF_Q4_1},
    [6] = {.name = "Q5_0"},
    [7] = {.name = "Q5_1"},
    [8] = {"Q8_0", true, WEIGHT_GGUF_Q8_0},
    [9] = {.name = "Q8_1"},
    [10] = {.name = "Q2_K"},
    [11] = {.name = "Q3_K"},
    [12] = {"Q4_K", true, WEIGHT_GGUF_Q4_K},
    [13] = {.name = "Q5_K"},
    [14] = {"Q6_K", true, WEIGHT_GGUF_Q6_K},
    [15] = {.name = "Q8_K"},
    [20] = {.name = "IQ4_NL"},
    [23] = {.name = "IQ4_XS"},
    [30] = {"BF16", true, WEIGHT_BF16},
};

/* Least bytes of a pair (key, type, a byte) and of a tensor's entry. */
enum { PAIR_BYTES = 8 + 4 + 1, ENTRY_BYTES = 8 + 4 + 4 + 8 };

/* Where a tensor's bytes are, counted from the first one's. */
struct span {
    uint64_t begin, end;
    const char *name;
};

static bool read_string(struct reader *r, const char *what, struct gguf_text *text,
                        struct error *err)
{
    const uint8_t *bytes;
    uint64_t length;
    size_t start = r->at;

    if (!reader_u64(r, what, &length, err) || !reader_take(r, length, 1, what, &bytes, err)) {
        r->at = start;
        return false;
    }
    *text = (struct gguf_text){(const char *)bytes, (size_t)length};
    return true;
}

static bool skip_elements(struct reader *r, enum gguf_type type, uint64_t count, struct error *err)
{
    static const uint8_t sizes[GGUF_TYPES] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
    const uint8_t *unused;
    struct gguf_text text;

    if (type != GGUF_STRING)
        return reader_take(r, count, sizes[type], "value", &unused, err);
    for (uint64_t i = 0; i < count; i++)
        if (!read_string(r, "string", &text, err))
            return false;
    return true;
}

static bool read_type(struct reader *r, enum gguf_type *type, enum gguf_type limit,
                      struct error *err)
{
    uint32_t number;
    size_t at = r->at;

    if (!reader_u32(r, "type of a value", &number, err))
        return false;
    if (number >= GGUF_TYPES || number == (uint32_t)limit)
        return error_set(err, ERROR_INPUT, "%s: byte %zu: a value of type %u", r->name, at, number);
    *type = (enum gguf_type)number;
    return true;
}

static bool read_pair(struct reader *r, struct gguf_value *v, struct error *err)
{
    *v = (struct gguf_value){.count = 1};
    if (!read_string(r, "key", &v->key, err) || !read_type(r, &v->type, GGUF_TYPES, err))
        return false;
    if (v->type == GGUF_ARRAY) {
        v->is_array = true;
        /* Arrays of arrays are allowed by the format, but nothing writes them. */
        if (!read_type(r, &v->type, GGUF_ARRAY, err) ||
            !reader_u64(r, "length of an array", &v->count, err))
            return false;
    }
    v->data = r->data + r->at;
    return skip_elements(r, v->type, v->count, err);
}

static bool read_pairs(struct gguf *g, struct reader *r, uint64_t count, struct arena *arena,
                       struct error *err)
{
    if (count > (r->size - r->at) / PAIR_BYTES)
        return error_set(err, ERROR_INPUT, "%s: byte 16: %" PRIu64 " key/value pairs in %zu bytes",
                         r->name, count, r->size);
    g->value = arena_alloc(arena, (size_t)count, sizeof *g->value);
    if (!g->value)
        return import_no_memory(r->name, err);
    for (; g->values < count; g->values++)
        if (!read_pair(r, &g->value[g->values], err))
            return false;
    return true;
}

static bool tensor_fault(const struct tensor *t, const char *what, struct error *err)
{
    return error_set(err, ERROR_INPUT, "%s: tensor %s: %s", t->file, t->name, what);
}

static bool read_shape(struct reader *r, struct tensor *t, uint64_t *elements, struct error *err)
{
    uint64_t size;

    if (!reader_u32(r, "dimensions of a tensor", &t->dimensions, err))
        return false;
    if (t->dimensions > TENSOR_DIMENSIONS)
        return tensor_fault(t, "too many dimensions", err);
    *elements = 1;
    for (uint32_t i = t->dimensions; i-- > 0;) { /* the file has the innermost first */
        if (!reader_u64(r, "shape of a tensor", &size, err))
            return false;
        if (__builtin_mul_overflow(*elements, size, elements))
            return tensor_fault(t, "shape overflows", err);
        t->shape[i] = size;
    }
    return true;
}

static void set_type(struct tensor *t, uint32_t type)
{
    t->type = "unknown to us";
    if (type < sizeof tensor_types / sizeof *tensor_types && tensor_types[type].name) {
        t->type = tensor_types[type].name;
        t->readable = tensor_types[type].readable;
        t->format = tensor_types[type].format;
    }
}

/* Bytes of a readable tensor: rows of whole blocks. */
static bool tensor_bytes(const struct tensor *t, uint64_t elements, uint64_t *bytes,
                         struct error *err)
{
    uint32_t block, block_bytes;

    weight_block(t->format, &block, &block_bytes);
    if (t->dimensions == 0 || t->shape[t->dimensions - 1] % block != 0)
        return tensor_fault(t, "its rows are not whole blocks", err);
    if (__builtin_mul_overflow(elements / block, block_bytes, bytes))
        return tensor_fault(t, "size overflows", err);
    return true;
}

static bool read_entry(struct reader *r, struct tensor *t, struct span *span, uint32_t alignment,
                       struct arena *arena, struct error *err)
{
    struct gguf_text name;
    uint64_t elements, bytes = 0;
    uint32_t type;

    t->file = r->name;
    if (!read_string(r, "name of a tensor", &name, err))
        return false;
    t->name = arena_copy(arena, name.data, name.length);
    if (!t->name)
        return import_no_memory(r->name, err);
    if (!read_shape(r, t, &elements, err) || !reader_u32(r, "type of a tensor", &type, err) ||
        !reader_u64(r, "offset of a tensor", &span->begin, err))
        return false;
    set_type(t, type);
    if (t->readable && !tensor_bytes(t, elements, &bytes, err))
        return false;
    if (span->begin % alignment != 0)
        return tensor_fault(t, "its offset is not aligned", err);
    if (__builtin_add_overflow(span->begin, bytes, &span->end))
        return tensor_fault(t, "its offset overflows", err);
    span->name = t->name;
    return true;
}

static int compare_spans(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

static bool check_spans(struct span *span, size_t count, uint64_t size, const char *name,
                        struct error *err)
{
    if (count > 0)
        qsort(span, count, sizeof *span, compare_spans);
    for (size_t i = 0; i < count; i++) {
        if (span[i].end > size)
            return error_set(err, ERROR_INPUT,
                             "%s: tensor %s: ends at %" PRIu64 " of %" PRIu64 " bytes of data",
                             name, span[i].name, span[i].end, size);
        if (i > 0 && span[i].begin < span[i - 1].end)
            return error_set(err, ERROR_INPUT, "%s: tensors %s and %s overlap", name,
                             span[i - 1].name, span[i].name);
    }
    return true;
}

static bool read_tensors(struct gguf *g, struct reader *r, uint64_t count, uint32_t alignment,
                         struct arena *arena, struct error *err)
{
    struct tensor_table *table = &g->tensors;

    if (count > (r->size - r->at) / ENTRY_BYTES)
        return error_set(err, ERROR_INPUT, "%s: byte 8: %" PRIu64 " tensors in %zu bytes", r->name,
                         count, r->size);
    table->count = (size_t)count;
    table->tensor = arena_alloc(arena, table->count, sizeof *table->tensor);
    struct span *span = arena_alloc(arena, table->count, sizeof *span);
    if (!table->tensor || !span)
        return import_no_memory(r->name, err);
    for (size_t i = 0; i < table->count; i++)
        if (!read_entry(r, &table->tensor[i], &span[i], alignment, arena, err))
            return false;
    size_t start = r->at + (alignment - r->at % alignment) % alignment;
    uint64_t size = start < r->size ? r->size - start : 0;
    for (size_t i = 0; i < table->count; i++) {
        if (span[i].begin > size)
            return tensor_fault(&table->tensor[i], "begins behind the end of the file", err);
        if (size > 0)
            table->tensor[i].data = r->data + start + span[i].begin;
    }
    return check_spans(span, table->count, size, r->name, err) && tensor_table_sort(table, err);
}

bool gguf_read(struct gguf *g, const struct mapped_file *file, const char *path,
               struct arena *arena, struct error *err)
{
    struct reader r = {.name = path, .data = file->data, .size = file->size};
    uint32_t magic, version, alignment = 32;
    uint64_t tensors, pairs;

    *g = (struct gguf){.name = path};
    if (!reader_u32(&r, "magic", &magic, err) || !reader_u32(&r, "version", &version, err))
        return false;
    if (version != 2 && version != 3)
        return error_set(err, ERROR_INPUT, "%s: byte 4: GGUF version %u is not supported%s", path,
                         version, version > 0xffff ? " (big-endian?)" : "");
    if (!reader_u64(&r, "number of tensors", &tensors, err) ||
        !reader_u64(&r, "number of key/value pairs", &pairs, err) ||
        !read_pairs(g, &r, pairs, arena, err) ||
        !gguf_read_u32(g, "general.alignment", &alignment, err))
        return false;
    if (alignment == 0 || alignment > 1 << 20 || (alignment & (alignment - 1)) != 0)
        return error_set(err, ERROR_INPUT, "%s: general.alignment is %u", path, alignment);
    return read_tensors(g, &r, tensors, alignment, arena, err);
}
