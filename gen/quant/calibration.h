/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each matrix's inputs look like: sums of input * input^T over a text that
 * the float model reads, or, where there is none, writes itself (sampled at
 * temperature 1 from its BOS with a fixed seed), so that no data is needed.
 */
#ifndef MILLRACE_GEN_QUANT_CALIBRATION_H
#define MILLRACE_GEN_QUANT_CALIBRATION_H

#include "gen/graph/float_model.h"
#include "gen/mill/mill.h"
#include "gen/quant/fold.h"

struct calibration {
    uint32_t layers;
    uint64_t tokens;                /* seen */
    float *(*hessian)[MATRIX_HEAD]; /* [layer][kind]: [columns][columns]; NULL: no such kind */
    float (*range)[RANGES];         /* [layer]: the largest magnitude seen */
    uint32_t columns[MATRIX_HEAD];
    struct arena arena;
};

/* `mill` must hold the float model and the tokenizer; `text` is a path or NULL.
 * Documents in the text end at lines that hold only <|endoftext|>. */
bool calibration_run(struct calibration *c, const struct mill *mill, const char *text,
                     struct error *err);
void calibration_free(struct calibration *c);

/* The Hessian in the coordinates of a folded matrix, whose inputs are the
 * model's over sqrt(dim) times the norm's weight; malloc'd.  `norm` is NULL
 * where no norm is folded in. */
float *calibration_fold(const struct calibration *c, uint32_t layer, enum matrix_kind kind,
                        const struct weight *norm);

#endif
