/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/cross_entropy.h"

static void test_even_odds(void **state)
{
    const float logits[4] = {3, 3, 3, 3};

    (void)state;
    assert_true(fabs(cross_entropy(logits, 4, 2) - log(4)) < 1e-15);
}

/* Where exp(logit) itself would be infinite, or every one of them 0. */
static void test_far_from_zero(void **state)
{
    const float high[2] = {10000, 9999}, low[2] = {-10000, -10001};
    double expected = log1p(exp(-1));

    (void)state;
    assert_true(fabs(cross_entropy(high, 2, 0) - expected) < 1e-12);
    assert_true(fabs(cross_entropy(high, 2, 1) - (expected + 1)) < 1e-12);
    assert_true(fabs(cross_entropy(low, 2, 0) - expected) < 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_even_odds),
        cmocka_unit_test(test_far_from_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
