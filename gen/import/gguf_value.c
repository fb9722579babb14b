/* SPDX-License-Identifier: Apache-2.0 */
/* Values out of a GGUF file's pairs. */
#include "gen/import/gguf_file.h"

#include <inttypes.h>
#include <string.h>

#include "base/little_endian.h"

bool gguf_text_is(struct gguf_text text, const char *wanted)
{
    return text.length == strlen(wanted) && memcmp(text.data, wanted, text.length) == 0;
}

const struct gguf_value *gguf_find(const struct gguf *g, const char *key)
{
    for (size_t i = 0; i < g->values; i++)
        if (gguf_text_is(g->value[i].key, key))
            return &g->value[i];
    return NULL;
}

static bool wrong_type(const struct gguf *g, const char *key, const char *wanted, struct error *err)
{
    return error_set(err, ERROR_INPUT, "%s: %s is not %s", g->name, key, wanted);
}

/* A scalar of a whole type as int64; false for another, and beyond int64. */
static bool whole(const struct gguf_value *v, int64_t *value)
{
    if (v->is_array)
        return false;
    switch (v->type) {
    case GGUF_U8:
        *value = v->data[0];
        return true;
    case GGUF_I8:
        *value = v->data[0] < 128 ? v->data[0] : v->data[0] - 256;
        return true;
    case GGUF_U16:
        *value = load_u16(v->data);
        return true;
    case GGUF_I16:
        *value = (int16_t)load_u16(v->data);
        return true;
    case GGUF_U32:
        *value = load_u32(v->data);
        return true;
    case GGUF_I32:
        *value = (int32_t)load_u32(v->data);
        return true;
    case GGUF_U64:
    case GGUF_I64:
        *value = (int64_t)load_u64(v->data);
        return v->type == GGUF_I64 || *value >= 0;
    default:
        return false;
    }
}

bool gguf_read_u32(const struct gguf *g, const char *key, uint32_t *value, struct error *err)
{
    const struct gguf_value *v = gguf_find(g, key);
    int64_t number;

    if (!v)
        return true;
    if (!whole(v, &number))
        return wrong_type(g, key, "one whole number", err);
    if (number < 0 || number > UINT32_MAX)
        return error_set(err, ERROR_INPUT, "%s: %s is %" PRId64 ", not 0 to %" PRIu32, g->name, key,
                         number, UINT32_MAX);
    *value = (uint32_t)number;
    return true;
}

bool gguf_read_number(const struct gguf *g, const char *key, double *value, struct error *err)
{
    const struct gguf_value *v = gguf_find(g, key);

    if (!v)
        return true;
    if (v->is_array || (v->type != GGUF_F32 && v->type != GGUF_F64))
        return wrong_type(g, key, "one real number", err);
    if (v->type == GGUF_F32)
        *value = (double)load_f32(v->data);
    else
        memcpy(value, v->data, sizeof *value);
    return true;
}

bool gguf_read_flag(const struct gguf *g, const char *key, bool *value, struct error *err)
{
    const struct gguf_value *v = gguf_find(g, key);

    if (!v)
        return true;
    if (v->is_array || v->type != GGUF_BOOL || v->data[0] > 1)
        return wrong_type(g, key, "true or false", err);
    *value = v->data[0] == 1;
    return true;
}

bool gguf_read_text(const struct gguf *g, const char *key, struct gguf_text *value,
                    struct error *err)
{
    const struct gguf_value *v = gguf_find(g, key);

    if (!v)
        return true;
    if (v->is_array || v->type != GGUF_STRING)
        return wrong_type(g, key, "a string", err);
    const uint8_t *at = v->data;
    *value = gguf_next_text(&at);
    return true;
}

bool gguf_read_array(const struct gguf *g, const char *key, enum gguf_type type,
                     const struct gguf_value **value, struct error *err)
{
    const struct gguf_value *v = gguf_find(g, key);

    *value = v;
    if (v && (!v->is_array || v->type != type))
        return error_set(err, ERROR_INPUT, "%s: %s is not an array of the right type", g->name,
                         key);
    return true;
}

struct gguf_text gguf_next_text(const uint8_t **at)
{
    struct gguf_text text = {(const char *)*at + 8, (size_t)load_u64(*at)};
    *at += 8 + text.length;
    return text;
}
