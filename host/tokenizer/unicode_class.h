/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 and the classes of characters that pre-tokenisation tells apart. */
#ifndef MILLRACE_HOST_TOKENIZER_UNICODE_CLASS_H
#define MILLRACE_HOST_TOKENIZER_UNICODE_CLASS_H

#include <stddef.h>
#include <stdint.h>

enum unicode_class {
    UNICODE_LETTER, /* general category L: \p{L} */
    UNICODE_NUMBER, /* general category N: \p{N} */
    UNICODE_SPACE,  /* property White_Space: \s */
    UNICODE_OTHER,
};

/* Decode the character at text[0], length >= 1, and return its bytes (1 to 4).
 * A byte that begins no valid character counts as one of its own: *point is
 * then 0xfffd and the result 1. */
size_t utf8_decode(const char *text, size_t length, uint32_t *point);

enum unicode_class unicode_class(uint32_t point);

#endif
