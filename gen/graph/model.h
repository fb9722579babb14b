/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trained network as an importer leaves it: shapes, and weights that are
 * still where the file has them (mapped), read a row at a time as float.
 *
 * Importers normalise what differs between formats:
 *  - RoPE pairs are adjacent (2i, 2i+1) as in the RoFormer paper and llama2.c;
 *    a format with split halves gets `row_order` on wq and wk.
 *  - shapes are checked against the file before a weight is handed out.
 */
#ifndef MILLRACE_GEN_GRAPH_MODEL_H
#define MILLRACE_GEN_GRAPH_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/mapped_file.h"
#include "gen/graph/mixer_shape.h"

enum weight_format {
    WEIGHT_F32,
    WEIGHT_F16,
    WEIGHT_BF16,
    WEIGHT_LLAMA2C_Q8, /* int8, groups that may straddle rows; scales apart */
    WEIGHT_GGUF_Q8_0,
    WEIGHT_GGUF_Q4_0,
    WEIGHT_GGUF_Q4_1,
    WEIGHT_GGUF_Q4_K,
    WEIGHT_GGUF_Q6_K,
};

/* A matrix of `rows` outputs by `columns` inputs, row-major in the file.
 * A vector (a norm's weight) has one row. */
struct weight {
    enum weight_format format;
    const uint8_t *data;   /* borrowed from the model's mapped file */
    const uint8_t *scales; /* WEIGHT_LLAMA2C_Q8: float scale of each group */
    uint32_t group;        /* WEIGHT_LLAMA2C_Q8: elements a group */
    uint32_t rows, columns;
    const uint32_t *row_order; /* row r of the model is row row_order[r] of the file; or NULL */
};

struct llama_layer {
    struct weight attention_norm; /* 1 x dim */
    struct weight wq, wk, wv;     /* heads*head_dim (kv_heads*head_dim) x dim */
    struct weight wo;             /* dim x heads*head_dim */
    struct weight ffn_norm;       /* 1 x dim */
    struct weight w_gate, w_up;   /* hidden x dim */
    struct weight w_down;         /* dim x hidden */
};

/* A block of Mamba; rows and columns are those of struct mixer_shape.  `x_proj`
 * and `dt_proj` are Mamba's alone, `gated_norm` is Mamba-2's. */
struct mamba_layer {
    struct weight norm;       /* 1 x dim */
    struct weight in_proj;    /* mixer_in_rows x dim */
    struct weight conv;       /* mixer_channels x conv_width, the oldest tap first */
    struct weight conv_bias;  /* 1 x mixer_channels */
    struct weight x_proj;     /* mixer_x_rows x inner */
    struct weight dt_proj;    /* inner x dt_rank */
    struct weight dt_bias;    /* 1 x heads */
    struct weight a;          /* Mamba: inner x state; Mamba-2: 1 x heads */
    struct weight d;          /* 1 x heads */
    struct weight gated_norm; /* 1 x inner */
    struct weight out_proj;   /* dim x inner */
};

struct model {
    char name[64]; /* from the file's or folder's name */
    enum architecture architecture;
    uint32_t dim, hidden_dim, layers, heads, kv_heads, head_dim;
    uint32_t vocab, max_seq;
    float norm_eps;
    bool tied_head;                /* the head is the embedding */
    uint32_t bos_token, eos_token; /* UINT32_MAX where the model has none */

    /* Inverse frequencies of the head_dim/2 rotated pairs, radians a position,
     * base and scaling (linear, llama3, YaRN where the file says so) applied. */
    const float *rope_frequency;
    float rope_attention_scale; /* multiplies q.k beside 1/sqrt(head_dim); 1 but for YaRN */

    struct weight embedding; /* vocab x dim */
    struct weight head;      /* vocab x dim; the embedding again where tied */
    struct weight final_norm;
    struct llama_layer *layer; /* [layers]; of a Llama model */

    /* Of a Mamba model, where hidden_dim and the heads of attention are 0. */
    struct mixer_shape mixer;
    struct mamba_layer *mamba_layer; /* [layers] */
    bool a_is_log;                   /* A is -exp(a); else it is a */

    uint32_t features;   /* of a classifier: see gen/import/classifier.h; else 0 */
    float feature_scale; /* steps of a frame to a unit; 0 until it is known */

    struct tokenizer *tokenizer; /* owned; NULL of a classifier; see host/tokenizer/tokenizer.h */

    struct arena arena;        /* owns everything above that is not mapped */
    struct mapped_file *files; /* owned, for weights to point into */
    size_t file_count;
};

/* Read `path` (a file, or a folder in the Hugging Face layout), finding out its
 * format from its content.  `tokenizer_path` may be NULL: then the tokenizer
 * in the model's file, or beside it, that fits its vocabulary is taken.
 * On failure *model needs no model_close. */
bool model_open(struct model *model, const char *path, const char *tokenizer_path,
                struct error *err);

void model_close(struct model *model);

/* Row `row` of the weight as float, `w->columns` values into `out`. */
void weight_row(const struct weight *w, uint32_t row, float *out);

/* Elements and bytes of a block of the format, the least that a row is made of.
 * 0 and 0 for WEIGHT_LLAMA2C_Q8, which has none. */
void weight_block(enum weight_format format, uint32_t *elements, uint32_t *bytes);

/* Row `row` of -A, which is positive, of a Mamba model's layer. */
void model_decay_row(const struct model *model, uint32_t layer, uint32_t row, float *out);

/* Total parameters (a tied head counted once). */
uint64_t model_parameters(const struct model *model);

#endif
