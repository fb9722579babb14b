/* SPDX-License-Identifier: Apache-2.0 */
/* The named tensors of a container (safetensors, GGUF) on their way into a model. */
#ifndef MILLRACE_GEN_IMPORT_TENSOR_H
#define MILLRACE_GEN_IMPORT_TENSOR_H

#include "gen/graph/model.h"

enum { TENSOR_DIMENSIONS = 4 };

struct tensor {
    const char *name;
    const char *file; /* that it is in, for messages */
    const char *type; /* as the file calls it, for messages */
    bool readable;    /* its type is one of enum weight_format */
    bool used;
    enum weight_format format;
    uint32_t dimensions;
    uint64_t shape[TENSOR_DIMENSIONS]; /* outermost first: rows, columns */
    const uint8_t *data;               /* checked: all its bytes are in the file */
};

struct tensor_table {
    struct tensor *tensor;
    size_t count;
};

/* Sort by name, for tensor_find.  ERROR_INPUT where two have one name. */
bool tensor_table_sort(struct tensor_table *table, struct error *err);

struct tensor *tensor_find(const struct tensor_table *table, const char *name);

/* The tensor as a weight of exactly this shape; a vector where rows is 1.
 * `model_name` is the file's or folder's, for a tensor that is missing. */
bool tensor_take(const struct tensor_table *table, const char *model_name, const char *name,
                 uint32_t rows, uint32_t columns, struct weight *weight, struct error *err);

/* One weight of a layer, by its name there. */
struct tensor_part {
    const char *name;
    struct weight *weight;
    uint32_t rows, columns;
};

/* Take the parts of a layer: of layer 7, `prefix`, "7." and the part's name. */
bool tensor_take_parts(const struct tensor_table *table, const char *model_name, const char *prefix,
                       uint32_t layer, const struct tensor_part *part, size_t count,
                       struct error *err);

/* Refuse a tensor that nobody has taken, for the model would not be what the
 * file means, unless its name ends in a string of `ignored` (NULL-ended).
 * `kind` of model is for the message. */
bool tensor_check_left_over(const struct tensor_table *table, const char *const *ignored,
                            const char *kind, struct error *err);

/* What a format calls the weights.  Those of layer 7 are layer_prefix, "7.",
 * and the name here. */
struct tensor_names {
    const char *embedding, *final_norm, *head, *layer_prefix;
    const char *attention_norm, *wq, *wk, *wv, *wo, *ffn_norm, *w_gate, *w_up, *w_down;
};

/* Take all weights of a Llama model whose sizes, tied_head and layer array are
 * set; none but `ignored` may be left over. */
bool tensor_take_llama(struct model *model, const struct tensor_table *table,
                       const struct tensor_names *names, const char *const *ignored,
                       const char *model_name, struct error *err);

#endif
