/* SPDX-License-Identifier: Apache-2.0 */
/* The worst error of every function over every argument, in units of its result. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gen/op/function_table.h"

static double silu(double x)
{
    return x / (1.0 + exp(-x));
}

static double reverse_exp2(double x)
{
    return exp2(-x);
}

static double softplus_ratio(double x)
{
    return exp2(x) * log2(1.0 + exp2(-x));
}

static double reciprocal(double x)
{
    return 1.0 / x;
}

static double rsqrt(double x)
{
    return 1.0 / sqrt(x);
}

static const struct range {
    const char *name;
    double (*exact)(double x);
    uint32_t begin, end; /* integer arguments */
    double one;          /* the argument that means 1.0 */
    double result_one;
    unsigned table, bits;
    double worst; /* measured, rounded up to 0.01 */
} ranges[] = {
    {"silu", silu, 0, 65536, 4096, 4096, FUNCTION_SILU, 8, 1.67},
    {"exp2", reverse_exp2, 0, 1024, 1024, 65536, FUNCTION_EXP2, 4, 1.65},
    {"reciprocal", reciprocal, 32768, 65536, 65536, 32768, FUNCTION_RECIPROCAL, 9, 4.53},
    {"softplus", softplus_ratio, 0, 32768, 4096, 65536, FUNCTION_SOFTPLUS, 10, 28.32},
    {"rsqrt", rsqrt, 16384, 65536, 65536, 32768, FUNCTION_RSQRT, 9, 6.08},
};
enum { RANGES = sizeof ranges / sizeof *ranges };

static int32_t evaluate(const struct range *r, uint32_t x)
{
    return function_table_eval(r->table + (x >> r->bits), x & ((1u << r->bits) - 1), r->bits);
}

static void test_worst_error(void **state)
{
    (void)state;
    for (const struct range *r = ranges; r < ranges + RANGES; r++) {
        double worst = 0.0;
        uint32_t where = 0;
        for (uint32_t x = r->begin; x < r->end; x++) {
            double error = fabs(evaluate(r, x) - r->result_one * r->exact(x / r->one));
            if (error > worst) {
                worst = error;
                where = x;
            }
        }
        print_message("%s: worst error %.4f at %u\n", r->name, worst, where);
        if (worst > r->worst || worst < r->worst - 0.01)
            fail_msg("%s: worst error %.4f at %u, not %.2f", r->name, worst, where, r->worst);
    }
}

/* The hardware relies on it: no result leaves 18 bits, or turns back. */
static void test_monotone_and_in_range(void **state)
{
    (void)state;
    for (const struct range *r = ranges; r < ranges + RANGES; r++)
        for (uint32_t x = r->begin; x < r->end; x++) {
            int32_t y = evaluate(r, x);
            if (y < 0 || y > 131071)
                fail_msg("%s: %d at %u", r->name, y, x);
            int32_t next = x + 1 < r->end ? evaluate(r, x + 1) : y;
            if (r->exact == silu || r->exact == softplus_ratio ? next < y : next > y)
                fail_msg("%s: %d at %u, then %d", r->name, y, x, next);
        }
}

static void test_memory_file(void **state)
{
    char line[16];
    FILE *file = tmpfile();

    (void)state;
    assert_non_null(file);
    function_table_write(file);
    rewind(file);
    for (unsigned address = 0; address < FUNCTION_ENTRIES; address++) {
        struct function_chord chord = function_table()[address];
        char expected[16];
        snprintf(expected, sizeof expected, "%09llx\n",
                 (unsigned long long)(chord.base & 0x3ffff) << 18 |
                     (unsigned long long)(chord.slope & 0x3ffff));
        assert_non_null(fgets(line, sizeof line, file));
        assert_string_equal(line, expected);
    }
    assert_null(fgets(line, sizeof line, file));
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worst_error),
        cmocka_unit_test(test_monotone_and_in_range),
        cmocka_unit_test(test_memory_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
