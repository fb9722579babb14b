/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_write(FILE *file, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i += 3) {
        size_t count = size - i < 3 ? size - i : 3; /* of this group's bytes */
        uint32_t group = 0;
        for (size_t k = 0; k < 3; k++)
            group = group << 8 | (k < count ? data[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            putc(k <= count ? digits[group >> (18 - 6 * k) & 63] : '=', file);
    }
}
