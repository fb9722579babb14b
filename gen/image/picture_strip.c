/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/image/picture_strip.h"

uint32_t picture_context(const struct picture_program *p)
{
    const struct picture_schedule *s = &p->schedule;

    return s->edges ? s->value[s->tail.value].side + s->tail.reach : 0;
}

uint32_t picture_strips(const struct picture_program *p, uint32_t width)
{
    const struct picture_schedule *s = &p->schedule;
    uint32_t most = p->design.columns * p->design.groups;

    return s->edges ? (width + s->value[s->tail.value].side + most - 1) / most : 1;
}

struct picture_strip picture_strip_at(const struct picture_program *p, uint32_t width,
                                      uint32_t index)
{
    const struct picture_schedule *s = &p->schedule;
    uint32_t most = p->design.columns * p->design.groups, last = picture_strips(p, width) - 1;

    if (!s->edges)
        return (struct picture_strip){0, width, 0};
    uint32_t rest = width + s->value[s->tail.value].side - index * most;
    return (struct picture_strip){index * most, rest < most ? rest : most,
                                  (uint8_t)((index > 0) | (index < last) << 1)};
}

uint32_t picture_tile_bits(const struct picture_program *p, const struct image_network *network)
{
    uint32_t bits = 1;

    while (bits < 8 && 1U << bits < network->tile)
        bits++;
    return network->selective && 1U << bits == network->tile &&
                   network->tile <= p->design.columns * p->design.groups
               ? bits
               : 0;
}
