/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/op/function_table.h"

#include <math.h>

#include "gen/op/numerics.h"

/* The scaled function at the left end of the chord at `address`; `address` may
 * also be one past the function's last. */
static int32_t silu_at(unsigned address)
{
    double x = (address - TABLE_SILU) / 16.0;
    return (int32_t)lround(4096.0 * x / (1.0 + exp(-x)));
}

static int32_t exp2_at(unsigned address)
{
    return (int32_t)lround(65536.0 * exp2(-(double)(address - TABLE_EXP2) / 64.0));
}

static int32_t reciprocal_at(unsigned address)
{
    return (int32_t)lround(32768.0 * 128.0 / (address - TABLE_RECIPROCAL));
}

static int32_t rsqrt_at(unsigned address)
{
    return (int32_t)lround(32768.0 / sqrt((address - TABLE_RSQRT) / 128.0));
}

static const struct function {
    unsigned first, end;
    int32_t (*at)(unsigned address);
} functions[] = {
    {TABLE_SILU, TABLE_SILU + 256, silu_at},
    {TABLE_EXP2, TABLE_EXP2 + 64, exp2_at},
    {TABLE_RECIPROCAL + 64, TABLE_RECIPROCAL + 128, reciprocal_at},
    {TABLE_RSQRT + 32, TABLE_RSQRT + 128, rsqrt_at},
};

struct function_table_chord function_table_chord(unsigned address)
{
    for (unsigned i = 0; i < sizeof functions / sizeof *functions; i++) {
        const struct function *f = &functions[i];
        if (address >= f->first && address < f->end) {
            int32_t base = f->at(address);
            return (struct function_table_chord){base, f->at(address + 1) - base};
        }
    }
    return (struct function_table_chord){0, 0};
}

int32_t function_table_eval(unsigned address, uint32_t low, unsigned bits)
{
    struct function_table_chord chord = function_table_chord(address);
    return chord.base + (int32_t)round_shift((int64_t)chord.slope * low, bits);
}

void function_table_write(FILE *out)
{
    const uint64_t mask = (1u << 18) - 1;
    for (unsigned address = 0; address < TABLE_SIZE; address++) {
        struct function_table_chord chord = function_table_chord(address);
        uint64_t word = ((uint64_t)chord.base & mask) << 18 | ((uint64_t)chord.slope & mask);
        fprintf(out, "%09llx\n", (unsigned long long)word);
    }
}
