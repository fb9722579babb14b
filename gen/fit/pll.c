/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/fit/pll.h"

#include <math.h>

/* Rates that differ by rounding alone are equal. */
static const double tolerance_hz = 1;

static bool is_better(const struct pll *a, const struct pll *best)
{
    if (fabs(a->memory_hz - best->memory_hz) > tolerance_hz)
        return a->memory_hz > best->memory_hz;
    return a->core_hz > best->core_hz + tolerance_hz;
}

/* The smallest divider with which the core's clock is not above what is asked for. */
static void divide_core(struct pll *pll, double core_hz)
{
    pll->core_divider = (uint32_t)ceil((pll->vco_hz - tolerance_hz) / core_hz);
    pll->core_hz = pll->vco_hz / pll->core_divider;
}

/* Limits of the family's data sheet, FPGA-DS-02012: phase detector 3.125 to 400 MHz. */
static void search_ecp5(const struct board *board, double core_hz, struct pll *best)
{
    double memory_hz = board->memory.clock_hz > 0 ? board->memory.clock_hz : core_hz;

    for (uint32_t input = 1; board->oscillator_hz / input >= 3125000; input++) {
        for (uint32_t feedback = 1; feedback <= 80; feedback++) {
            struct pll p = {.input = input, .feedback = feedback};
            p.memory_hz = (double)board->oscillator_hz / input * feedback;
            for (p.memory_divider = 1; p.memory_divider <= 128; p.memory_divider++) {
                p.vco_hz = p.memory_hz * p.memory_divider;
                if (p.memory_hz > memory_hz + tolerance_hz || p.vco_hz < 400e6 || p.vco_hz > 800e6)
                    continue;
                divide_core(&p, core_hz);
                if (p.core_divider <= 128 && is_better(&p, best))
                    *best = p;
            }
        }
    }
    if (best->input)
        best->phase = (uint32_t)lround(board->memory.pin_degrees / 360 * 8 * best->memory_divider) %
                      (8 * best->memory_divider);
}

/* FILTER_RANGE as the technical note's table gives it for the phase detector's rate. */
static uint32_t ice40_filter(double detector_hz)
{
    static const double above[] = {17e6, 26e6, 44e6, 66e6, 101e6};
    uint32_t range = 1;

    while (range <= 5 && detector_hz >= above[range - 1])
        range++;
    return range;
}

/* Phase detector 10 to 133 MHz. */
static void search_ice40(const struct board *board, double core_hz, struct pll *best)
{
    for (uint32_t input = 1; board->oscillator_hz / input >= 10000000; input++) {
        for (uint32_t feedback = 1; feedback <= 64; feedback++) {
            for (uint32_t divider = 2; divider <= 64; divider *= 2) {
                struct pll p = {.input = input, .feedback = feedback, .core_divider = divider};
                p.vco_hz = (double)board->oscillator_hz / input * feedback;
                p.core_hz = p.vco_hz / divider;
                p.memory_hz = 0;
                p.filter = ice40_filter((double)board->oscillator_hz / input);
                if (p.vco_hz >= 533e6 && p.vco_hz <= 1066e6 &&
                    p.core_hz <= core_hz + tolerance_hz && is_better(&p, best))
                    *best = p;
            }
        }
    }
    best->memory_hz = best->core_hz;
}

bool pll_choose(const struct board *board, double core_hz, struct pll *pll, struct error *err)
{
    *pll = (struct pll){.input = 0};
    if (board->family == FAMILY_ECP5)
        search_ecp5(board, core_hz, pll);
    else if (board->family == FAMILY_ICE40)
        search_ice40(board, core_hz, pll);
    return pll->input ||
           error_set(err, ERROR_INPUT, "--clock: the PLL of %s makes nothing near %g MHz from %g",
                     board->name, core_hz / 1e6, board->oscillator_hz / 1e6);
}
