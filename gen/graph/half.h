/* SPDX-License-Identifier: Apache-2.0 */
/* IEEE 754 binary16 and bfloat16 to float; both are exact. */
#ifndef MILLRACE_GEN_GRAPH_HALF_H
#define MILLRACE_GEN_GRAPH_HALF_H

#include <stdint.h>
#include <string.h>

static inline float bits_to_float(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline float bfloat_to_float(uint16_t bfloat)
{
    return bits_to_float((uint32_t)bfloat << 16);
}

static inline float half_to_float(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t exponent = half >> 10 & 31, mantissa = half & 1023;

    if (exponent == 31) /* infinity and NaN */
        return bits_to_float(sign | 0x7f800000 | mantissa << 13);
    if (exponent == 0) { /* zero and subnormals: mantissa * 2^-24 */
        float value = (float)mantissa * 0x1p-24f;
        return sign ? -value : value;
    }
    return bits_to_float(sign | (exponent + 112) << 23 | mantissa << 13);
}

#endif
