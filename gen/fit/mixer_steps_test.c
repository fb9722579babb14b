/* SPDX-License-Identifier: Apache-2.0 */
/* The mixer stepped cycle by cycle, against the formulas where no word is late. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "gen/fit/mixer_steps.h"

static uint64_t payload_words(const struct mixer_hardware *h, bool scan)
{
    uint64_t channels = h->every ? h->inner : h->inner + 2 * h->state;
    uint64_t decays = h->every ? h->state / 4 : 1;
    uint64_t units = scan ? h->heads * (1 + decays) : channels;
    uint64_t lines = (units * 64 + 255) / 256;

    return lines * 256 / h->bus_bits;
}

/* Cycles with every word there as soon as it is wanted, but for `late` cycles before
 * word `late_word`. */
static uint64_t play(const struct mixer_hardware *h, bool scan, uint32_t columns,
                     uint64_t late_word, uint64_t late)
{
    struct mixer_steps m;
    uint64_t left = payload_words(h, scan);

    mixer_steps_start(&m, h, scan, columns);
    for (late_word = left - late_word; left;) {
        bool taken = mixer_steps_ready(&m) && (left != late_word || late == 0);
        late -= left == late_word && late && mixer_steps_ready(&m);
        left -= taken;
        mixer_steps_tick(&m, taken, taken && left == 0);
    }
    return mixer_steps_finish(&m);
}

static void compare(const struct mixer_hardware *h, uint32_t columns)
{
    uint64_t conv = play(h, false, columns, 0, 0), scan = play(h, true, columns, 0, 0);
    uint64_t stated_conv = mixer_conv_cycles(h, columns),
             stated_scan = mixer_scan_cycles(h, columns);

    if (conv != stated_conv || scan != stated_scan)
        fail_msg("%s, inner %u, state %u, heads %u, lanes %u, bus %u, %u columns: CONV %ju, stated "
                 "%ju; SCAN %ju, stated %ju",
                 h->every ? "Mamba" : "Mamba-2", h->inner, h->state, h->heads, h->lanes,
                 h->bus_bits, columns, (uintmax_t)conv, (uintmax_t)stated_conv, (uintmax_t)scan,
                 (uintmax_t)stated_scan);
}

static void test_steps_take_what_is_stated(void **state)
{
    (void)state;
    for (uint32_t bus = 16; bus <= 256; bus *= 2)
        for (uint32_t lanes = 1; lanes <= 8; lanes *= 2)
            for (uint32_t columns = 1; columns <= 5; columns++)
                for (uint32_t inner = 16; inner <= 96; inner += 16) {
                    uint32_t size = 16 * (1 + (inner / 16 + columns) % 3);
                    if (lanes <= 4)
                        compare(&(struct mixer_hardware){true, inner, size, inner, lanes, bus},
                                columns);
                    compare(&(struct mixer_hardware){false, inner, size, inner / 16, lanes, bus},
                            columns);
                }
}

static void test_a_late_word_delays_a_convolution(void **state)
{
    const struct mixer_hardware h = {false, 64, 16, 2, 1, 16};

    (void)state;
    assert_int_equal(play(&h, false, 1, 5, 7), play(&h, false, 1, 0, 0) + 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps_take_what_is_stated),
        cmocka_unit_test(test_a_late_word_delays_a_convolution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
