/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "base/npy.h"
#include "testbench/fuzz_support.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct npy_matrix matrix;
    struct error err = {0};

    if (npy_read(&matrix, data, size, "fuzz", &arena, &err) &&
        !isfinite(matrix.value[(size_t)matrix.rows * matrix.columns - 1]))
        abort();
    arena_free(&arena);
    return 0;
}
