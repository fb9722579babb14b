/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/utf8.h"

#define FFFD "\xEF\xBF\xBD"

static void test_repair(void **state)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"", ""},
        {"abc", "abc"},
        {"\xC3\xA9", "\xC3\xA9"},
        {"\xE2\x82\xAC\xF0\x9F\x98\x80", "\xE2\x82\xAC\xF0\x9F\x98\x80"},
        {"\xC3", FFFD},                                     /* broken off */
        {"\xE2\x82z", FFFD FFFD "z"},                       /* broken off by another */
        {"\x80\xFF", FFFD FFFD},                            /* never begins a character */
        {"\xC0\x80\xE0\x80\x80", FFFD FFFD FFFD FFFD FFFD}, /* overlong */
        {"\xED\xA0\x80", FFFD FFFD FFFD},                   /* a surrogate */
        {"\xF4\x90\x80\x80", FFFD FFFD FFFD FFFD},          /* beyond U+10FFFF */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t size;
        char *got = utf8_repair(cases[i].text, strlen(cases[i].text), &size);
        assert_non_null(got);
        assert_string_equal(got, cases[i].expected);
        assert_int_equal(size, strlen(got));
        free(got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_repair)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
