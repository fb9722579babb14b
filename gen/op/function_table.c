/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/op/function_table.h"

#include <math.h>
#include <pthread.h>

#include "gen/op/numerics.h"

typedef double function(double x);

static double silu(double x)
{
    return x / (1 + exp(-x));
}

static double exp2_negative(double x)
{
    return exp2(-x);
}

/* Smooth and between 1 and log2(e), so that the tail of softplus keeps its
 * relative precision: log2(1 + 2^-x) is 2^-x times this. */
static double softplus_ratio(double x)
{
    return exp2(x) * log2(1 + exp2(-x));
}

static double reciprocal(double x)
{
    return 1 / x;
}

static double reciprocal_square_root(double x)
{
    return 1 / sqrt(x);
}

/* Entries first..last-1 hold function(step * (entry - origin)), `fraction` bits. */
static const struct {
    function *function;
    unsigned first, last, origin;
    double step;
    int fraction;
} segments[] = {
    {silu, 0, 256, FUNCTION_SILU, 1.0 / 16, GATE_FRACTION},
    {exp2_negative, 256, 320, FUNCTION_EXP2, 1.0 / 64, 16},
    {reciprocal, 320, 384, FUNCTION_RECIPROCAL, 1.0 / 128, 15},
    {softplus_ratio, 384, 416, FUNCTION_SOFTPLUS, 1.0 / 4, 16},
    {reciprocal_square_root, 416, 512, FUNCTION_RSQRT, 1.0 / 128, 15},
};

static struct function_chord table[FUNCTION_ENTRIES];

static void fill_table(void)
{
    for (size_t s = 0; s < sizeof segments / sizeof segments[0]; s++)
        for (unsigned at = segments[s].first; at < segments[s].last; at++) {
            double x = segments[s].step * (at - segments[s].origin);
            double start = ldexp(segments[s].function(x), segments[s].fraction);
            double end = ldexp(segments[s].function(x + segments[s].step), segments[s].fraction);
            table[at].base = (int32_t)lround(start);
            table[at].slope = (int32_t)(lround(end) - lround(start));
        }
}

const struct function_chord *function_table(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, fill_table);
    return table;
}

int32_t function_table_eval(unsigned address, uint32_t low, unsigned bits)
{
    const struct function_chord *chord = &function_table()[address];

    return chord->base + (int32_t)round_shift((int64_t)chord->slope * low, bits);
}

void function_table_write(FILE *file)
{
    for (unsigned at = 0; at < FUNCTION_ENTRIES; at++) {
        const struct function_chord *chord = &function_table()[at];
        uint64_t word =
            (uint64_t)((uint32_t)chord->base & 0x3FFFF) << 18 | ((uint32_t)chord->slope & 0x3FFFF);
        fprintf(file, "%09llx\n", (unsigned long long)word);
    }
}
