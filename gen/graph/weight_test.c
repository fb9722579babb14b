/* SPDX-License-Identifier: Apache-2.0 */
/* weight_row against each format's definition, worked out another way. */
#include <math.h>

#include "gen/graph/half.h"
#include "gen/graph/model.h"
#include "testbench/test_support.h"

enum { SEED = 20240607, ROWS = 3 };

/* binary16 by its definition: (-1)^s * 2^(e-15) * (1 + m/1024), or subnormal. */
static double half_value(uint16_t half)
{
    int exponent = half >> 10 & 31;
    double mantissa = (half & 1023) / 1024.0;
    double magnitude = exponent == 0 ? ldexp(mantissa, -14) : ldexp(1 + mantissa, exponent - 15);
    return half & 0x8000 ? -magnitude : magnitude;
}

static void test_half_all_values(void **state)
{
    (void)state;
    for (uint32_t half = 0; half < 0x10000; half++) {
        float value = half_to_float((uint16_t)half);
        if ((half >> 10 & 31) == 31) {
            assert_true((half & 1023) ? isnan(value) : isinf(value));
            continue;
        }
        if ((double)value != half_value((uint16_t)half) || !signbit(value) != !(half & 0x8000))
            fail_msg("half %04x is %.9g, not %.9g", half, (double)value,
                     half_value((uint16_t)half));
    }
}

static void check_rows(const struct weight *w, const double *expected, double tolerance)
{
    float row[512];
    for (uint32_t r = 0; r < w->rows; r++) {
        weight_row(w, r, row);
        for (uint32_t c = 0; c < w->columns; c++) {
            double want = expected[r * w->columns + c];
            if (fabs((double)row[c] - want) > tolerance * fabs(want))
                fail_msg("format %d, row %u, column %u: %.9g, not %.9g (seed %d)", w->format, r, c,
                         (double)row[c], want, SEED);
        }
    }
}

static void test_plain_formats(void **state)
{
    enum { COLUMNS = 7 };
    struct bytes f32 = {0}, f16 = {0}, bf16 = {0};
    double want32[ROWS * COLUMNS], want16[ROWS * COLUMNS], want_b[ROWS * COLUMNS];
    uint64_t seed = SEED;
    (void)state;

    for (int i = 0; i < ROWS * COLUMNS; i++) {
        float value = next_float(&seed);
        uint16_t half = (uint16_t)(next_random(&seed) & 0xbfff), b = 0;
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        b = (uint16_t)(bits >> 16);
        put_f32(&f32, value);
        put_u16(&f16, half);
        put_u16(&bf16, b);
        want32[i] = (double)value;
        want16[i] = half_value(half);
        bits &= 0xffff0000;
        memcpy(&value, &bits, sizeof value);
        want_b[i] = (double)value;
    }
    struct weight w = {.rows = ROWS, .columns = COLUMNS, .format = WEIGHT_F32, .data = f32.data};
    check_rows(&w, want32, 0);
    w.format = WEIGHT_F16;
    w.data = f16.data;
    check_rows(&w, want16, 0);
    w.format = WEIGHT_BF16;
    w.data = bf16.data;
    check_rows(&w, want_b, 0);
    bytes_free(&f32);
    bytes_free(&f16);
    bytes_free(&bf16);
}

static void test_row_order(void **state)
{
    const float data[] = {0, 1, 10, 11, 20, 21};
    const uint32_t order[] = {2, 0, 1};
    const double want[] = {20, 21, 0, 1, 10, 11};
    (void)state;
    check_rows(&(struct weight){.format = WEIGHT_F32,
                                .data = (const uint8_t *)data,
                                .rows = 3,
                                .columns = 2,
                                .row_order = order},
               want, 0);
}

/* Groups of 4 over rows of 6: the second group straddles rows 0 and 1. */
static void test_llama2c_q8_straddles(void **state)
{
    const int8_t q[] = {1, 2, 3, 4, 5, 6, 7, 8, -9, -10, -128, 127};
    const float scales[] = {1, 10, 0.5f};
    const double want[] = {1, 2, 3, 4, 50, 60, 70, 80, -4.5, -5, -64, 63.5};
    (void)state;
    check_rows(&(struct weight){.format = WEIGHT_LLAMA2C_Q8,
                                .data = (const uint8_t *)q,
                                .scales = (const uint8_t *)scales,
                                .group = 4,
                                .rows = 2,
                                .columns = 6},
               want, 0);
}

/* A random block of a GGUF format, and its values from the definition. */
static uint16_t put_half(struct bytes *b, uint64_t *seed)
{
    uint16_t half = (uint16_t)(0x1000 + next_random(seed) % 0x1800); /* small and positive */
    put_u16(b, half);
    return half;
}

static void make_q8_0(struct bytes *b, uint64_t *seed, double *want)
{
    double d = half_value(put_half(b, seed));
    for (int i = 0; i < 32; i++) {
        int8_t q = (int8_t)next_random(seed);
        put_u8(b, (uint8_t)q);
        want[i] = d * q;
    }
}

