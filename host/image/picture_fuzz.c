/* SPDX-License-Identifier: Apache-2.0 */
/* PNG and JPEG files of any content; both readers get each. */
#include "host/image/picture.h"
#include "testbench/fuzz_support.h"

static void use(struct picture *picture)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < (size_t)picture->width * picture->height * picture->channels; i++)
        sum += picture->sample[i];
    if (picture->channels < 1 || picture->channels > 4 || sum == UINT32_MAX)
        abort();
    picture_free(picture);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mapped_file file = {.data = data, .size = size};
    struct picture picture;
    struct error err = {0};

    if (picture_read_png(&picture, &file, "fuzz.png", &err))
        use(&picture);
    if (picture_read_jpeg(&picture, &file, "fuzz.jpg", &err))
        use(&picture);
    return 0;
}
