/* SPDX-License-Identifier: Apache-2.0 */
#include "host/work.h"

uint64_t work_matrix_macs(const struct mill_shape *shape)
{
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
