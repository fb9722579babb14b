/* SPDX-License-Identifier: Apache-2.0 */
#include "base/reader.h"

#include <inttypes.h>

#include "base/little_endian.h"

bool reader_take(struct reader *r, uint64_t count, uint64_t size, const char *what,
                 const uint8_t **bytes, struct error *err)
{
    static const uint8_t nothing;
    uint64_t needed;
    size_t left = r->size - r->at;

    if (__builtin_mul_overflow(count, size, &needed))
        return error_set(err, ERROR_INPUT,
                         "%s: byte %zu: %s: %" PRIu64 " items of %" PRIu64 " bytes overflow",
                         r->name, r->at, what, count, size);
    if (needed > left)
        return error_set(err, ERROR_INPUT,
                         "%s: byte %zu: the file ends in the %s (%" PRIu64
                         " bytes needed, %zu left)",
                         r->name, r->at, what, needed, left);
    *bytes = r->data ? r->data + r->at : &nothing; /* so that 0 bytes may be copied */
    r->at += (size_t)needed;
    return true;
}

bool reader_u32(struct reader *r, const char *what, uint32_t *value, struct error *err)
{
    const uint8_t *bytes;
    if (!reader_take(r, 1, 4, what, &bytes, err))
        return false;
    *value = load_u32(bytes);
    return true;
}

bool reader_u64(struct reader *r, const char *what, uint64_t *value, struct error *err)
{
    const uint8_t *bytes;
    if (!reader_take(r, 1, 8, what, &bytes, err))
        return false;
    *value = load_u64(bytes);
    return true;
}

bool reader_f32(struct reader *r, const char *what, float *value, struct error *err)
{
    const uint8_t *bytes;
    if (!reader_take(r, 1, 4, what, &bytes, err))
        return false;
    *value = load_f32(bytes);
    return true;
}

bool reader_at_end(const struct reader *r, struct error *err)
{
    if (r->at != r->size)
        return error_set(err, ERROR_INPUT, "%s: byte %zu: %zu bytes too many", r->name, r->at,
                         r->size - r->at);
    return true;
}
