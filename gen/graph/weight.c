/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of weights as float, from the formats that files hold them in.  GGUF's
 * blocks are as ggml defines them (ggml-common.h, block_q8_0 and on): a row is
 * a whole number of blocks.
 */
#include "gen/graph/model.h"

#include <stdlib.h>

#include "base/little_endian.h"
#include "gen/graph/half.h"

static void row_f32(const uint8_t *in, uint32_t columns, float *out)
{
    memcpy(out, in, columns * sizeof *out);
}

static void row_f16(const uint8_t *in, uint32_t columns, float *out)
{
    for (uint32_t i = 0; i < columns; i++)
        out[i] = half_to_float(load_u16(in + 2 * (size_t)i));
}

static void row_bf16(const uint8_t *in, uint32_t columns, float *out)
{
    for (uint32_t i = 0; i < columns; i++)
        out[i] = bfloat_to_float(load_u16(in + 2 * (size_t)i));
}

/* 32 values: float16 d, then int8 q; d * q. */
static void block_q8_0(const uint8_t *in, float *out)
{
    float d = half_to_float(load_u16(in));
    for (int i = 0; i < 32; i++)
        out[i] = d * (int8_t)in[2 + i];
}

/* 32 values: float16 d, then 16 bytes with value i below and i + 16 above. */
static void block_q4_0(const uint8_t *in, float *out)
{
    float d = half_to_float(load_u16(in));
    for (int i = 0; i < 16; i++) {
        out[i] = d * ((in[2 + i] & 15) - 8);
        out[i + 16] = d * ((in[2 + i] >> 4) - 8);
    }
}

/* The same with a minimum in the place of the fixed -8. */
static void block_q4_1(const uint8_t *in, float *out)
{
    float d = half_to_float(load_u16(in)), minimum = half_to_float(load_u16(in + 2));
    for (int i = 0; i < 16; i++) {
        out[i] = d * (in[4 + i] & 15) + minimum;
        out[i + 16] = d * (in[4 + i] >> 4) + minimum;
    }
}

/* Scale and minimum of group j of 8: 6 bits each in 12 bytes.  The first four
 * are whole bytes' low 6 bits; the last four have their high 2 bits above those. */
static void q4_k_scale(const uint8_t *packed, int j, int *scale, int *minimum)
{
    if (j < 4) {
        *scale = packed[j] & 63;
        *minimum = packed[j + 4] & 63;
    } else {
        *scale = (packed[j + 4] & 15) | packed[j - 4] >> 6 << 4;
        *minimum = packed[j + 4] >> 4 | packed[j] >> 6 << 4;
    }
}

/* 256 values: float16 d and dmin, 12 bytes of scales, 8 groups of 32 nibbles of
 * which two share 32 bytes. */
static void block_q4_k(const uint8_t *in, float *out)
{
    float d = half_to_float(load_u16(in)), dmin = half_to_float(load_u16(in + 2));
    const uint8_t *nibbles = in + 16;

    for (int j = 0; j < 8; j++) {
        int scale, minimum;
        q4_k_scale(in + 4, j, &scale, &minimum);
        float group_d = d * (float)scale, group_minimum = dmin * (float)minimum;
        for (int i = 0; i < 32; i++) {
            int q = nibbles[j / 2 * 32 + i] >> (j % 2 * 4) & 15;
            out[j * 32 + i] = group_d * (float)q - group_minimum;
        }
    }
}

/* 256 values of 6 bits: 128 bytes with the low 4, 64 bytes with the high 2, an
 * int8 scale for each 16, float16 d.  Each half of 128 is cut into quarters of
 * 32 that share bytes. */
static void block_q6_k(const uint8_t *in, float *out)
{
    const int8_t *scales = (const int8_t *)in + 192;
    float d = half_to_float(load_u16(in + 208));

    for (int i = 0; i < 256; i++) {
        int half = i / 128, quarter = i % 128 / 32, l = i % 32;
        int low = in[half * 64 + quarter % 2 * 32 + l] >> (quarter / 2 * 4) & 15;
        int high = in[128 + half * 32 + l] >> (quarter * 2) & 3;
        out[i] = d * (float)scales[i >> 4] * (float)((low | high << 4) - 32);
    }
}

/* llama2.c's version 2: the groups run on through the rows of a matrix. */
static void row_llama2c_q8(const struct weight *w, uint64_t row, float *out)
{
    uint64_t first = row * w->columns;
    const int8_t *q = (const int8_t *)w->data + first;

    for (uint32_t i = 0; i < w->columns; i++)
        out[i] = (float)q[i] * load_f32(w->scales + (first + i) / w->group * sizeof(float));
}

static const struct {
    uint32_t elements, bytes; /* of a block */
    void (*row)(const uint8_t *in, uint32_t columns, float *out);
    void (*block)(const uint8_t *in, float *out);
} formats[] = {
    [WEIGHT_F32] = {1, 4, row_f32, NULL},
    [WEIGHT_F16] = {1, 2, row_f16, NULL},
    [WEIGHT_BF16] = {1, 2, row_bf16, NULL},
    [WEIGHT_LLAMA2C_Q8] = {0, 0, NULL, NULL},
    [WEIGHT_GGUF_Q8_0] = {32, 34, NULL, block_q8_0},
    [WEIGHT_GGUF_Q4_0] = {32, 18, NULL, block_q4_0},
    [WEIGHT_GGUF_Q4_1] = {32, 20, NULL, block_q4_1},
    [WEIGHT_GGUF_Q4_K] = {256, 144, NULL, block_q4_k},
    [WEIGHT_GGUF_Q6_K] = {256, 210, NULL, block_q6_k},
};

void weight_block(enum weight_format format, uint32_t *elements, uint32_t *bytes)
{
    *elements = formats[format].elements;
    *bytes = formats[format].bytes;
}

void weight_row(const struct weight *w, uint32_t row, float *out)
{
    uint64_t file_row = w->row_order ? w->row_order[row] : row;

    if (w->format == WEIGHT_LLAMA2C_Q8) {
        row_llama2c_q8(w, file_row, out);
        return;
    }
    uint32_t elements = formats[w->format].elements, bytes = formats[w->format].bytes;
    const uint8_t *in = w->data + file_row * (w->columns / elements) * bytes;
    if (formats[w->format].row) {
        formats[w->format].row(in, w->columns, out);
        return;
    }
    for (uint32_t i = 0; i < w->columns / elements; i++)
        formats[w->format].block(in + (size_t)i * bytes, out + (size_t)i * elements);
}
