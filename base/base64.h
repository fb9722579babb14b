/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_BASE_BASE64_H
#define MILLRACE_BASE_BASE64_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Write `size` bytes as base64 (RFC 4648, section 4), padded, without line breaks. */
void base64_write(FILE *file, const uint8_t *data, size_t size);

#endif
