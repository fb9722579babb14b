/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/import/import.h"
#include "testbench/fuzz_support.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mapped_file file = {.data = data, .size = size};
    struct model m = {0};
    struct error err = {0};

    if (import_gguf(&m, &file, "fuzz", true, &err)) {
        read_weights(&m);
        if (m.tokenizer)
            try_tokenizer(m.tokenizer);
    }
    model_close(&m);
    return 0;
}
