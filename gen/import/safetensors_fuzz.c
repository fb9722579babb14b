/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/import/safetensors.h"
#include "testbench/fuzz_support.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mapped_file file = {.data = data, .size = size};
    struct tensor_table table;
    struct arena arena = {0};
    struct error err = {0};

    if (safetensors_read(&table, &file, "fuzz", &arena, &err) && tensor_table_sort(&table, &err))
        for (size_t i = 0; i < table.count; i++) {
            const struct tensor *t = &table.tensor[i];
            struct weight w;
            uint32_t rows = t->dimensions == 2 ? (uint32_t)t->shape[0] : 1;
            uint32_t columns = t->dimensions ? (uint32_t)t->shape[t->dimensions - 1] : 0;
            if (tensor_take(&table, "fuzz", t->name, rows, columns, &w, &err))
                read_weight(&w);
        }
    arena_free(&arena);
    return 0;
}
