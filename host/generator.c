/* SPDX-License-Identifier: Apache-2.0 */
#include "host/generator.h"

#include "host/interrupt.h"
#include "host/prefill.h"

bool generator_open(struct generator *g, const struct mill *mill, struct device *device,
                    const struct sampler *sampler, struct error *err)
{
    const struct device_info *info = device_info(device);
    uint32_t vocab = mill->shape.vocab;

    *g = (struct generator){.mill = mill, .device = device, .sampler = *sampler};
    g->result = sampler_needs(sampler, info->top_k);
    g->column = arena_alloc(&g->arena, info->columns, sizeof *g->column);
    g->scratch = arena_alloc(&g->arena, vocab, sizeof *g->scratch);
    if (g->result == RESULT_TOP)
        g->output.top =
            arena_alloc(&g->arena, (size_t)info->columns * info->top_k, sizeof *g->output.top);
    else
        g->output.logits =
            arena_alloc(&g->arena, (size_t)info->columns * vocab, sizeof *g->output.logits);
    if (!g->column || !g->scratch || !(g->output.top || g->output.logits)) {
        generator_close(g);
        return error_set(err, ERROR_FAILED, "out of memory");
    }
    return true;
}

void generator_close(struct generator *g)
{
    arena_free(&g->arena);
}

bool generator_prompt(struct generator *g, const uint32_t *ids, size_t count, struct error *err)
{
    struct prefill prefill = {.ids = ids,
                              .count = count,
                              .columns = device_info(g->device)->columns,
                              .column = g->column};
    struct pass pass;

    while (!interrupt_pending() && prefill_next(&prefill, &pass)) {
        if (prefill.done == count)
            pass.result = g->result;
        if (!device_run(g->device, &pass, &g->output, err))
            return false;
        g->position = (uint32_t)prefill.done;
        g->last = pass.count - 1;
    }
    return true;
}

uint32_t generator_choose(struct generator *g)
{
    uint32_t vocab = g->mill->shape.vocab;
    uint32_t top_k = device_info(g->device)->top_k;

    if (g->result == RESULT_TOP)
        return sampler_from_candidates(&g->sampler, g->output.top + (size_t)g->last * top_k, top_k);
    return sampler_from_logits(&g->sampler, g->output.logits + (size_t)g->last * vocab, vocab,
                               g->scratch);
}

bool generator_advance(struct generator *g, uint32_t token, struct error *err)
{
    struct pass_column column = {token, g->position};
    struct pass pass = {PASS_DECODE, g->result, 0, 1, &column};

    if (!device_run(g->device, &pass, &g->output, err))
        return false;
    g->position++;
    g->last = 0;
    return true;
}
