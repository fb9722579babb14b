/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mamba's causal depthwise convolution (Gu and Dao 2023, figure 3) and SiLU, in
 * place in the wide store.  A token's inputs are quantised to 8 bits with an
 * exponent a block of 16 channels and kept so for the tokens after it; taps
 * have 8 bits and a power of two a channel, so that no product needs a scale.
 */
#include "gen/mill/mixer_payload.h"
#include "gen/op/operator.h"
#include "gen/op/silu.h"

enum { PAST_BITS = 8 };

/* The inputs of one block of channels, the oldest first. */
struct window {
    int16_t mantissa[CONV_TAPS][BLOCK];
    unsigned exponent[CONV_TAPS];
};

/* Move the block's newest inputs in, and its oldest out, of what is remembered. */
static void slide(const struct mixer_shape *s, int8_t *past, uint8_t *exponent, uint32_t block,
                  struct window *window)
{
    uint32_t channels = mixer_channels(s), kept = s->conv_width - 1;

    for (uint32_t k = 0; k < kept; k++) {
        int8_t *row = past + (size_t)k * channels + (size_t)block * BLOCK;
        uint8_t *row_exponent = exponent + (size_t)k * (channels / BLOCK) + block;
        for (uint32_t i = 0; i < BLOCK; i++)
            window->mantissa[k][i] = row[i];
        window->exponent[k] = *row_exponent;
    }
    for (uint32_t k = 0; k < kept; k++) {
        int8_t *row = past + (size_t)k * channels + (size_t)block * BLOCK;
        for (uint32_t i = 0; i < BLOCK; i++)
            row[i] = (int8_t)window->mantissa[k + 1][i];
        exponent[(size_t)k * (channels / BLOCK) + block] = (uint8_t)window->exponent[k + 1];
    }
}

static int32_t convolve(const struct window *window, uint32_t taps, const struct conv_channel *c,
                        uint32_t i, unsigned bias_left)
{
    int64_t acc = 0;

    for (uint32_t k = 0; k < taps; k++)
        acc += shift_left((int64_t)c->tap[k] * window->mantissa[k][i], window->exponent[k]);
    int64_t sum = round_shift(shift_left(acc, ACCUMULATOR_LEFT), c->shift);
    return saturate_wide(sum + shift_left(c->bias, bias_left));
}

void conv_sums(struct reference *reference, struct column_tile *tile, const struct tape_op *op)
{
    const struct mixer_shape *s = &reference->mill->shape.mixer;
    uint32_t blocks = mixer_channels(s) / BLOCK, kept = s->conv_width - 1;
    size_t layer_past = (size_t)kept * mixer_channels(s), layer_exponents = (size_t)kept * blocks;

    for (unsigned column = 0; column < tile->active; column++) {
        struct mixer_memory *memory = &reference->memory[tile->slot[column]];
        int8_t *past = memory->past + op->target * layer_past;
        uint8_t *exponent = memory->past_exponent + op->target * layer_exponents;
        if (tile->position[column] == 0) {
            memset(past, 0, layer_past);
            memset(exponent, 0, layer_exponents);
        }
        for (uint32_t block = 0; block < blocks; block++) {
            struct window window;
            int32_t x[BLOCK];
            for (uint32_t i = 0; i < BLOCK; i++)
                x[i] = tile->wide[op->source + block * BLOCK + i][column];
            window.exponent[kept] = block_quantise(x, BLOCK, PAST_BITS, window.mantissa[kept]);
            slide(s, past, exponent, block, &window);
            for (uint32_t i = 0; i < BLOCK; i++) {
                struct conv_channel c = conv_channel_read(op->payload, block * BLOCK + i);
                tile->wide[op->source + block * BLOCK + i][column] =
                    convolve(&window, s->conv_width, &c, i, op->shift);
            }
        }
    }
}

static void conv_run(struct reference *reference, struct column_tile *tile,
                     const struct tape_op *op, size_t index)
{
    (void)index;

    conv_sums(reference, tile, op);
    for (uint32_t i = op->source; i < (uint32_t)op->source + op->count; i++)
        for (unsigned column = 0; column < tile->active; column++)
            tile->wide[i][column] = silu(tile->wide[i][column], op->shift2);
}

static const struct micro_pass program[] = {
    {MICRO_CONV, 0},
    {MICRO_SILU, MICRO_LAST},
};

const struct operator_definition conv_operator = {"conv", OP_CONV, conv_run, {program}};
