/* SPDX-License-Identifier: Apache-2.0 */
#include "base/npy.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/little_endian.h"
#include "base/mapped_file.h"

enum { MAGIC = 8, LONGEST_HEADER = 1 << 16 };

/* The Python dictionary that describes the array, and where the array begins. */
struct header {
    char *text; /* the arena's */
    const uint8_t *values;
    size_t size; /* of what follows the header */
};

static bool read_header(struct header *h, const uint8_t *data, size_t size, const char *name,
                        struct arena *arena, struct error *err)
{
    if (size < MAGIC + 4 || memcmp(data, "\x93NUMPY", 6) != 0)
        return error_set(err, ERROR_INPUT, "%s: is no .npy file", name);
    if (data[6] < 1 || data[6] > 3)
        return error_set(err, ERROR_INPUT, "%s: .npy of version %u, not 1 to 3", name, data[6]);
    size_t start = data[6] == 1 ? MAGIC + 2 : MAGIC + 4;
    size_t length = data[6] == 1 ? load_u16(data + MAGIC) : load_u32(data + MAGIC);
    if (length > LONGEST_HEADER || length > size - start)
        return error_set(err, ERROR_INPUT, "%s: a header of %zu bytes in a file of %zu", name,
                         length, size);
    h->text = arena_copy(arena, (const char *)data + start, length);
    if (!h->text)
        return error_set(err, ERROR_FAILED, "%s: out of memory", name);
    h->values = data + start + length;
    h->size = size - start - length;
    return true;
}

/* What stands behind 'key':, or NULL. */
static const char *find(const struct header *h, const char *key)
{
    char quoted[32];
    snprintf(quoted, sizeof quoted, "'%s':", key);
    const char *at = strstr(h->text, quoted);
    for (at = at ? at + strlen(quoted) : NULL; at && isspace((unsigned char)*at);)
        at++;
    return at;
}

/* A number of 1 to UINT32_MAX and what ends it. */
static bool read_size(const char **at, char end, uint32_t *size)
{
    char *after = NULL;

    while (isspace((unsigned char)**at))
        (*at)++;
    if (!isdigit((unsigned char)**at))
        return false;
    unsigned long long value = strtoull(*at, &after, 10);
    while (isspace((unsigned char)*after))
        after++;
    if (value < 1 || value > UINT32_MAX || *after != end)
        return false;
    *size = (uint32_t)value;
    *at = after + 1;
    return true;
}

static bool read_shape(const struct header *h, struct npy_matrix *m, const char *name,
                       struct error *err)
{
    const char *shape = find(h, "shape");

    if (!shape || *shape++ != '(' || !read_size(&shape, ',', &m->rows) ||
        !read_size(&shape, ')', &m->columns))
        return error_set(err, ERROR_INPUT, "%s: is no matrix of two dimensions", name);
    return true;
}

bool npy_read(struct npy_matrix *m, const uint8_t *data, size_t size, const char *name,
              struct arena *arena, struct error *err)
{
    struct header h;

    *m = (struct npy_matrix){0};
    if (!read_header(&h, data, size, name, arena, err))
        return false;
    const char *type = find(&h, "descr"), *order = find(&h, "fortran_order");
    size_t width = !type                            ? 0
                   : strncmp(type, "'<f4'", 5) == 0 ? sizeof(float)
                   : strncmp(type, "'<f8'", 5) == 0 ? sizeof(double)
                                                    : 0;
    if (!width)
        return error_set(err, ERROR_INPUT, "%s: its values are not '<f4' or '<f8'", name);
    if (!order || strncmp(order, "False", 5) != 0)
        return error_set(err, ERROR_INPUT, "%s: is not in C's order", name);
    if (!read_shape(&h, m, name, err))
        return false;
    size_t count;
    if (__builtin_mul_overflow((size_t)m->rows, (size_t)m->columns, &count) ||
        h.size / width != count || h.size % width != 0)
        return error_set(err, ERROR_INPUT, "%s: %zu bytes of values for %u x %u of %zu", name,
                         h.size, m->rows, m->columns, width);
    float *value = arena_alloc(arena, count, sizeof *value);
    if (!value)
        return error_set(err, ERROR_FAILED, "%s: out of memory", name);
    for (size_t i = 0; i < count; i++) {
        double wide;
        if (width == sizeof wide) {
            memcpy(&wide, h.values + i * width, width);
            value[i] = (float)wide;
        } else {
            value[i] = load_f32(h.values + i * width);
        }
        if (!isfinite(value[i]))
            return error_set(err, ERROR_INPUT, "%s: value %zu is not finite", name, i);
    }
    m->value = value;
    return true;
}

bool npy_open(struct npy_matrix *m, const char *path, struct arena *arena, struct error *err)
{
    struct mapped_file file;

    *m = (struct npy_matrix){0};
    if (!mapped_file_open(&file, path, err))
        return false;
    bool done = npy_read(m, file.data, file.size, path, arena, err);
    mapped_file_close(&file);
    return done;
}
