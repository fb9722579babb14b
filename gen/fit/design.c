/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/fit/design.h"

#include <string.h>

#include "gen/mill/mill.h"
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

bool design_is_serial(const struct mill *mill, const struct design *d, struct serial_shape *shape)
{
    const struct mill_shape *s = &mill->shape;
    struct serial_shape own;

    if (s->architecture != ARCHITECTURE_LLAMA || d->columns != 1 || d->inputs > 4 || !d->family ||
        strcmp(d->family, "ice40") != 0)
        return false;
    own = (struct serial_shape){s->dim,      s->hidden_dim, top_wide_depth(mill), s->heads,
                                s->head_dim, s->max_seq,    s->act_bits,          s->vocab};
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
