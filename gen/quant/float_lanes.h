/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sixteen floats side by side, in the vector extensions that GCC and Clang
 * share.  Sums over lanes are in a fixed order, which a compiler may not choose
 * for a plain loop.  Vectors are passed by address: how they are passed by value
 * depends on the processor.
 */
#ifndef MILLRACE_GEN_QUANT_FLOAT_LANES_H
#define MILLRACE_GEN_QUANT_FLOAT_LANES_H

#include <stdint.h>
#include <string.h>

enum { FLOAT_LANES = 16 };

typedef float float_lanes __attribute__((vector_size(4 * FLOAT_LANES)));
typedef int32_t bits_lanes __attribute__((vector_size(4 * FLOAT_LANES)));

static inline uint32_t lanes_round_up(uint32_t count)
{
    return (count + FLOAT_LANES - 1) / FLOAT_LANES * FLOAT_LANES;
}

static inline void lanes_load(float_lanes *out, const float *from)
{
    memcpy(out, from, sizeof *out);
}

static inline void lanes_store(float *to, const float_lanes *value)
{
    memcpy(to, value, sizeof *value);
}

/* out[l] = condition[l] ? a[l] : b[l], a condition being 0 or -1. */
static inline void lanes_select(float_lanes *out, const bits_lanes *condition, const float_lanes *a,
                                const float_lanes *b)
{
    bits_lanes x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    x = (*condition & x) | (~*condition & y);
    memcpy(out, &x, sizeof x);
}

static inline void lanes_max(float_lanes *largest, const float_lanes *x)
{
    bits_lanes greater = *x > *largest;
    lanes_select(largest, &greater, x, largest);
}

static inline float lanes_sum(const float_lanes *x)
{
    float sum = 0;
    for (int i = 0; i < FLOAT_LANES; i++)
        sum += (*x)[i];
    return sum;
}

static inline float lanes_largest(const float_lanes *x)
{
    float largest = (*x)[0];
    for (int i = 1; i < FLOAT_LANES; i++)
        largest = (*x)[i] > largest ? (*x)[i] : largest;
    return largest;
}

/* x = 2^x for x <= 127, to a relative 2e-7; 2^-126 for what is less. */
static inline void lanes_exp2(float_lanes *x)
{
    const float magic = 12582912; /* 1.5 * 2^23: adding it rounds to an integer */
    const float_lanes least = {-126, -126, -126, -126, -126, -126, -126, -126,
                               -126, -126, -126, -126, -126, -126, -126, -126};
    float_lanes clamped = least, power;
    lanes_max(&clamped, x);
    float_lanes whole = (clamped + magic) - magic, f = clamped - whole;

    /* Taylor of exp(f ln 2), |f| <= 1/2. */
    power = 1.5403530e-4f * f + 1.3333558e-3f;
    power = power * f + 9.6181291e-3f;
    power = power * f + 5.5504109e-2f;
    power = power * f + 2.4022651e-1f;
    power = power * f + 6.9314718e-1f;
    power = power * f + 1.0f;
    bits_lanes scale = (__builtin_convertvector(whole, bits_lanes) + 127) << 23;
    float_lanes factor;
    memcpy(&factor, &scale, sizeof factor);
    *x = power * factor;
}

#endif
