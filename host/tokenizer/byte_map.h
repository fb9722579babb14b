/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GPT-2's way to write bytes as printable characters: those that are printable
 * in Latin-1 stand for themselves, the other 68 are U+0100 to U+0143 in their
 * order (GPT-2, encoder.py, bytes_to_unicode).
 */
#ifndef MILLRACE_HOST_TOKENIZER_BYTE_MAP_H
#define MILLRACE_HOST_TOKENIZER_BYTE_MAP_H

#include <stdbool.h>
#include <stddef.h>

/* Turn `length` bytes of UTF-8 into the bytes they stand for; `out` may be `in`.
 * False, with *out untouched, where a character stands for no byte. */
bool byte_map_decode(const char *in, size_t length, char *out, size_t *out_length);

#endif
