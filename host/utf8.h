/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_HOST_UTF8_H
#define MILLRACE_HOST_UTF8_H

#include <stddef.h>

/* A copy of `text` in which every byte that is no part of well-formed UTF-8
 * (RFC 3629) is U+FFFD: a model may break off inside a character, and JSON holds
 * none but whole ones.  malloc'd; NULL where memory is short. */
char *utf8_repair(const char *text, size_t size, size_t *repaired_size);

#endif
