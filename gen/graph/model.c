/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/graph/model.h"

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

uint64_t model_parameters(const struct model *model)
{
    uint64_t total = elements(&model->embedding) + elements(&model->final_norm);

    if (!model->tied_head)
        total += elements(&model->head);
    for (uint32_t i = 0; i < model->layers; i++) {
        const struct llama_layer *layer = &model->layer[i];
        total += elements(&layer->attention_norm) + elements(&layer->wq) + elements(&layer->wk) +
                 elements(&layer->wv) + elements(&layer->wo) + elements(&layer->ffn_norm) +
                 elements(&layer->w_gate) + elements(&layer->w_up) + elements(&layer->w_down);
    }
    return total;
}
