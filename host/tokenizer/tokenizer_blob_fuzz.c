/* SPDX-License-Identifier: Apache-2.0 */
#include "host/tokenizer/tokenizer.h"
#include "testbench/fuzz_support.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    struct tokenizer *t = tokenizer_load(data, size, &err);

    if (t)
        try_tokenizer(t);
    tokenizer_free(t);
    return 0;
}
