/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rounding a matrix so that its products are missed least, not its weights:
 * find integers q and scales s with  w[r][c] = q[r][c] * s[r][c / group] * unit[r]
 * that make
 *
 *     sum over rows r, r' of  coupling[r][r'] * d[r] H d[r']^T,   d = w - target
 *
 * small, H being the second moments of the inputs.
 */
#ifndef MILLRACE_GEN_QUANT_ROUNDING_H
#define MILLRACE_GEN_QUANT_ROUNDING_H

#include "gen/quant/quantised_matrix.h"
#include "gen/quant/sensitivity.h"

struct rounding {
    uint32_t rows, columns;
    uint32_t group, groups; /* columns a scale; scales a row */
    unsigned bits;
    float *target;      /* [rows][columns] */
    float *moment;      /* [columns][columns]: H, symmetric, positive definite */
    float *unit;        /* [rows]: a power of two */
    int8_t *q;          /* [rows][columns] */
    uint8_t *scale;     /* [rows][groups] */
    struct arena arena; /* owns the arrays */
};

/* All zero. ERROR_FAILED for want of memory. */
bool rounding_open(struct rounding *r, uint32_t rows, uint32_t columns, unsigned bits,
                   uint32_t group, struct error *err);
void rounding_close(struct rounding *r);

/* Least and largest integer of so many bits. */
static inline int rounding_least(unsigned bits)
{
    return bits == 8 ? -127 : -(1 << (bits - 1));
}

static inline int rounding_most(unsigned bits)
{
    return (1 << (bits - 1)) - 1;
}

/* One unit for rows first..first+rows-1, the finest with which the largest
 * target still fits, and for each group the scale of least squared error, the
 * columns weighted by H's diagonal. */
void rounding_choose_scales(struct rounding *r, uint32_t first, uint32_t rows);

/* Every target to the nearest step. */
void rounding_to_nearest(struct rounding *r);

/* GPTQ (Frantar et al. 2022, algorithm 1; columns in the order of falling
 * moments): each column's error is made up for by the columns after it.
 * ERROR_FAILED for want of memory or where H is not positive definite. */
bool rounding_gptq(struct rounding *r, struct error *err);

/* Coordinate descent from where q and s are: one weight at a time (and, before
 * those of a group, its scale) to the value that is best while all others stay.
 * NULL coupling: the rows by themselves.  Never makes the sum above larger. */
bool rounding_descend(struct rounding *r, const struct row_coupling *coupling, unsigned sweeps,
                      struct error *err);

/* The sum above, for rows by themselves. */
double rounding_error(const struct rounding *r);

/* The rows first..first+rows-1, whose unit is one, as a matrix of its own. */
bool rounding_store(const struct rounding *r, uint32_t first, uint32_t rows,
                    struct quantised_matrix *out, struct error *err);

/* value[rows][columns] = the rounded weights. */
void rounding_values(const struct rounding *r, float *value);

#endif