static void make_q4(struct bytes *b, uint64_t *seed, double *want, bool has_minimum)
{
    double d = half_value(put_half(b, seed));
    double minimum = has_minimum ? half_value(put_half(b, seed)) : -8 * d;
    for (int i = 0; i < 16; i++) {
        uint32_t low = next_random(seed) % 16, high = next_random(seed) % 16;
        put_u8(b, (uint8_t)(low | high << 4));
        want[i] = d * low + minimum;
        want[16 + i] = d * high + minimum;
    }
}

static void make_q4_0(struct bytes *b, uint64_t *seed, double *want)
{
    make_q4(b, seed, want, false);
}

static void make_q4_1(struct bytes *b, uint64_t *seed, double *want)
{
    make_q4(b, seed, want, true);
}

/* Packs chosen 6-bit scales and minima, where weight.c unpacks them. */
static void make_q4_k(struct bytes *b, uint64_t *seed, double *want)
{
    uint32_t scale[8], minimum[8], q[256];
    double d = half_value(put_half(b, seed)), dmin = half_value(put_half(b, seed));

    for (int j = 0; j < 8; j++) {
        scale[j] = next_random(seed) % 64;
        minimum[j] = next_random(seed) % 64;
    }
    for (int i = 0; i < 256; i++) {
        q[i] = next_random(seed) % 16;
        int group = i / 32;
        want[i] = d * scale[group] * q[i] - dmin * minimum[group];
    }
    for (int j = 0; j < 4; j++)
        put_u8(b, (uint8_t)(scale[j] | (scale[j + 4] / 16) << 6));
    for (int j = 0; j < 4; j++)
        put_u8(b, (uint8_t)(minimum[j] | (minimum[j + 4] / 16) << 6));
    for (int j = 4; j < 8; j++)
        put_u8(b, (uint8_t)(scale[j] % 16 | (minimum[j] % 16) << 4));
    for (int pair = 0; pair < 4; pair++)
        for (int i = 0; i < 32; i++)
            put_u8(b, (uint8_t)(q[pair * 64 + i] | q[pair * 64 + 32 + i] << 4));
}

static void make_q6_k(struct bytes *b, uint64_t *seed, double *want)
{
    uint32_t q[256];
    int8_t scale[16];

    for (int i = 0; i < 256; i++)
        q[i] = next_random(seed) % 64;
    for (int i = 0; i < 16; i++)
        scale[i] = (int8_t)next_random(seed);
    for (int half = 0; half < 256; half += 128) /* low 4 bits: quarters 0 and 2, 1 and 3 */
        for (int i = 0; i < 64; i++)
            put_u8(b, (uint8_t)(q[half + i] % 16 | (q[half + 64 + i] % 16) << 4));
    for (int half = 0; half < 256; half += 128) /* high 2 bits of the four quarters */
        for (int i = 0; i < 32; i++)
            put_u8(b, (uint8_t)(q[half + i] / 16 | (q[half + 32 + i] / 16) << 2 |
                                (q[half + 64 + i] / 16) << 4 | (q[half + 96 + i] / 16) << 6));
    put(b, scale, sizeof scale);
    double d = half_value(put_half(b, seed));
    for (int i = 0; i < 256; i++)
        want[i] = d * (double)(scale[i >> 4] * ((int)q[i] - 32));
}

static void test_gguf_blocks(void **state)
{
    static const struct {
        enum weight_format format;
        void (*make)(struct bytes *b, uint64_t *seed, double *want);
    } kinds[] = {
        {WEIGHT_GGUF_Q8_0, make_q8_0}, {WEIGHT_GGUF_Q4_0, make_q4_0}, {WEIGHT_GGUF_Q4_1, make_q4_1},
        {WEIGHT_GGUF_Q4_K, make_q4_k}, {WEIGHT_GGUF_Q6_K, make_q6_k},
    };
    static double want[ROWS * 512];
    uint64_t seed = SEED;
    (void)state;

    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct bytes b = {0};
        uint32_t elements, bytes, columns;
        weight_block(kinds[k].format, &elements, &bytes);
        columns = 2 * elements; /* two blocks a row */
        for (uint32_t i = 0; i < 2 * ROWS; i++)
            kinds[k].make(&b, &seed, want + (size_t)i * elements);
        assert_int_equal(b.size, 2 * ROWS * bytes);
        struct mapped_file exact = exact_copy(b.data, b.size);
        /* Products are rounded to float once or twice. */
        check_rows(
            &(struct weight){
                .format = kinds[k].format, .data = exact.data, .rows = ROWS, .columns = columns},
            want, 1e-4);
        free((void *)(uintptr_t)exact.data);
        bytes_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_half_all_values), cmocka_unit_test(test_plain_formats),
        cmocka_unit_test(test_row_order),       cmocka_unit_test(test_llama2c_q8_straddles),
        cmocka_unit_test(test_gguf_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
