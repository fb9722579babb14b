/* SPDX-License-Identifier: Apache-2.0 */
#include "host/tokenizer/byte_map.h"

#include <stdint.h>

#include "host/tokenizer/unicode_class.h"

static bool stands_for_itself(uint32_t byte)
{
    return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
}

/* The byte that the character stands for, or -1. */
static int byte_of_character(uint32_t point)
{
    if (point < 256)
        return stands_for_itself(point) ? (int)point : -1;
    uint32_t left = point - 256;
    for (uint32_t byte = 0; byte < 256; byte++)
        if (!stands_for_itself(byte) && left-- == 0)
            return (int)byte;
    return -1;
}

bool byte_map_decode(const char *in, size_t length, char *out, size_t *out_length)
{
    uint32_t point;
    size_t used = 0;

    for (size_t at = 0; at < length; at += utf8_decode(in + at, length - at, &point)) {
        utf8_decode(in + at, length - at, &point);
        if (byte_of_character(point) < 0)
            return false;
    }
    for (size_t at = 0; at < length;) {
        at += utf8_decode(in + at, length - at, &point);
        out[used++] = (char)byte_of_character(point);
    }
    *out_length = used;
    return true;
}
