/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much the loss minds an error of each output of a matrix, and of several
 * outputs together: sums of g g^T over tokens, g being the gradient of the next
 * token's cross-entropy by the matrix's outputs.  With the second moments of the
 * inputs this is the Kronecker-factored Fisher information (Martens and Grosse
 * 2015, "Optimizing neural networks with Kronecker-factored approximate
 * curvature", section 3), exactly of the Fisher kind where the text was drawn
 * from the model itself.
 */
#ifndef MILLRACE_GEN_QUANT_SENSITIVITY_H
#define MILLRACE_GEN_QUANT_SENSITIVITY_H

#include "gen/quant/calibration.h"

/* Blocks on the diagonal: row r of block r / block couples with the rows
 * (r / block) * block + j. */
struct row_coupling {
    uint32_t rows, block;
    float *value; /* [rows][block] */
};

struct layer_sensitivity {
    struct row_coupling qkv, output, gate_up, down;
};

struct sensitivity {
    struct layer_sensitivity *layer; /* [layers] */
    struct arena arena;              /* owns all */
};

/* From the first `sequences` of the calibration text. ERROR_FAILED for want of
 * memory. */
bool sensitivity_measure(const struct folded_model *model, const struct calibration *calibration,
                         uint32_t sequences, struct sensitivity *out, struct error *err);

void sensitivity_free(struct sensitivity *sensitivity);

#endif
