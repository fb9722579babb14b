/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "host/documents.h"

enum { ROOM = 256 };

/* The documents of `text`, each in brackets. */
static void split(const char *text, char out[ROOM])
{
    struct documents documents = {.text = text, .size = strlen(text)};
    struct document document;
    size_t at = 0;

    out[0] = '\0';
    while (documents_next(&documents, &document) && at < ROOM)
        at += (size_t)snprintf(out + at, ROOM - at, "[%.*s]", (int)document.size, document.text);
}

static void test_splitting(void **state)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"", ""},
        {"\n \n", ""},
        {"one", "[one]"},
        {"one\ntwo\n", "[one\ntwo]"},
        {"one\n<|endoftext|>\ntwo", "[one][two]"},
        {"one\n<|endoftext|>", "[one]"},
        {"<|endoftext|>\none", "[one]"},
        {"one\n<|endoftext|>\n\n<|endoftext|>\n two\t\n", "[one][two]"},
        {"one\r\n<|endoftext|>\r\ntwo\r\n", "[one][two]"},
        {"one <|endoftext|>\n<|endoftext|>x\n <|endoftext|>\n",
         "[one <|endoftext|>\n<|endoftext|>x\n <|endoftext|>]"},
    };
    char got[ROOM];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        split(cases[i].text, got);
        assert_string_equal(got, cases[i].expected);
    }
}

static void test_counting(void **state)
{
    const char text[] = "a\n<|endoftext|>\n\n<|endoftext|>\nb\n";
    struct documents documents = {.text = text, .size = sizeof text - 1};
    struct document first;

    (void)state;
    assert_int_equal(documents_count(documents), 2);
    assert_true(documents_next(&documents, &first));
    assert_int_equal(documents_count(documents), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_splitting),
        cmocka_unit_test(test_counting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
