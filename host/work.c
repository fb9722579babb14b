/* SPDX-License-Identifier: Apache-2.0 */
#include "host/work.h"

/* Those of a Mamba block's projections. */
static uint64_t mixer_macs(const struct mill_shape *shape)
{
    const struct mixer_shape *m = &shape->mixer;
    uint64_t in_out = (uint64_t)shape->dim * (mixer_in_rows(m) + (uint64_t)m->inner);

    return in_out + (m->dt_rank ? (uint64_t)m->inner * (mixer_x_rows(m) + m->dt_rank) : 0);
}

uint64_t work_matrix_macs(const struct mill_shape *shape)
{
    if (shape->architecture != ARCHITECTURE_LLAMA)
        return shape->layers * mixer_macs(shape) + (uint64_t)shape->vocab * shape->dim;
    uint64_t query = (uint64_t)shape->heads * shape->head_dim;
    uint64_t key_value = (uint64_t)shape->kv_heads * shape->head_dim;
    uint64_t attention = shape->dim * (2 * query + 2 * key_value);
    uint64_t feed_forward = (uint64_t)3 * shape->dim * shape->hidden_dim;

    return shape->layers * (attention + feed_forward) + (uint64_t)shape->vocab * shape->dim;
}

uint64_t work_attention_macs(const struct mill_shape *shape, uint32_t position)
{
    return (uint64_t)2 * shape->layers * shape->heads * shape->head_dim * ((uint64_t)position + 1);
}
