/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text that rounding is calibrated on: sequences of one length, each from
 * the start of a document.  It is the user's, or one that the float model writes
 * itself, so that no data is needed (Liu et al. 2023, "LLM-QAT", section 3.1).
 */
#ifndef MILLRACE_GEN_QUANT_CALIBRATION_H
#define MILLRACE_GEN_QUANT_CALIBRATION_H

#include "gen/quant/folded_model.h"

struct calibration {
    uint32_t sequences, length;
    uint32_t *token; /* [sequences][length]; owned */
};

/* From the documents of a text file, joined, BOS before each; as many sequences
 * as the text has, at most `sequences`.  ERROR_INPUT where that is none. */
bool calibration_read(const struct model *model, const char *path, uint32_t sequences,
                      uint32_t length, struct calibration *out, struct error *err);

/* Let the model write `sequences` of its length at temperature 1, from BOS (or
 * a random token where it has none).  The same model gives the same text. */
bool calibration_write(const struct folded_model *model, uint32_t sequences,
                       struct calibration *out, struct error *err);

void calibration_free(struct calibration *calibration);

#endif
