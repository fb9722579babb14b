/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/device_backend.h"
#include "host/figures.h"

static const struct mill mill = {.name = "model", .tape_size = 6400};

static double member(const struct figures *f, const char *key)
{
    json_t *object = json_object();
    assert_true(figures_to_json(f, object));
    const json_t *value = json_object_get(object, key);
    assert_non_null(value);
    double number = json_is_null(value) ? NAN : json_number_value(value);
    json_decref(object);
    return number;
}

static void near(double got, double expected)
{
    if (!(fabs(got - expected) < 1e-12 * fabs(expected)))
        fail_msg("%.15g is not %.15g", got, expected);
}

/* Two passes of 1000 cycles, each moving the tape of 800 words. */
static void test_hardware(void **state)
{
    struct device device = {
        .info = {.columns = 4,
                 .lanes = 16,
                 .clock_hz = 50e6,
                 .memory_bytes_per_cycle = 7.5,
                 .tape_word_bytes = 8},
        .counters = {.cycles = 2000,
                     .tape_words = 1600,
                     .matrix_cycles = 1500,
                     .macs = 64000,
                     .matrix_macs = 60000},
    };
    struct figures f = {.mill = &mill,
                        .device = &device,
                        .token_cycles = 1000,
                        .tokens = 4,
                        .seconds = 0.5,
                        .wall_tokens = 8};

    (void)state;
    near(member(&f, "tape_utilisation"), 12800 / 15000.0);
    near(member(&f, "array_utilisation"), 64000 / (16.0 * 4 * 2000));
    near(member(&f, "array_utilisation_matrix"), 60000 / (16.0 * 4 * 1500));
    near(member(&f, "cycles"), 2000);
    near(member(&f, "cycles_per_token"), 250);
    near(member(&f, "tokens_per_second"), 200000);
    near(member(&f, "wall_tokens_per_second"), 16);
    near(member(&f, "tape_bytes"), 6400);
}

static void test_no_hardware(void **state)
{
    static const char *const absent[] = {
        "cycles",   "cycles_per_token",  "tape_utilisation",         "array_utilisation",
        "clock_hz", "tokens_per_second", "array_utilisation_matrix",
    };
    struct device device = {.info = {.columns = 32}, .counters = {.macs = 64000}};
    struct figures f = {.mill = &mill, .device = &device, .tokens = 4, .seconds = 0.5};

    (void)state;
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        assert_true(isnan(member(&f, absent[i])));
    near(member(&f, "tape_bytes"), 6400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hardware),
        cmocka_unit_test(test_no_hardware),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
