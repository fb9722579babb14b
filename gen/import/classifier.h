/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classifiers of sequences as MambaLite-Micro has them (Xu et al. 2025, arXiv
 * 2509.05488): a linear layer, one Mamba block without norm and residual, the mean over
 * the frames, a linear layer.  They become a Mamba model whose residual stream
 * gen/mill/frames.h describes: both linear layers are folded into its matrices, and the
 * mean of the results is that of the logits.
 *
 * The vocabulary is the classes and one more, the logit of the constant.
 */
#ifndef MILLRACE_GEN_IMPORT_CLASSIFIER_H
#define MILLRACE_GEN_IMPORT_CLASSIFIER_H

#include <jansson.h>

#include "gen/import/tensor.h"

/* Is this config.json that of a classifier? */
bool classifier_config_is(const json_t *config);

/* The sizes from config.json, into *model, which is zeroed but for its name. */
bool classifier_config_parse(struct model *model, const json_t *config, const char *path,
                             struct error *err);

/* Its weights, after the sizes; features are taken in units of a frame's steps until
 * classifier_set_scale. */
bool classifier_take_tensors(struct model *model, const struct tensor_table *table,
                             const char *name, struct error *err);

/* `scale` steps of a frame are a unit of a feature; once. */
bool classifier_set_scale(struct model *model, float scale, struct error *err);

#endif
