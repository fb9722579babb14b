/* SPDX-License-Identifier: Apache-2.0 */
#include "host/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char replacement[] = "\xEF\xBF\xBD";

/* Bytes of the character at `s`, or 0 where it is malformed.  The second byte's
 * range is what shuts out overlong forms, surrogates and what is beyond U+10FFFF. */
static size_t character_bytes(const uint8_t *s, size_t left)
{
    size_t bytes = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    uint8_t least = s[0] == 0xE0 ? 0xA0 : s[0] == 0xF0 ? 0x90 : 0x80;
    uint8_t most = s[0] == 0xED ? 0x9F : s[0] == 0xF4 ? 0x8F : 0xBF;

    if (s[0] > 0xF4 || bytes > left)
        return 0;
    for (size_t i = 1; i < bytes; i++) {
        if (s[i] < least || s[i] > most)
            return 0;
        least = 0x80;
        most = 0xBF;
    }
    return bytes;
}

char *utf8_repair(const char *text, size_t size, size_t *repaired_size)
{
    char *out = malloc(3 * size + 1);
    size_t length = 0;

    if (!out)
        return NULL;
    for (size_t at = 0; at < size;) {
        size_t bytes = character_bytes((const uint8_t *)text + at, size - at);
        const char *from = bytes ? text + at : replacement;
        size_t count = bytes ? bytes : 3;
        memcpy(out + length, from, count);
        length += count;
        at += bytes ? bytes : 1;
    }
    out[length] = '\0';
    *repaired_size = length;
    return out;
}
