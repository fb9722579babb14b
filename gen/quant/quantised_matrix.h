/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A matrix in the integer model's form: small signed integers, an unsigned
 * 8-bit scale a group of inputs, one power of two for all:
 *
 *     w[r][i] = q[r][i] * scale[r][i / group] * 2^-exponent
 */
#ifndef MILLRACE_GEN_QUANT_QUANTISED_MATRIX_H
#define MILLRACE_GEN_QUANT_QUANTISED_MATRIX_H

#include "gen/quant/fold.h"

struct quantised_matrix {
    uint32_t rows;   /* even where bits < 8; a row added for that is 0 */
    uint32_t inputs; /* a multiple of 16; inputs added for that are 0 */
    uint32_t group;  /* inputs a scale: 16, 32 or 64; a row's last group may be shorter */
    unsigned bits;   /* 8, 4, 3 or 2 */
    int exponent;
    int8_t *q;      /* [rows][inputs]; owned */
    uint8_t *scale; /* [rows][groups]; owned */
};

/* Largest magnitude of a weight of so many bits that both signs have. */
static inline int quantised_limit(unsigned bits)
{
    return (1 << (bits - 1)) - 1;
}

/* The exponent with which the largest weight of `from`, `limit` steps of its
 * group's scale, has a scale that fits a byte. */
int quantised_exponent(const struct float_matrix *from, int limit);

static inline uint32_t quantised_groups(const struct quantised_matrix *m)
{
    return (m->inputs + m->group - 1) / m->group;
}

/* Memory for a matrix of the shape of `from`, all zero. */
bool quantised_matrix_alloc(struct quantised_matrix *m, const struct float_matrix *from,
                            unsigned bits, uint32_t group, struct error *err);
void quantised_matrix_free(struct quantised_matrix *m);

/* Every weight to the nearest step; a group's scale is that of its largest. */
bool quantise_to_nearest(const struct float_matrix *from, unsigned bits, uint32_t group,
                         struct quantised_matrix *out, struct error *err);

#endif
