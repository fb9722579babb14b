/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/fit/pll.h"

#include <math.h>
#include <string.h>

#include "testbench/test_support.h"

static struct pll choose(const char *name, double core_hz)
{
    struct error err = {0};
    struct pll pll;

    if (!pll_choose(board_find(name), core_hz, &pll, &err))
        fail_msg("%s, %g Hz: %s", name, core_hz, err.message);
    return pll;
}

/* What each board's own clock becomes is within the part's limits and near. */
static void test_boards(void **state)
{
    (void)state;
    for (size_t i = 0; board_at(i); i++) {
        const struct board *board = board_at(i);
        if (board->family == FAMILY_NONE)
            continue;
        struct pll p = choose(board->name, board->defaults.clock_hz);
        bool ecp5 = board->family == FAMILY_ECP5;
        double least = ecp5 ? 400e6 : 533e6, most = ecp5 ? 800e6 : 1066e6;

        if (p.vco_hz < least || p.vco_hz > most || p.core_hz > board->defaults.clock_hz + 1 ||
            p.core_hz < 0.9 * board->defaults.clock_hz)
            fail_msg("%s: VCO %g, core %g of %g Hz", board->name, p.vco_hz, p.core_hz,
                     board->defaults.clock_hz);
        assert_true(fabs(p.core_hz * p.core_divider - p.vco_hz) < 1);
        if (ecp5)
            assert_true(fabs(p.memory_hz * p.memory_divider - p.vco_hz) < 1);
    }
}

/* 12 MHz to 24: as the vendor's tool has it, 12 x 64 / 32 with range 1. */
static void test_ice40(void **state)
{
    struct pll p = choose("icebreaker", 24e6);

    (void)state;
    assert_int_equal(p.input, 1);
    assert_int_equal(p.feedback, 64);
    assert_int_equal(p.core_divider, 32);
    assert_int_equal(p.filter, 1);
}

static void test_impossible(void **state)
{
    struct error err = {0};
    struct pll pll;

    (void)state;
    assert_false(pll_choose(board_find("icebreaker"), 1e6, &pll, &err));
    assert_int_equal(err.code, ERROR_INPUT);
    assert_non_null(strstr(err.message, "icebreaker makes nothing near 1 MHz"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boards),
        cmocka_unit_test(test_ice40),
        cmocka_unit_test(test_impossible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
