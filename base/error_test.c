/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"

static void test_set_fills_in_and_is_false(void **state)
{
    struct error err;

    (void)state;
    assert_false(error_set(&err, ERROR_INPUT, "%s: byte %d", "model.bin", 28));
    assert_int_equal(err.code, ERROR_INPUT);
    assert_string_equal(err.message, "model.bin: byte 28");
}

static void test_prefix_keeps_code_and_message(void **state)
{
    struct error err;

    (void)state;
    error_set(&err, ERROR_FAILED, "no memory");
    assert_false(error_prefix(&err, "layer %d", 3));
    assert_int_equal(err.code, ERROR_FAILED);
    assert_string_equal(err.message, "layer 3: no memory");
}

static void test_a_long_message_is_cut_and_ended(void **state)
{
    struct error err;
    char longer[2 * sizeof err.message];

    (void)state;
    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    error_set(&err, ERROR_INPUT, "%s", longer);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    error_prefix(&err, "front");
    assert_memory_equal(err.message, "front: xxx", 10);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    error_prefix(&err, "%s", longer);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_fills_in_and_is_false),
        cmocka_unit_test(test_prefix_keeps_code_and_message),
        cmocka_unit_test(test_a_long_message_is_cut_and_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
