/* SPDX-License-Identifier: Apache-2.0 */
#include "host/tokenizer/internal.h"
#include "testbench/fuzz_support.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = {.name = "fuzz", .data = data, .size = size};
    struct tokenizer *t = calloc(1, sizeof *t);
    struct error err = {0};

    if (t && tokenizer_from_json(t, &r, 0, &err))
        try_tokenizer(t);
    tokenizer_free(t);
    return 0;
}
