/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/quant/block_float.h"

#include <string.h>

static void round_block(float *value, uint32_t count, unsigned bits)
{
    const float magic = 12582912; /* 1.5 * 2^23: adding it rounds to an integer */
    float limit = (float)((1 << (bits - 1)) - 1), power;
    uint32_t largest = 0;

    /* As integers, so that the compiler may choose the order of comparisons. */
    for (uint32_t i = 0; i < count; i++) {
        uint32_t magnitude;
        memcpy(&magnitude, &value[i], sizeof magnitude);
        magnitude &= 0x7fffffff;
        largest = magnitude > largest ? magnitude : largest;
    }
    largest &= 0x7f800000; /* the power of two at or below it */
    memcpy(&power, &largest, sizeof power);
    /* The leading one of the largest becomes the mantissa's highest bit. */
    float step = power / (float)(1 << (bits - 2));
    if (step < 1e-30f)
        return;
    float inverse = 1 / step;
    for (uint32_t i = 0; i < count; i++) {
        float mantissa = (value[i] * inverse + magic) - magic;
        mantissa = mantissa > limit ? limit : mantissa;
        mantissa = mantissa < -limit ? -limit : mantissa;
        value[i] = mantissa * step;
    }
}

void block_float_round(float *value, uint32_t rows, uint32_t columns, uint32_t stride,
                       uint32_t block, unsigned bits)
{
    for (uint32_t r = 0; r < rows; r++) {
        float *row = value + (size_t)r * stride;
        for (uint32_t first = 0; first < columns; first += block) {
            uint32_t rest = columns - first;
            if (block == 16 && rest >= 16)
                round_block(row + first, 16, bits); /* a constant count is made vector code of */
            else
                round_block(row + first, rest < block ? rest : block, bits);
        }
    }
}
