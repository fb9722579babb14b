/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a trained model to a compiled one: quantise, choose the fixed-point
 * formats, lay out the tape.
 */
#ifndef MILLRACE_GEN_COMPILE_H
#define MILLRACE_GEN_COMPILE_H

#include "gen/graph/model.h"
#include "gen/mill/mill.h"

struct compile_options {
    unsigned weight_bits;            /* 8, 4, 3 or 2; the head and the embedding have 8 */
    unsigned act_bits;               /* 8 or 4 */
    uint32_t max_seq;                /* 0: the model's */
    const struct npy_matrix *frames; /* of a classifier, to calibrate on */
    const char *calibration;         /* a text to calibrate on; NULL: one that the model writes */
    bool floats;                     /* keep the float model, for the float device */

    /* Of a Mamba model. */
    bool rotate;         /* Hadamard rotations before 4-bit quantisation */
    bool smooth;         /* even out_proj's inputs out instead; Mamba-2 */
    bool z_first;        /* before the scan, which hides behind nothing then; Mamba-2 */
    bool to_nearest;     /* round weights so, without compensation */
    unsigned state_bits; /* 8, 12 or 16 of a state's mantissa; 0: 8 */
};

/* The result's memory lies in mill->arena, but for the tokenizer, which stays
 * the model's: compiled_free instead of mill_close. */
bool compile_model(const struct model *model, const struct compile_options *options,
                   struct mill *mill, struct error *err);
void compiled_free(struct mill *mill);

#endif
