/* SPDX-License-Identifier: Apache-2.0 */
/* The weights of a Mamba model out of a container, whatever it calls them. */
#ifndef MILLRACE_GEN_IMPORT_MAMBA_TENSORS_H
#define MILLRACE_GEN_IMPORT_MAMBA_TENSORS_H

#include "gen/import/tensor.h"

/* Names as those of struct tensor_names. */
struct mamba_names {
    const char *embedding, *final_norm, *head, *layer_prefix;
    const char *norm, *in_proj, *conv, *conv_bias, *x_proj, *dt_proj;
    const char *dt_bias; /* in Mamba-2; in Mamba it is dt_proj_bias */
    const char *dt_proj_bias, *a, *d, *gated_norm, *out_proj;
};

/* Take all weights of a Mamba model whose sizes, tied_head and layer array are
 * set.  A tensor that is left over is refused, unless its name ends in a string
 * of `ignored` (NULL-ended). */
bool mamba_take_tensors(struct model *model, const struct tensor_table *table,
                        const struct mamba_names *names, const char *const *ignored,
                        const char *model_name, struct error *err);

/* Do the sizes make a Mamba model?  As import_check_sizes. */
bool mamba_check_sizes(const struct model *model, const char *name, struct error *err);

/* Make model->mamba_layer, once it is sure that `size` bytes can hold so many. */
bool mamba_make_layers(struct model *model, size_t size, const char *name, struct error *err);

#endif
