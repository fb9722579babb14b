/* SPDX-License-Identifier: Apache-2.0 */
/* Matrices in NumPy's .npy files (NumPy's "NEP 1", format versions 1 to 3). */
#ifndef MILLRACE_BASE_NPY_H
#define MILLRACE_BASE_NPY_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct npy_matrix {
    uint32_t rows, columns; /* 1 or more each */
    const float *value;     /* [rows][columns], finite; the arena's */
};

/* Take `size` bytes, which messages call `name`: little-endian floats of 32 or 64 bits in
 * C's order, of two dimensions.  ERROR_INPUT where they are something else. */
bool npy_read(struct npy_matrix *matrix, const uint8_t *data, size_t size, const char *name,
              struct arena *arena, struct error *err);

/* The same from a file. */
bool npy_open(struct npy_matrix *matrix, const char *path, struct arena *arena, struct error *err);

#endif
