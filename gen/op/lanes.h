/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sixteen lanes side by side, in the vector extensions that GCC and Clang share.
 * Plain loops leave it to the compiler which loop becomes the vector's, and it
 * chooses horizontal sums where it sees a dot product.  Vectors are passed by
 * address: how they are passed by value depends on the processor.
 */
#ifndef MILLRACE_GEN_OP_LANES_H
#define MILLRACE_GEN_OP_LANES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { LANES = 16 };

typedef int8_t int8_lanes __attribute__((vector_size(LANES)));
typedef int16_t int16_lanes __attribute__((vector_size(2 * LANES)));
typedef int32_t int32_lanes __attribute__((vector_size(4 * LANES)));

/* sum[l] += factor * value[l] */
static inline void add_product_int16(int32_lanes *sum, int32_t factor, const int16_t value[LANES])
{
    int16_lanes narrow;
    memcpy(&narrow, value, sizeof narrow);
    *sum += factor * __builtin_convertvector(narrow, int32_lanes);
}

/* The same where each product fits 16 bits, which is half the arithmetic: a
 * query's mantissa and a key's are at most 127 x 255. */
static inline void add_narrow_product(int32_lanes *sum, int16_t factor, const int16_t value[LANES])
{
    int16_lanes narrow;
    memcpy(&narrow, value, sizeof narrow);
    *sum += __builtin_convertvector(factor * narrow, int32_lanes);
}

/* sum[l] += factor[0] * value[l] + factor[1] * value[stride + l].  Magnitudes up
 * to 127: two products fit 16 bits, where the arithmetic is twice as wide. */
static inline void add_two_products_int8(int32_lanes *sum, const int16_t factor[2],
                                         const int8_t *value, size_t stride)
{
    int8_lanes first, second;
    memcpy(&first, value, sizeof first);
    memcpy(&second, value + stride, sizeof second);
    int16_lanes both = factor[0] * __builtin_convertvector(first, int16_lanes) +
                       factor[1] * __builtin_convertvector(second, int16_lanes);
    *sum += __builtin_convertvector(both, int32_lanes);
}

#endif
