/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/random.h"

/* The generator from state 1, 2, 3, 4, as its authors' C gives it. */
static void test_xoshiro(void **state)
{
    static const uint64_t expected[] = {
        11520, 0, 1509978240, 1215971899390074240, 1216172134540287360, 607988272756665600,
    };
    struct random random = {{1, 2, 3, 4}};

    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_true(random_next(&random) == expected[i]);
}

/* SplitMix64 from 0. */
static void test_seed(void **state)
{
    static const uint64_t expected[] = {0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F,
                                        0xF88BB8A8724C81EC};
    struct random random;

    (void)state;
    random_seed(&random, 0);
    assert_memory_equal(random.state, expected, sizeof expected);
}

static void test_unit(void **state)
{
    struct random random;
    double sum = 0;

    (void)state;
    random_seed(&random, 1);
    for (int i = 0; i < 100000; i++) {
        double x = random_unit(&random);
        assert_true(x >= 0 && x < 1);
        sum += x;
    }
    assert_true(sum / 100000 > 0.495 && sum / 100000 < 0.505); /* 5 deviations */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xoshiro),
        cmocka_unit_test(test_seed),
        cmocka_unit_test(test_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
