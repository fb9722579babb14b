/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hardware keeps of an activation, in float: block_quantise of
 * gen/op/numerics.h for values whose fixed-point format is fine enough not to
 * matter.
 */
#ifndef MILLRACE_GEN_QUANT_BLOCK_FLOAT_H
#define MILLRACE_GEN_QUANT_BLOCK_FLOAT_H

#include <stdint.h>

/* Round each of `rows` rows of `columns` values (row r at value + r * stride) in
 * blocks of `block` with a shared power-of-two exponent, to mantissas of `bits`
 * bits; a row's last block may be shorter. */
void block_float_round(float *value, uint32_t rows, uint32_t columns, uint32_t stride,
                       uint32_t block, unsigned bits);

#endif
