/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cursor over bytes that nobody has checked yet.  Each read says what it is
 * for, so that a short file is reported as
 * "model.bin: byte 28: the file ends in the embedding (131072 bytes needed, 40 left)".
 * A read that fails leaves the cursor where it was.
 */
#ifndef MILLRACE_BASE_READER_H
#define MILLRACE_BASE_READER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct reader {
    const char *name;    /* of the file, for messages; borrowed */
    const uint8_t *data; /* borrowed */
    size_t size, at;
};

/* `count` items of `size` bytes, without a copy.  ERROR_INPUT where the bytes
 * are not there or the product overflows. */
bool reader_take(struct reader *r, uint64_t count, uint64_t size, const char *what,
                 const uint8_t **bytes, struct error *err);

bool reader_u32(struct reader *r, const char *what, uint32_t *value, struct error *err);
bool reader_u64(struct reader *r, const char *what, uint64_t *value, struct error *err);
bool reader_f32(struct reader *r, const char *what, float *value, struct error *err);

/* ERROR_INPUT where bytes are left over. */
bool reader_at_end(const struct reader *r, struct error *err);

#endif
