/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/options.h"

struct values {
    bool check;
    const char *text;
    uint32_t count;
    uint64_t seed;
    double number;
    const char *operand[2];
    size_t operands;
};

enum { ARGUMENTS_MOST = 12 };

static bool parse(struct values *v, struct error *err, const char *const *words)
{
    const struct option_spec spec[] = {
        {"check", 'c', OPTION_FLAG, &v->check, 0, 0},
        {"text", 't', OPTION_TEXT, &v->text, 0, 0},
        {"count", 'n', OPTION_COUNT, &v->count, 1, 4000000000},
        {"seed", 0, OPTION_SEED, &v->seed, 0, 0},
        {"number", 0, OPTION_NUMBER, &v->number, 0, 2},
    };
    char *argv[ARGUMENTS_MOST + 2] = {(char *)(uintptr_t) "prog"};
    int argc = 1;

    for (; words[argc - 1]; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
    *v = (struct values){.count = 5};
    return options_parse(spec, sizeof spec / sizeof *spec, argc, argv, v->operand, 2, &v->operands,
                         err);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_all_kinds(void **state)
{
    struct values v;
    struct error err;

    (void)state;
    assert_true(parse(&v, &err,
                      WORDS("one", "-c", "--text", "-n", "-n4000000000",
                            "--seed=18446744073709551615", "two", "--number", "0.5")));
    assert_true(v.check);
    assert_string_equal(v.text, "-n");
    assert_true(v.count == 4000000000);
    assert_true(v.seed == UINT64_MAX);
    assert_true(v.number == 0.5);
    assert_int_equal(v.operands, 2);
    assert_string_equal(v.operand[0], "one");
    assert_string_equal(v.operand[1], "two");
}

static void test_defaults_stay(void **state)
{
    struct values v;
    struct error err;

    (void)state;
    assert_true(parse(&v, &err, WORDS("--", "-c")));
    assert_false(v.check);
    assert_int_equal(v.count, 5);
    assert_string_equal(v.operand[0], "-c");
}

static void test_faults_are_named(void **state)
{
    static const struct {
        const char *words[4], *message;
    } cases[] = {
        {{"--bogus"}, "unknown or ambiguous option '--bogus'; see prog --help"},
        {{"-x"}, "unknown option '-x'; see prog --help"},
        {{"--text"}, "--text needs a value"},
        {{"-n"}, "--count needs a value"},
        {{"--check=1"}, "--check takes no value"},
        {{"-n", "0"}, "--count: '0' is not a whole number from 1 to 4000000000"},
        {{"-n", "4000000001"}, "--count: '4000000001' is not a whole number from 1 to 4000000000"},
        {{"-n", "-1"}, "--count: '-1' is not a whole number from 1 to 4000000000"},
        {{"-n", "2x"}, "--count: '2x' is not a whole number from 1 to 4000000000"},
        {{"-n", ""}, "--count: '' is not a whole number from 1 to 4000000000"},
        {{"--number", "nan"}, "--number: 'nan' is not a number from 0 to 2"},
        {{"--number", "2.5"}, "--number: '2.5' is not a number from 0 to 2"},
        {{"--seed", "-1"}, "--seed: '-1' is not a whole number from 0 to 2^64-1"},
        {{"--seed", "18446744073709551616"},
         "--seed: '18446744073709551616' is not a whole number from 0 to 2^64-1"},
        {{"a", "b", "c"}, "'c' is one argument too many; see prog --help"},
    };
    struct values v;
    struct error err;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_false(parse(&v, &err, cases[i].words));
        assert_int_equal(err.code, ERROR_INPUT);
        assert_string_equal(err.message, cases[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_kinds),
        cmocka_unit_test(test_defaults_stay),
        cmocka_unit_test(test_faults_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
