/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/history.h"

static void feed(struct history *history, enum pass_mode mode, uint32_t slot, uint32_t count,
                 const struct pass_column *column)
{
    const struct pass pass = {mode, RESULT_NONE, slot, count, column};
    struct error err;
    if (!history_add(history, &pass, &err))
        fail_msg("%s", err.message);
}

static void expect(const struct pass *pass, uint32_t first, uint32_t count, const uint32_t *token)
{
    assert_int_equal(pass->mode, PASS_PREFILL);
    assert_int_equal(pass->result, RESULT_NONE);
    assert_int_equal(pass->count, count);
    for (uint32_t c = 0; c < count; c++) {
        assert_int_equal(pass->column[c].position, first + c);
        assert_int_equal(pass->column[c].token, token[c]);
    }
}

static void test_a_slot_is_fed_again(void **state)
{
    static const struct pass_column prompt[] = {{7, 0}, {8, 1}, {9, 2}}, next[] = {{4, 0}, {5, 3}};
    static const uint32_t first[] = {7, 8}, second[] = {9, 5}, other[] = {4};
    struct pass_column column[2];
    struct history history;
    struct error err;

    (void)state;
    assert_true(history_open(&history, 2, &err));
    feed(&history, PASS_PREFILL, 1, 3, prompt);
    feed(&history, PASS_DECODE, 0, 2, next);
    struct pass pass = history_pass(&history, 1, 0, 2, column);
    expect(&pass, 0, 2, first);
    pass = history_pass(&history, 1, 2, 2, column);
    expect(&pass, 2, 2, second);
    assert_int_equal(history_pass(&history, 1, 4, 2, column).count, 0);
    pass = history_pass(&history, 0, 0, 2, column);
    expect(&pass, 0, 1, other);
    history_close(&history);
}

static void test_a_new_text_replaces_the_old(void **state)
{
    static const struct pass_column old[] = {{1, 0}, {2, 1}, {3, 2}}, new = {9, 0};
    static const uint32_t left[] = {9};
    struct pass_column column[4];
    struct history history;
    struct error err;

    (void)state;
    assert_true(history_open(&history, 1, &err));
    feed(&history, PASS_PREFILL, 0, 3, old);
    feed(&history, PASS_PREFILL, 0, 1, &new);
    struct pass pass = history_pass(&history, 0, 0, 4, column);
    expect(&pass, 0, 1, left);
    history_close(&history);
}

static void test_long_texts_and_gaps(void **state)
{
    struct pass_column column = {0, 0};
    struct history history;
    struct error err;

    (void)state;
    assert_true(history_open(&history, 1, &err));
    for (uint32_t i = 0; i < 1000; i++) {
        struct pass_column fed = {3 * i, i};
        feed(&history, PASS_DECODE, 0, 1, &fed);
    }
    history_pass(&history, 0, 999, 1, &column);
    assert_int_equal(column.token, 3 * 999);

    const struct pass_column far = {1, 1001};
    const struct pass pass = {PASS_DECODE, RESULT_NONE, 0, 1, &far};
    assert_false(history_add(&history, &pass, &err));
    assert_string_equal(err.message, "a pass skips from position 1000 to 1001");
    history_close(&history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_slot_is_fed_again),
        cmocka_unit_test(test_a_new_text_replaces_the_old),
        cmocka_unit_test(test_long_texts_and_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
