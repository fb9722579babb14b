/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/graph/model.h"

#include <math.h>

#include "host/tokenizer/tokenizer.h"

void model_close(struct model *model)
{
    tokenizer_free(model->tokenizer);
    for (size_t i = 0; i < model->file_count; i++)
        mapped_file_close(&model->files[i]);
    arena_free(&model->arena);
    *model = (struct model){0};
}

static uint64_t elements(const struct weight *w)
{
    return (uint64_t)w->rows * w->columns;
}

static uint64_t llama_elements(const struct llama_layer *l)
{
    return elements(&l->attention_norm) + elements(&l->wq) + elements(&l->wk) + elements(&l->wv) +
           elements(&l->wo) + elements(&l->ffn_norm) + elements(&l->w_gate) + elements(&l->w_up) +
           elements(&l->w_down);
}

static uint64_t mamba_elements(const struct mamba_layer *l)
{
    return elements(&l->norm) + elements(&l->in_proj) + elements(&l->conv) +
           elements(&l->conv_bias) + elements(&l->x_proj) + elements(&l->dt_proj) +
           elements(&l->dt_bias) + elements(&l->a) + elements(&l->d) + elements(&l->gated_norm) +
           elements(&l->out_proj);
}

uint64_t model_parameters(const struct model *model)
{
    uint64_t total = elements(&model->embedding) + elements(&model->final_norm);

    if (!model->tied_head)
        total += elements(&model->head);
    for (uint32_t i = 0; i < model->layers; i++)
        total += model->architecture == ARCHITECTURE_LLAMA ? llama_elements(&model->layer[i])
                                                           : mamba_elements(&model->mamba_layer[i]);
    return total;
}

void model_decay_row(const struct model *model, uint32_t layer, uint32_t row, float *out)
{
    const struct weight *a = &model->mamba_layer[layer].a;

    weight_row(a, row, out);
    for (uint32_t i = 0; i < a->columns; i++)
        out[i] = model->a_is_log ? expf(out[i]) : -out[i];
}
