/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rotary position embedding (RoFormer, Su et al. 2021): its frequencies, and
 * the ways to stretch them over a longer context than the model was trained on.
 */
#ifndef MILLRACE_GEN_IMPORT_ROPE_H
#define MILLRACE_GEN_IMPORT_ROPE_H

#include "gen/graph/model.h"

enum rope_type {
    ROPE_PLAIN,
    ROPE_LINEAR, /* all frequencies over `factor` */
    ROPE_LLAMA3, /* the low ones over `factor`, the high as they are, a ramp between */
    ROPE_YARN,   /* the same with another ramp (Peng et al. 2023), and a scale on q.k */
};

struct rope {
    enum rope_type type;
    double base;                  /* 10000, unless the file says so */
    double factor;                /* all but ROPE_PLAIN */
    double original_context;      /* ROPE_LLAMA3, ROPE_YARN: positions trained on */
    double low_frequency_factor;  /* ROPE_LLAMA3 */
    double high_frequency_factor; /* ROPE_LLAMA3 */
    double beta_fast, beta_slow;  /* ROPE_YARN: turns in original_context */
    double attention_factor;      /* ROPE_YARN: on q and on k; 0: from `factor` */
    bool keep_fractions;          /* ROPE_YARN: ends of the ramp not rounded */
};

/* Make model->rope_frequency (of model->head_dim / 2 pairs) and set
 * model->rope_attention_scale.  ERROR_INPUT where a number is out of range. */
bool rope_set(struct model *model, const struct rope *rope, const char *name, struct error *err);

/* For a format that rotates element i with i + head_dim/2: give wq and wk of all
 * layers the order of rows that makes such pairs adjacent. */
bool rope_pair_halves(struct model *model, const char *name, struct error *err);

#endif
