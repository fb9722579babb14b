/* SPDX-License-Identifier: Apache-2.0 */
#include "testbench/mixer/model.h"

#include <stdlib.h>
#include <string.h>

#include "gen/mill/mixer_payload.h"
#include "gen/op/operator.h"

struct model {
    struct mill mill;
    struct reference reference;
    struct column_tile tile;
    struct mixer_memory memory[COLUMN_TILE];
};

static bool open_memory(struct mixer_memory *memory, const struct mill_shape *shape)
{
    const struct mixer_shape *m = &shape->mixer;
    size_t past = (size_t)shape->layers * (m->conv_width - 1) * mixer_channels(m);
    size_t state = (size_t)shape->layers * m->inner * m->state;

    memory->past = calloc(past, sizeof *memory->past);
    memory->past_exponent = calloc(past / BLOCK, sizeof *memory->past_exponent);
    memory->state = calloc(state, sizeof *memory->state);
    memory->state_exponent = calloc(state / BLOCK, sizeof *memory->state_exponent);
    return memory->past && memory->past_exponent && memory->state && memory->state_exponent;
}

struct model *model_open(const struct mixer_parameters *p)
{
    struct model *m = calloc(1, sizeof *m);

    if (!m)
        return NULL;
    m->mill.shape = (struct mill_shape){
        .layers = p->layers,
        .architecture = p->every ? ARCHITECTURE_MAMBA : ARCHITECTURE_MAMBA2,
        .mixer = {.inner = p->inner,
                  .state = p->state,
                  .conv_width = p->conv_width,
                  .dt_rank = p->every,
                  .heads = p->heads},
        .state_bits = p->state_bits,
    };
    m->reference.mill = &m->mill;
    m->reference.memory = m->memory;
    m->tile.wide = calloc(MODEL_WIDE, sizeof *m->tile.wide);
    m->tile.gated = calloc(p->inner, sizeof *m->tile.gated);
    bool ok = m->tile.wide && m->tile.gated;
    for (uint32_t c = 0; ok && c < p->columns; c++)
        ok = open_memory(&m->memory[c], &m->mill.shape);
    if (ok)
        return m;
    model_close(m);
    return NULL;
}

void model_close(struct model *m)
{
    for (uint32_t c = 0; c < COLUMN_TILE; c++) {
        free(m->memory[c].past);
        free(m->memory[c].past_exponent);
        free(m->memory[c].state);
        free(m->memory[c].state_exponent);
    }
    free(m->tile.wide);
    free(m->tile.gated);
    free(m);
}

int32_t *model_wide(struct model *m, uint32_t column, uint32_t element)
{
    return &m->tile.wide[element][column];
}

int32_t *model_gated(struct model *m, uint32_t column, uint32_t channel)
{
    return &m->tile.gated[channel][column];
}

void model_run(struct model *m, const struct mixer_operation *o)
{
    const struct mixer_shape *shape = &m->mill.shape.mixer;
    struct tape_op op = {
        .opcode = o->scan ? OP_SCAN : OP_CONV,
        .rows = o->rows,
        .blocks = o->blocks,
        .source = o->source,
        .target = o->target,
        .shift = o->shift,
        .shift2 = o->shift2,
        .count = (uint16_t)(o->scan ? shape->inner : mixer_channels(shape)),
        .constant = o->constant,
        .payload = o->payload,
    };

    m->tile.active = o->columns;
    for (uint32_t c = 0; c < o->columns; c++) {
        m->tile.position[c] = o->position[c];
        m->tile.slot[c] = o->prefill ? o->slot : c;
    }
    if (o->scan)
        scan_operator.run(&m->reference, &m->tile, &op, 0);
    else
        conv_sums(&m->reference, &m->tile, &op);
}

size_t model_payload(const struct model *m, bool scan, size_t *record)
{
    const struct mill_shape *shape = &m->mill.shape;
    size_t count = scan ? shape->mixer.heads : mixer_channels(&shape->mixer);

    *record = scan ? scan_record(shape) : CONV_RECORD;
    return (count * *record + TAPE_LINE - 1) / TAPE_LINE * TAPE_LINE;
}

void model_write_channel(uint8_t *payload, uint32_t channel, const int8_t tap[4], int16_t bias,
                         uint8_t shift)
{
    struct conv_channel c = {.bias = bias, .shift = shift};

    memcpy(c.tap, tap, sizeof c.tap);
    conv_channel_write(payload, channel, &c);
}

void model_write_head(const struct model *m, uint8_t *payload, uint32_t head, int32_t bias,
                      int16_t d, uint8_t decay_shift, const uint16_t *decay)
{
    struct scan_head h = {.bias = bias, .d = d, .decay_shift = decay_shift};
    uint8_t *at = scan_head_write(payload, scan_record(&m->mill.shape), head, &h);

    for (uint32_t n = 0; n < scan_decays(&m->mill.shape); n++)
        store_u16(at + 2 * (size_t)n, decay[n]);
}
