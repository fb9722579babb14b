/* SPDX-License-Identifier: Apache-2.0 */
#include "host/tokenizer/unicode_class.h"

#include <stdbool.h>

struct code_range {
    uint32_t first, last;
};

#include "host/tokenizer/unicode_ranges.h"

/* Well-formed UTF-8 as the Unicode Standard's table 3-7 has it. */
size_t utf8_decode(const char *text, size_t length, uint32_t *point)
{
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t lead = (uint8_t)text[0];
    size_t bytes = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

    *point = 0xfffd;
    if (bytes == 1) {
        *point = lead;
        return 1;
    }
    if (bytes == 0 || lead >= 0xf8 || bytes > length)
        return 1;
    uint32_t value = lead & (0x7fu >> bytes);
    for (size_t i = 1; i < bytes; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 1;
        value = value << 6 | (text[i] & 0x3f);
    }
    if (value < lowest[bytes] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 1;
    *point = value;
    return bytes;
}

static bool in_ranges(const struct code_range *ranges, size_t count, uint32_t point)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (point > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && point >= ranges[low].first;
}

static bool is_space(uint32_t point)
{
    return (point >= 9 && point <= 13) || point == 0x20 || point == 0x85 || point == 0xa0 ||
           point == 0x1680 || (point >= 0x2000 && point <= 0x200a) || point == 0x2028 ||
           point == 0x2029 || point == 0x202f || point == 0x205f || point == 0x3000;
}

enum unicode_class unicode_class(uint32_t point)
{
    if (point < 0x80) {
        uint32_t lower = point | 0x20;
        if (lower >= 'a' && lower <= 'z')
            return UNICODE_LETTER;
        if (point >= '0' && point <= '9')
            return UNICODE_NUMBER;
    } else if (in_ranges(letters, sizeof letters / sizeof *letters, point)) {
        return UNICODE_LETTER;
    } else if (in_ranges(numbers, sizeof numbers / sizeof *numbers, point)) {
        return UNICODE_NUMBER;
    }
    return is_space(point) ? UNICODE_SPACE : UNICODE_OTHER;
}
