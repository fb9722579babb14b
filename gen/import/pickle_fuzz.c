/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/import/pickle.h"
#include "testbench/fuzz_support.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct pickle pickle;
    struct error err = {0};

    pickle_read(&pickle, data, size, "fuzz", &arena, &err);
    arena_free(&arena);
    return 0;
}
