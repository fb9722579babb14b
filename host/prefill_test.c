/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/prefill.h"

enum { COLUMNS = 4, LONGEST = 17 };

static void test_every_length(void **state)
{
    uint32_t ids[LONGEST];
    struct pass_column column[COLUMNS];

    (void)state;
    for (uint32_t i = 0; i < LONGEST; i++)
        ids[i] = 100 + i;
    for (size_t count = 0; count <= LONGEST; count++) {
        struct prefill prefill = {.ids = ids, .count = count, .columns = COLUMNS, .column = column};
        struct pass pass;
        size_t passes = 0;
        uint32_t next = 0;

        for (; prefill_next(&prefill, &pass); passes++) {
            assert_int_equal(pass.mode, PASS_PREFILL);
            assert_in_range(pass.count, 1, COLUMNS);
            for (uint32_t c = 0; c < pass.count; c++, next++) {
                assert_int_equal(pass.column[c].position, next);
                assert_int_equal(pass.column[c].token, 100 + next);
            }
            assert_int_equal(prefill.done, next);
        }
        assert_int_equal(next, count);
        assert_int_equal(passes, (count + COLUMNS - 1) / COLUMNS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_length)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
