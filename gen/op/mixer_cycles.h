/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What CONV and SCAN cost in rtl/mixer/: the clock cycles from the one with
 * start_i to the first in which it may start again, exact where no word of the
 * payload is late.  testbench/mixer/ holds both to the simulation.
 */
#ifndef MILLRACE_GEN_OP_MIXER_CYCLES_H
#define MILLRACE_GEN_OP_MIXER_CYCLES_H

#include <stdbool.h>
#include <stdint.h>

/* The parameters of rtl/mixer/mixer.v that its timing depends on. */
struct mixer_hardware {
    bool every;        /* Mamba: a decay a state element, which the tape brings for each channel */
    uint32_t inner;    /* channels that are scanned */
    uint32_t state;    /* state elements of a channel */
    uint32_t heads;    /* Mamba: inner */
    uint32_t lanes;    /* state elements a cycle: 1, 2, 4, 8 */
    uint32_t bus_bits; /* T */
};

/* For so many active columns. */
uint64_t mixer_conv_cycles(const struct mixer_hardware *h, uint32_t columns);
uint64_t mixer_scan_cycles(const struct mixer_hardware *h, uint32_t columns);

#endif
