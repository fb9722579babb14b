/* SPDX-License-Identifier: Apache-2.0 */
#include "base/zip.h"
#include "testbench/fuzz_support.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mapped_file file = {.data = data, .size = size};
    struct arena arena = {0};
    struct error err = {0};
    struct zip zip;

    if (zip_read(&zip, &file, "fuzz", &arena, &err))
        for (size_t i = 0; i < zip.count; i++) {
            const uint8_t *bytes;
            if (zip.member[i].size < 1 << 20)
                zip_member_read(&zip, &zip.member[i], &arena, &bytes, &err);
        }
    arena_free(&arena);
    return 0;
}
