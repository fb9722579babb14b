/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/op/micro_cycles.h"

#include "gen/op/micro.h"
#include "gen/op/numerics.h"

enum {
    /* From a command to its first element, and from its last to idle again:
     * reading, the pipeline. */
    VECTOR_LATENCY = 19,
    SCALE_CYCLES = 17,     /* rtl/vector_scalars.v: shifting epsilon, */
    NORMALISE_CYCLES = 12, /* and the sum */
    QUANTISER_LATENCY = 2, /* more, where the results are quantised */
    EXP_LATENCY = 2,       /* more, for the second shift after the table */
    ARRAY_LATENCY = 23,
    GATE_LATENCY = 16,    /* rtl/gate_unit.v */
    HADAMARD_DRAIN = 7,   /* rtl/hadamard.v: after each stage */
    TWELVE_ELEMENT = 159, /* rtl/hadamard_twelve.v */
    TWELVE_LATENCY = 6,
};

static uint64_t blocks_of(uint64_t count, uint64_t length)
{
    return (count + length - 1) / length;
}

/* `count` elements, quantised in blocks of 16.  A block takes 16 cycles to be
 * emitted; a short last one may have to wait for the block before it. */
static uint64_t quantised_cycles(uint64_t count, unsigned cycles_an_element)
{
    uint64_t full = (blocks_of(count, BLOCK) - 1) * BLOCK;
    uint64_t filled = count * cycles_an_element;
    uint64_t emitted = full ? full * cycles_an_element + BLOCK : 0;

    return (filled > emitted ? filled : emitted) + BLOCK + VECTOR_LATENCY + QUANTISER_LATENCY;
}

/* A head is one block, emitted with its padding. */
static uint64_t head_cycles(uint32_t head_dim, unsigned cycles_an_element)
{
    return (uint64_t)head_dim * cycles_an_element + blocks_of(head_dim, BLOCK) * BLOCK +
           VECTOR_LATENCY + QUANTISER_LATENCY;
}

uint64_t micro_beats(const struct column_shape *shape, const struct micro_command *command)
{
    uint64_t beats_a_block = BLOCK / shape->inputs;

    switch (command->function) {
    case MICRO_MATRIX: {
        uint64_t groups = command->rows / (command->one_row ? 1 : shape->rows);
        return groups * command->blocks * beats_a_block;
    }
    case MICRO_SCORE:
        return command->positions * blocks_of(shape->head_dim, BLOCK) * beats_a_block;
    case MICRO_MIX:
        return shape->head_dim * blocks_of(command->positions, BLOCK) * beats_a_block;
    default:
        return 0;
    }
}

uint64_t micro_cycles(const struct column_shape *shape, const struct micro_command *command)
{
    uint64_t beats = micro_beats(shape, command);

    switch (command->function) {
    case MICRO_SUMSQ: /* twice: the magnitudes, then the squares */
        return 2 * ((uint64_t)command->count + VECTOR_LATENCY - 1) - 1 + SCALE_CYCLES +
               NORMALISE_CYCLES;
    case MICRO_RSQRT:
    case MICRO_RECIP:
        return 1 + VECTOR_LATENCY;
    case MICRO_DIV:
    case MICRO_SILU:
        return (uint64_t)command->count + VECTOR_LATENCY;
    case MICRO_NORM:
        if (command->to_wide)
            return (uint64_t)command->count + VECTOR_LATENCY;
        return quantised_cycles(command->count, 1);
    case MICRO_GLU:
        return quantised_cycles(command->count, 2);
    case MICRO_EXP:
        return quantised_cycles(command->positions, 1) + EXP_LATENCY;
    case MICRO_ROPE:
        return head_cycles(shape->head_dim, 2);
    case MICRO_COPY:
        return command->variant == 3 ? quantised_cycles(command->count, 1)
                                     : head_cycles(shape->head_dim, 1);
    case MICRO_MATRIX:
        /* Beats that end two rows each come every other cycle. */
        if (shape->inputs == BLOCK && shape->rows == 2 && !command->one_row && command->blocks == 1)
            beats = 2 * beats - 1;
        return beats + ARRAY_LATENCY;
    case MICRO_GATE: /* each block is read twice */
        return 2 * (uint64_t)command->count + GATE_LATENCY;
    case MICRO_SCALE:
        return (uint64_t)command->count + GATE_LATENCY;
    case MICRO_HADAMARD:
        return command->stages ? 3 + (uint64_t)command->stages * (command->count + HADAMARD_DRAIN)
                               : 4;
    case MICRO_TWELVE:
        return (UINT64_C(1) << command->stages) * TWELVE_ELEMENT + TWELVE_LATENCY;
    default:
        return beats + ARRAY_LATENCY;
    }
}
