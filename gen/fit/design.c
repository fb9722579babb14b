/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/fit/design.h"

#include <string.h>

#include "gen/mill/mill.h"
#include "gen/mill/mixer_payload.h"
#include "gen/op/numerics.h"
#include "gen/serial/program.h"
#include "gen/verilog/top.h"

/* rtl/mixer/mixer.v's, Mamba's and Mamba-2's. */
enum { OWN_DECAY_LANES_MOST = 4, LANES_MOST = 8 };

uint32_t design_rows(const struct mill *mill)
{
    for (size_t i = 0; i < mill->op_count; i++)
        if (mill->op[i].opcode == OP_MATRIX && mill->op[i].weight_bits < 8)
            return 2;
    return 1;
}

/* Are the shifts of a Mamba model's operation those that gen/serial/mixer.c has? */
static bool has_serial_shifts(const struct mill *mill, const struct tape_op *op)
{
    enum { CONV_MOST = 39, SCAN_MOST = 31, GATE_LEAST = 14, GATE_MOST = 63, DECAY_LEAST = 4 };
    const struct mill_shape *s = &mill->shape;
    bool has = true;

    if (op->opcode == OP_CONV)
        for (uint32_t i = 0; i < op->count; i++)
            has = has && conv_channel_read(op->payload, i).shift <= CONV_MOST;
    if (op->opcode == OP_SCAN) {
        has = op->shift <= SCAN_MOST;
        for (uint32_t i = 0; i < op->count; i++)
            has = has && scan_head_read(op->payload, scan_record(s), i).decay_shift >= DECAY_LEAST;
    }
    if (op->opcode == OP_GATE)
        has = op->shift >= GATE_LEAST && op->shift <= GATE_MOST;
    return has;
}

/* Mamba with a state as usual, not rotated. */
static bool is_serial_mamba(const struct mill *mill)
{
    enum { STATE_ELEMENTS = 16, STATE_BITS = 8 };
    const struct mill_shape *s = &mill->shape;
    bool is = s->architecture == ARCHITECTURE_MAMBA && s->mixer.state == STATE_ELEMENTS &&
              s->state_bits == STATE_BITS && !mill_rotates(mill, ROTATE_BUTTERFLY) &&
              !mill_has_scale(mill);

    for (size_t i = 0; is && i < mill->op_count; i++)
        is = has_serial_shifts(mill, &mill->op[i]);
    return is;
}

static struct serial_shape mamba_shape(const struct mill *mill)
{
    const struct mill_shape *s = &mill->shape;
    const struct mixer_shape *m = &s->mixer;

    return (struct serial_shape){
        .dim = s->dim,
        .hidden = m->inner > m->dt_rank ? m->inner : m->dt_rank,
        .wide_depth = top_wide_depth(mill),
        .heads = 1,
        .head_dim = 2,
        .max_seq = 1,
        .act_bits = s->act_bits,
        .vocab = s->vocab,
        .inner = m->inner,
        .conv_width = m->conv_width,
        .layers = s->layers,
    };
}

bool design_is_serial(const struct mill *mill, const struct design *d, struct serial_shape *shape)
{
    const struct mill_shape *s = &mill->shape;
    bool attends = s->architecture == ARCHITECTURE_LLAMA;
    struct serial_shape own;

    if (d->columns != 1 || d->inputs > 4 || !d->family || strcmp(d->family, "ice40") != 0 ||
        (!attends && !is_serial_mamba(mill)))
        return false;
    own = attends ? (struct serial_shape){.dim = s->dim,
                                          .hidden = s->hidden_dim,
                                          .wide_depth = top_wide_depth(mill),
                                          .heads = s->heads,
                                          .head_dim = s->head_dim,
                                          .max_seq = s->max_seq,
                                          .act_bits = s->act_bits,
                                          .vocab = s->vocab}
                  : mamba_shape(mill);
    if (shape)
        *shape = own;
    return serial_fits(&own);
}

/* Cycles for which the matrix after a layer's SCAN keeps the array or the memory at
 * work, whichever is longer; in Mamba those of the scan's own payload. */
static uint64_t cycles_beside(const struct mill *mill, const struct design *d, size_t scan)
{
    const struct tape_op *op = &mill->op[scan], *next = op + 1;
    uint64_t cycles = 0, beats = 0;

    if (next->opcode == OP_MATRIX) {
        uint32_t lanes = d->inputs * (next->weight_bits == 8 ? 1 : 2);
        cycles = (uint64_t)next->payload_lines * TAPE_LINE * 8 / d->tape_bus_bits;
        beats = (uint64_t)next->rows * next->blocks * 16 / lanes;
    } else {
        cycles = (uint64_t)op->payload_lines * TAPE_LINE * 8 / d->tape_bus_bits;
    }
    return cycles > beats ? cycles : beats;
}

uint32_t design_scan_lanes(const struct mill *mill, const struct design *d)
{
    const struct mixer_shape *m = &mill->shape.mixer;
    uint64_t elements = (uint64_t)d->columns * m->inner * m->state;
    uint32_t most = m->dt_rank ? OWN_DECAY_LANES_MOST : LANES_MOST, lanes = 1;

    for (size_t i = 0; i + 1 < mill->op_count; i++)
        if (mill->op[i].opcode == OP_SCAN)
            while (lanes < most && elements / lanes > cycles_beside(mill, d, i))
                lanes *= 2;
    return lanes;
}

struct state_layout design_state_layout(const struct mill *mill, const struct design *d)
{
    const struct mill_shape *s = &mill->shape;
    uint32_t mantissas = BLOCK * s->mixer.state * (s->state_bits > 8 ? 2 : 1), segment = 1;

    while (segment < mantissas)
        segment *= 2;
    return (struct state_layout){.windows = s->layers * (s->mixer.inner / BLOCK) * d->columns,
                                 .mantissa_bytes = mantissas,
                                 .exponent_bytes = s->mixer.state,
                                 .window_bytes = 2 * segment};
}

uint64_t design_state_bytes(const struct mill *mill, const struct design *d)
{
    struct state_layout layout = design_state_layout(mill, d);

    return d->state_in_memory ? (uint64_t)layout.windows * layout.window_bytes : 0;
}

bool mill_has_scale(const struct mill *mill)
{
    for (size_t i = 0; i < mill->op_count; i++)
        if (mill->op[i].opcode == OP_NORM && mill->op[i].variant == NORM_SCALED)
            return true;
    return false;
}

bool mill_rotates(const struct mill *mill, unsigned variant)
{
    for (size_t i = 0; i < mill->op_count; i++)
        if (mill->op[i].opcode == OP_ROTATE && mill->op[i].variant >= variant &&
            (mill->op[i].shift || mill->op[i].variant))
            return true;
    return false;
}
