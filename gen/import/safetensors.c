/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/import/safetensors.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/reader.h"
#include "gen/import/import.h"

/* Where a tensor's bytes are, counted from the end of the header. */
struct span {
    uint64_t begin, end;
    const char *name;
};

struct scan {
    struct tensor_table *table;
    struct span *span; /* of each tensor */
    const char *path;
    const uint8_t *bytes; /* of all tensors */
    uint64_t size;
    struct arena *arena;
};

static bool fault(const struct scan *s, const char *name, const char *what, struct error *err)
{
    return error_set(err, ERROR_INPUT, "%s: tensor %s: %s", s->path, name, what);
}

/* A whole number of at least 0 out of `array`, or false. */
static bool read_u64(const json_t *array, size_t index, uint64_t *value)
{
    const json_t *item = json_array_get(array, index);
    if (!json_is_integer(item) || json_integer_value(item) < 0)
        return false;
    *value = (uint64_t)json_integer_value(item);
    return true;
}

/* Bytes of an element, 0 for a type that is not read. */
static uint32_t read_type(struct tensor *t, const char *type)
{
    static const struct {
        const char *name;
        enum weight_format format;
        uint32_t bytes;
    } types[] = {{"F32", WEIGHT_F32, 4}, {"F16", WEIGHT_F16, 2}, {"BF16", WEIGHT_BF16, 2}};

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, type) == 0) {
            t->format = types[i].format;
            t->readable = true;
            return types[i].bytes;
        }
    return 0;
}

static bool read_shape(const struct scan *s, struct tensor *t, const json_t *shape,
                       uint64_t *elements, struct error *err)
{
    size_t dimensions = json_array_size(shape);

    if (!json_is_array(shape))
        return fault(s, t->name, "shape is not an array", err);
    *elements = 1;
    for (size_t i = 0; i < dimensions; i++) {
        uint64_t size;
        if (!read_u64(shape, i, &size))
            return fault(s, t->name, "shape has something other than whole numbers", err);
        if (__builtin_mul_overflow(*elements, size, elements))
            return fault(s, t->name, "shape overflows", err);
        if (i < TENSOR_DIMENSIONS)
            t->shape[i] = size;
    }
    /* More dimensions than we keep are more than any weight has. */
    t->readable = t->readable && dimensions <= TENSOR_DIMENSIONS;
    t->dimensions = dimensions < TENSOR_DIMENSIONS ? (uint32_t)dimensions : TENSOR_DIMENSIONS;
    return true;
}

static bool read_span(const struct scan *s, const char *name, const json_t *offsets,
                      struct span *span, struct error *err)
{
    span->name = name;
    if (!json_is_array(offsets) || json_array_size(offsets) != 2 ||
        !read_u64(offsets, 0, &span->begin) || !read_u64(offsets, 1, &span->end))
        return fault(s, name, "data_offsets is not two whole numbers", err);
    if (span->begin > span->end || span->end > s->size)
        return error_set(err, ERROR_INPUT,
                         "%s: tensor %s: data_offsets [%" PRIu64 ", %" PRIu64 "] in %" PRIu64
                         " bytes of data",
                         s->path, name, span->begin, span->end, s->size);
    return true;
}

static bool read_tensor(const struct scan *s, const char *key, const json_t *entry,
                        struct tensor *t, struct span *span, struct error *err)
{
    const char *type = json_string_value(json_object_get(entry, "dtype"));
    uint64_t elements, bytes;

    t->file = s->path;
    t->name = arena_copy(s->arena, key, strlen(key));
    t->type = type ? arena_copy(s->arena, type, strlen(type)) : "";
    if (!t->name || !t->type)
        return import_no_memory(s->path, err);
    if (!type)
        return fault(s, t->name, "dtype is not a string", err);
    uint32_t element_bytes = read_type(t, type);
    if (!read_shape(s, t, json_object_get(entry, "shape"), &elements, err) ||
        !read_span(s, t->name, json_object_get(entry, "data_offsets"), span, err))
        return false;
    if (element_bytes != 0 && (__builtin_mul_overflow(elements, element_bytes, &bytes) ||
                               bytes != span->end - span->begin))
        return error_set(err, ERROR_INPUT,
                         "%s: tensor %s: %" PRIu64 " bytes of data for %" PRIu64 " elements of %s",
                         s->path, t->name, span->end - span->begin, elements, type);
    t->data = s->bytes + span->begin;
    return true;
}

static int compare_spans(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

/* The format leaves no byte unused and uses none twice. */
static bool check_spans(const struct scan *s, struct error *err)
{
    size_t count = s->table->count;
    uint64_t end = 0;

    if (count > 0)
        qsort(s->span, count, sizeof *s->span, compare_spans);
    for (size_t i = 0; i < count; end = s->span[i++].end)
        if (s->span[i].begin != end)
            return error_set(err, ERROR_INPUT,
                             "%s: tensor %s: begins at %" PRIu64
                             " where the one before ends at %" PRIu64,
                             s->path, s->span[i].name, s->span[i].begin, end);
    if (end != s->size)
        return error_set(err, ERROR_INPUT, "%s: %" PRIu64 " bytes after the last tensor", s->path,
                         s->size - end);
    return true;
}

static bool read_header(struct scan *s, json_t *header, struct error *err)
{
    size_t room = json_object_size(header);
    const char *key;
    json_t *entry;

    s->table->tensor = arena_alloc(s->arena, room, sizeof *s->table->tensor);
    s->span = arena_alloc(s->arena, room, sizeof *s->span);
    if (!s->table->tensor || !s->span)
        return import_no_memory(s->path, err);
    json_object_foreach(header, key, entry)
    {
        size_t i = s->table->count;
        if (strcmp(key, "__metadata__") == 0)
            continue;
        if (!read_tensor(s, key, entry, &s->table->tensor[i], &s->span[i], err))
            return false;
        s->table->count++;
    }
    return check_spans(s, err);
}

bool safetensors_read(struct tensor_table *table, const struct mapped_file *file, const char *path,
                      struct arena *arena, struct error *err)
{
    struct reader r = {.name = path, .data = file->data, .size = file->size};
    struct scan s = {.table = table, .path = path, .arena = arena};
    uint64_t header_size;
    const uint8_t *text;

    *table = (struct tensor_table){0};
    if (!reader_u64(&r, "length of the header", &header_size, err) ||
        !reader_take(&r, header_size, 1, "header", &text, err))
        return false;
    s.bytes = r.data + r.at;
    s.size = r.size - r.at;
    json_t *header = json_parse(path, text, (size_t)header_size, err);
    if (!header)
        return false;
    bool done = read_header(&s, header, err);
    json_decref(header);
    return done;
}
