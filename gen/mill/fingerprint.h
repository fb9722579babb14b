/* SPDX-License-Identifier: Apache-2.0 */
/* Which design plays which model. */
#ifndef MILLRACE_GEN_MILL_FINGERPRINT_H
#define MILLRACE_GEN_MILL_FINGERPRINT_H

#include "gen/mill/mill.h"

/* A number that differs, but for one chance in 2^32, where a design made for one
 * model cannot play another: CRC-32 (IEEE 802.3) over dim, hidden_dim, layers,
 * heads, kv_heads, head_dim, vocab, max_seq, act_bits, the embedding's shift, rows
 * a beat (2, or 1 where all weights have 8 bits) and the tape's lines, each as a
 * little-endian u32. */
uint32_t mill_fingerprint(const struct mill *mill);

#endif
