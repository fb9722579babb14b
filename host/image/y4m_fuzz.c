/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image/y4m.h"
#include "testbench/fuzz_support.h"

enum { PIXELS_MAX = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FILE *file = size ? fmemopen((void *)(uintptr_t)data, size, "rb") : NULL;
    struct y4m_stream stream;
    struct y4m_frame frame;
    struct error err = {0};
    bool end = false;

    if (!file)
        return 0;
    if (y4m_read_stream(&stream, file, "fuzz.y4m", &err) &&
        (uint64_t)stream.width * stream.height <= PIXELS_MAX)
        while (!end && y4m_read_frame(&stream, file, "fuzz.y4m", &frame, &end, &err))
            y4m_free_frame(&frame);
    fclose(file);
    return 0;
}
