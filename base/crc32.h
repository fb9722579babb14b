/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32 as in IEEE 802.3 and zlib: polynomial 0xEDB88320 reflected, all ones
 * before and inverted after. */
#ifndef MILLRACE_BASE_CRC32_H
#define MILLRACE_BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* The CRC of what came before, `crc` (0 at the start), and `size` more bytes. */
uint32_t crc32_update(uint32_t crc, const void *data, size_t size);

#endif
