/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/op/mixer_cycles.h"

#include "gen/op/numerics.h"

enum {
    UNIT_BITS = 64,          /* of a payload's record */
    CONV_LATENCY = 44,       /* from a channel's records and reads to its write, and idle again */
    FIRST_READ = 3,          /* from start to the first of the scan's reads */
    FIRST_UNIT = 4,          /* and, beside its own cycles, to a unit of the payload */
    READ_CYCLES = 4,         /* at which distance channels are read at the least */
    READ_LATENCY = 36,       /* from a channel's reads to those of its state */
    DECAY_READ_LATENCY = 35, /* the same where each element has its decay, */
    DECAY_LATENCY = 10,      /* and from the last of those */
    OUTPUT_LATENCY = 29,     /* from its last word to the result's write, and idle again, */
};                           /* beside a block's words */

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Cycles of a unit of the payload. */
static uint64_t unit_cycles(const struct mixer_hardware *h)
{
    return h->bus_bits < UNIT_BITS ? UNIT_BITS / h->bus_bits : 1;
}

/* A group's records come while the one before it is worked on. */
uint64_t mixer_conv_cycles(const struct mixer_hardware *h, uint32_t columns)
{
    uint64_t groups = (h->inner + (h->every ? 0 : 2 * h->state)) / BLOCK;
    uint64_t records = BLOCK * unit_cycles(h), work = (uint64_t)BLOCK * columns;

    return records + (groups - 1) * most(records, work) + work + CONV_LATENCY;
}

/* When unit `number`, from 1 on, of the payload may be read. */
static uint64_t unit_there(const struct mixer_hardware *h, uint64_t number)
{
    return number * unit_cycles(h) + FIRST_UNIT;
}

/* The first of the scan's reading cycles at or after `cycle`. */
static uint64_t reading_cycle(uint64_t first, uint64_t cycle)
{
    return first + (most(cycle, first) - first + READ_CYCLES - 1) / READ_CYCLES * READ_CYCLES;
}

/* Channels in their order: each is read when its head's record is there, and
 * begins when the one before it ends, in Mamba not before its decays. */
uint64_t mixer_scan_cycles(const struct mixer_hardware *h, uint32_t columns)
{
    uint64_t words = h->state / h->lanes, decays = h->every ? h->state / 4 : 1;
    uint64_t first = 2 * (uint64_t)h->state * columns + FIRST_READ;
    uint64_t read = 0, begin = 0;

    for (uint32_t group = 0; group < h->inner; group += BLOCK)
        for (uint32_t i = 0; i < BLOCK * columns; i++) {
            uint64_t record = (uint64_t)(group + i % BLOCK) * h->heads / h->inner;
            uint64_t complete = unit_there(h, (record + 1) * (1 + decays));
            uint64_t head = h->every ? unit_there(h, record * (1 + decays) + 1) : complete;
            read = reading_cycle(first, most(read ? read + READ_CYCLES : 0, head));
            begin = most(begin + words,
                         h->every ? most(read + DECAY_READ_LATENCY, complete + DECAY_LATENCY)
                                  : read + READ_LATENCY);
        }
    return begin + words + BLOCK / h->lanes + OUTPUT_LATENCY;
}
