/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/import/pytorch.h"

#include <stdio.h>
#include <string.h>

#include "base/zip.h"
#include "gen/import/import.h"
#include "gen/import/pickle.h"

enum { LARGEST_PICKLE = 1 << 20 };

/* The member whose name ends in "/data.pkl"; the folder before it is the archive's. */
static const struct zip_member *find_pickle(const struct zip *zip, size_t *folder)
{
    static const char name[] = "/data.pkl";

    for (size_t i = 0; i < zip->count; i++) {
        size_t length = strlen(zip->member[i].name);
        if (length < sizeof name ||
            strcmp(zip->member[i].name + length + 1 - sizeof name, name) != 0)
            continue;
        *folder = length + 2 - sizeof name;
        return &zip->member[i];
    }
    return NULL;
}

/* Bytes of an element. */
static uint32_t read_type(const char *type, enum weight_format *format)
{
    *format = strcmp(type, "FloatStorage") == 0  ? WEIGHT_F32
              : strcmp(type, "HalfStorage") == 0 ? WEIGHT_F16
                                                 : WEIGHT_BF16;
    return *format == WEIGHT_F32 ? 4 : 2;
}

/* The elements of a plain array, rows one after another; false for another. */
static bool plain_elements(const struct pickle_tensor *p, uint64_t *elements)
{
    *elements = 1;
    for (uint32_t i = p->dimensions; i-- > 0;)
        if ((p->shape[i] != 1 && p->stride[i] != *elements) ||
            __builtin_mul_overflow(*elements, p->shape[i], elements))
            return false;
    return true;
}

static bool read_tensor(const struct zip *zip, const char *folder, const struct pickle_tensor *p,
                        struct tensor *t, struct arena *arena, struct error *err)
{
    char name[512];
    uint64_t elements, end, bytes;
    const uint8_t *data;

    *t = (struct tensor){.name = p->name,
                         .file = zip->path,
                         .type = p->type,
                         .readable = true,
                         .dimensions = p->dimensions};
    memcpy(t->shape, p->shape, sizeof t->shape);
    uint32_t size = read_type(p->type, &t->format);
    snprintf(name, sizeof name, "%sdata/%s", folder, p->storage);
    const struct zip_member *member = zip_find(zip, name);
    if (!member)
        return error_set(err, ERROR_INPUT, "%s: tensor %s: member %s is missing", zip->path,
                         p->name, name);
    if (member->method != 0)
        return error_set(err, ERROR_INPUT, "%s: member %s is compressed, which is not supported",
                         zip->path, name);
    if (!plain_elements(p, &elements))
        return error_set(err, ERROR_INPUT, "%s: tensor %s: its rows do not lie one after another",
                         zip->path, p->name);
    if (__builtin_add_overflow(p->offset, elements, &end) ||
        __builtin_mul_overflow(end, size, &bytes) || bytes > member->size)
        return error_set(err, ERROR_INPUT, "%s: tensor %s: %llu elements are not in %s", zip->path,
                         p->name, (unsigned long long)elements, name);
    if (!zip_member_read(zip, member, arena, &data, err))
        return false;
    t->data = data + p->offset * size;
    return true;
}

bool pytorch_read(struct tensor_table *table, const struct mapped_file *file, const char *path,
                  struct arena *arena, struct error *err)
{
    struct zip zip;
    struct pickle pickle;
    const uint8_t *data;
    size_t folder_length = 0;

    *table = (struct tensor_table){0};
    if (!zip_read(&zip, file, path, arena, err))
        return false;
    const struct zip_member *member = find_pickle(&zip, &folder_length);
    if (!member || member->size > LARGEST_PICKLE)
        return error_set(err, ERROR_INPUT, "%s: %s", path,
                         member ? "data.pkl is too large" : "a zip archive without data.pkl");
    const char *folder = arena_copy(arena, member->name, folder_length);
    if (!folder)
        return import_no_memory(path, err);
    if (!zip_member_read(&zip, member, arena, &data, err) ||
        !pickle_read(&pickle, data, (size_t)member->size, path, arena, err))
        return false;
    table->tensor = arena_alloc(arena, pickle.count + 1, sizeof *table->tensor);
    if (!table->tensor)
        return import_no_memory(path, err);
    for (; table->count < pickle.count; table->count++)
        if (!read_tensor(&zip, folder, &pickle.tensor[table->count], &table->tensor[table->count],
                         arena, err))
            return false;
    return true;
}
