/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of weights as float, from the formats that files hold them in. */
#include "gen/graph/model.h"

#include <stdlib.h>

#include "base/little_endian.h"

static void row_f32(const struct weight *w, uint64_t row, float *out)
{
    memcpy(out, w->data + row * w->columns * sizeof *out, w->columns * sizeof *out);
}

/* llama2.c's version 2: the groups run on through the rows of a matrix. */
static void row_llama2c_q8(const struct weight *w, uint64_t row, float *out)
{
    uint64_t first = row * w->columns;
    const int8_t *q = (const int8_t *)w->data + first;

    for (uint32_t i = 0; i < w->columns; i++)
        out[i] = (float)q[i] * load_f32(w->scales + (first + i) / w->group * sizeof(float));
}

void weight_row(const struct weight *w, uint32_t row, float *out)
{
    uint64_t file_row = w->row_order ? w->row_order[row] : row;

    switch (w->format) {
    case WEIGHT_F32:
        row_f32(w, file_row, out);
        return;
    case WEIGHT_LLAMA2C_Q8:
        row_llama2c_q8(w, file_row, out);
        return;
    default:
        break;
    }
    abort(); /* no importer hands out another format */
}
