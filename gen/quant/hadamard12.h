/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_GEN_QUANT_HADAMARD12_H
#define MILLRACE_GEN_QUANT_HADAMARD12_H

/* Paley's Hadamard matrix of order 12 (Paley 1933, construction I, q = 11):
 * +1 or -1 at row and column below 12. */
static inline int hadamard12_sign(unsigned row, unsigned column)
{
    /* Bit d: is d a square modulo 11? */
    static const unsigned squares = 1u << 1 | 1u << 3 | 1u << 4 | 1u << 5 | 1u << 9;

    if (row == 0 || row == column)
        return 1;
    if (column == 0)
        return -1;
    return squares >> ((row + 11 - column) % 11) & 1 ? 1 : -1;
}

#endif
