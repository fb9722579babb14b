/* SPDX-License-Identifier: Apache-2.0 */
/* The dividers of the FPGAs' phase-locked loops. */
#ifndef MILLRACE_GEN_FIT_PLL_H
#define MILLRACE_GEN_FIT_PLL_H

#include "base/error.h"
#include "gen/fit/board.h"

/* ECP5 (EHXPLLL, Lattice TN1263): oscillator / input x feedback x memory_divider is the
 * VCO's rate, 400 to 800 MHz; the memory's clock is the feedback path.
 * iCE40 (SB_PLL40_PAD, Lattice TN1251): the VCO runs at oscillator / input x feedback,
 * 533 to 1066 MHz, and the core's clock is 1/core_divider of that, a power of two. */
struct pll {
    uint32_t input, feedback, core_divider, memory_divider;
    uint32_t filter; /* iCE40: FILTER_RANGE, by the rate after the input divider */
    uint32_t phase;  /* ECP5: of the memory's pin, in eighths of the VCO's period */
    double vco_hz, core_hz, memory_hz;
};

/* The dividers that bring the board's core clock nearest to `core_hz` and not above it.
 * Where the memory has a clock of its own it is the fastest that is not above the
 * board's.  ERROR_INPUT where there are none. */
bool pll_choose(const struct board *board, double core_hz, struct pll *pll, struct error *err);

#endif
