/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/mill/fingerprint.h"

#include <zlib.h>

#include "gen/fit/design.h"

uint32_t mill_fingerprint(const struct mill *mill)
{
    const struct mill_shape *s = &mill->shape;
    const uint32_t field[] = {
        s->dim,      s->hidden_dim,     s->layers,         s->heads,
        s->kv_heads, s->head_dim,       s->vocab,          s->max_seq,
        s->act_bits, mill->embed_shift, design_rows(mill), (uint32_t)(mill->tape_size / TAPE_LINE),
    };

    return (uint32_t)crc32_z(0, (const uint8_t *)field, sizeof field);
}
