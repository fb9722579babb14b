/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arithmetic that every operator's integer definition is made of.  The
 * Verilog does the same in every bit.
 */
#ifndef MILLRACE_GEN_OP_NUMERICS_H
#define MILLRACE_GEN_OP_NUMERICS_H

#include <stdint.h>

/* Inputs of a matrix that share one exponent.  The hardware has BLOCK; scripts/ablate-mamba
 * builds references with 8 and 32 to say what that costs. */
#ifndef OPERAND_BLOCK
#define OPERAND_BLOCK BLOCK
#endif

enum {
    BLOCK = 16,             /* activations that share one exponent */
    RESIDUAL_FRACTION = 18, /* the residual stream: +-8192 in steps of 4e-6 */
    WIDE_BITS = 18,         /* a value of the wide store, signed */
    WIDE_MAX = 131071,      /* saturation is symmetric */
    SCORE_FRACTION = 10,    /* fraction bits of an attention score, base 2 */
    NORM_FRACTION = 16,     /* fraction bits of a normalised activation */
    GATE_FRACTION = 12,     /* fraction bits of silu's argument and result */
    ROPE_FRACTION = 14,     /* fraction bits of RoPE's cosines and sines */
    ACCUMULATOR_LEFT = 8,   /* zero bits put under an accumulator before its shift */
    KV_BITS = 8,            /* mantissas of q, v and of probabilities */
    KEY_BITS = 9,           /* mantissas of k: docs/numerics.md says why */
};

/* x / 2^shift, halves rounded towards +infinity.  No branch on shift = 0, so that
 * loops over it vectorise. */
static inline int64_t round_shift(int64_t x, unsigned shift)
{
    return (x + (((int64_t)1 << shift) >> 1)) >> shift;
}

/* The same where x and the rounding bit fit 32 bits, which vectorises wider. */
static inline int32_t round_shift_32(int32_t x, unsigned shift)
{
    return (x + ((1 << shift) >> 1)) >> shift;
}

/* x * 2^shift, of a negative x too, which << leaves undefined. */
static inline int64_t shift_left(int64_t x, unsigned shift)
{
    return (int64_t)((uint64_t)x << shift);
}

static inline int64_t saturate(int64_t x, int64_t limit)
{
    return x > limit ? limit : x < -limit ? -limit : x;
}

static inline int32_t saturate_wide(int64_t x)
{
    return (int32_t)saturate(x, WIDE_MAX);
}

static inline int32_t saturate_residual(int64_t x)
{
    return (int32_t)saturate(x, INT32_MAX);
}

/* Bits needed to write x: 0 for 0, 1 for 1, 8 for 255. */
static inline unsigned bit_length(uint64_t x)
{
    return x ? 64u - (unsigned)__builtin_clzll(x) : 0u;
}

/* The exponent that a block's values share once their mantissas have `bits` bits: the
 * largest is below 2^(bits - 1) steps.  Of 4 bits it may be below 9, not 8: holding one
 * value to 7 costs less than steps twice as large for all. */
static inline unsigned block_exponent(const int32_t *value, unsigned count, unsigned bits)
{
    uint32_t largest = 0;
    for (unsigned i = 0; i < count; i++) {
        uint32_t magnitude = (uint32_t)(value[i] < 0 ? -value[i] : value[i]);
        largest = magnitude > largest ? magnitude : largest;
    }
    unsigned length = bit_length(largest);
    if (bits == 4 && length > 3 && largest >> (length - 4) == 8)
        length--;
    return length > bits - 1 ? length - (bits - 1) : 0;
}

/* Mantissas of `bits` bits under one shared power-of-two exponent, as in the
 * OCP microscaling formats: value[i] ~ mantissa[i] << result.  The exponent
 * comes from the leading one of the largest magnitude, so that no multiplier
 * and no calibration is needed.  Values are wide ones. */
static inline unsigned block_quantise(const int32_t *value, unsigned count, unsigned bits,
                                      int16_t *mantissa)
{
    unsigned exponent = block_exponent(value, count, bits);
    int32_t limit = (1 << (bits - 1)) - 1;
    for (unsigned i = 0; i < count; i++) {
        int32_t q = round_shift_32(value[i], exponent);
        mantissa[i] = (int16_t)(q > limit ? limit : q < -limit ? -limit : q);
    }
    return exponent;
}

#endif
