/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/import/import.h"
#include "testbench/fuzz_support.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mapped_file file = {.data = data, .size = size};
    struct model m = {0};
    struct error err = {0};

    if (import_llama2c(&m, &file, "fuzz", &err))
        read_weights(&m);
    model_close(&m);
    return 0;
}
