/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The payloads of a Mamba block's operations, little-endian; zeros fill the last
 * line.  Records are of whole units of 8 bytes, which the hardware reads at once.
 *
 *   CONV  a channel: int8 tap[4], the oldest first; int16 bias; u8 shift; u8 0
 *   SCAN  a head: int32 bias; int16 d; u8 decay shift; u8 0; u16 decay[...]:
 *         one, or in Mamba one a state element; zeros up to a whole unit
 *   NORM, variant NORM_SCALED: int16 an element
 */
#ifndef MILLRACE_GEN_MILL_MIXER_PAYLOAD_H
#define MILLRACE_GEN_MILL_MIXER_PAYLOAD_H

#include "base/little_endian.h"
#include "gen/mill/mill.h"

enum { CONV_TAPS = 4, CONV_RECORD = 8, SCAN_HEAD = 8, NORM_RECORD = 2, PAYLOAD_UNIT = 8 };

struct conv_channel {
    int8_t tap[CONV_TAPS]; /* x 2^-(what `shift` brings to the result's format) */
    int16_t bias;
    uint8_t shift;
};

struct scan_head {
    int32_t bias; /* of the time step, base 2, 12 fraction bits */
    int16_t d;
    uint8_t decay_shift;  /* -A is decay / 2^decay_shift */
    const uint8_t *decay; /* u16 each */
};

/* The formats in SCAN's `constant`, a byte each. */
struct scan_formats {
    uint8_t parameter_fraction; /* of B and C */
    uint8_t state_fraction;     /* of the state */
    uint8_t d_left;             /* what brings d x to the accumulator's format */
};

static inline uint64_t scan_constant_encode(struct scan_formats f)
{
    return f.parameter_fraction | (uint64_t)f.state_fraction << 8 | (uint64_t)f.d_left << 16;
}

static inline struct scan_formats scan_constant_decode(uint64_t constant)
{
    return (struct scan_formats){(uint8_t)constant, (uint8_t)(constant >> 8),
                                 (uint8_t)(constant >> 16)};
}

/* Decays of a head's record. */
static inline uint32_t scan_decays(const struct mill_shape *shape)
{
    return shape->architecture == ARCHITECTURE_MAMBA ? shape->mixer.state : 1;
}

static inline size_t scan_record(const struct mill_shape *shape)
{
    size_t units = (2 * (size_t)scan_decays(shape) + PAYLOAD_UNIT - 1) / PAYLOAD_UNIT;

    return SCAN_HEAD + PAYLOAD_UNIT * units;
}

static inline struct conv_channel conv_channel_read(const uint8_t *payload, uint32_t channel)
{
    const uint8_t *at = payload + (size_t)channel * CONV_RECORD;
    struct conv_channel c = {.bias = (int16_t)load_u16(at + 4), .shift = at[6]};

    for (int k = 0; k < CONV_TAPS; k++)
        c.tap[k] = (int8_t)at[k];
    return c;
}

static inline void conv_channel_write(uint8_t *payload, uint32_t channel,
                                      const struct conv_channel *c)
{
    uint8_t *at = payload + (size_t)channel * CONV_RECORD;

    for (int k = 0; k < CONV_TAPS; k++)
        at[k] = (uint8_t)c->tap[k];
    store_u16(at + 4, (uint16_t)c->bias);
    at[6] = c->shift;
}

static inline struct scan_head scan_head_read(const uint8_t *payload, size_t record, uint32_t head)
{
    const uint8_t *at = payload + head * record;

    return (struct scan_head){.bias = (int32_t)load_u32(at),
                              .d = (int16_t)load_u16(at + 4),
                              .decay_shift = at[6],
                              .decay = at + SCAN_HEAD};
}

/* All of a head but its decays, which the caller stores behind. */
static inline uint8_t *scan_head_write(uint8_t *payload, size_t record, uint32_t head,
                                       const struct scan_head *h)
{
    uint8_t *at = payload + head * record;

    store_u32(at, (uint32_t)h->bias);
    store_u16(at + 4, (uint16_t)h->d);
    at[6] = h->decay_shift;
    return at + SCAN_HEAD;
}

#endif
