/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/import/rope.h"

#include <math.h>

#include "gen/import/import.h"

static const double turn = 6.283185307179586;

/* Llama 3.1's: wavelengths against the context that the model was trained on
 * (transformers, modeling_rope_utils.py, _compute_llama3_parameters). */
static double llama3(const struct rope *rope, double frequency)
{
    double turns = rope->original_context * frequency / turn;
    double low = rope->low_frequency_factor, high = rope->high_frequency_factor;

    if (turns < low)
        return frequency / rope->factor;
    if (turns > high)
        return frequency;
    double smooth = (turns - low) / (high - low);
    return (1 - smooth) * frequency / rope->factor + smooth * frequency;
}

/* The pair, as a real number, that turns `turns` times in the trained context. */
static double yarn_pair(const struct rope *rope, uint32_t head_dim, double turns)
{
    return head_dim * log(rope->original_context / (turns * turn)) / (2 * log(rope->base));
}

/* YaRN (Peng et al. 2023, section 3.2): pairs up to the first end of the ramp
 * keep their frequency, from the last on it is over `factor`. */
static double yarn(const struct rope *rope, uint32_t head_dim, uint32_t pair, double frequency)
{
    double first = yarn_pair(rope, head_dim, rope->beta_fast);
    double last = yarn_pair(rope, head_dim, rope->beta_slow);

    if (!rope->keep_fractions) {
        first = floor(first);
        last = ceil(last);
    }
    first = fmax(first, 0);
    last = fmin(last, head_dim - 1);
    if (first == last)
        last += 0.001; /* as transformers has it */
    double ramp = fmin(fmax((pair - first) / (last - first), 0), 1);
    return frequency / rope->factor * ramp + frequency * (1 - ramp);
}

static double scaled_frequency(const struct rope *rope, uint32_t head_dim, uint32_t pair)
{
    double frequency = pow(rope->base, -2.0 * pair / head_dim);

    switch (rope->type) {
    case ROPE_LINEAR:
        return frequency / rope->factor;
    case ROPE_LLAMA3:
        return llama3(rope, frequency);
    case ROPE_YARN:
        return yarn(rope, head_dim, pair, frequency);
    default:
        return frequency;
    }
}

static bool check_number(const char *name, const char *what, double value, double lowest,
                         struct error *err)
{
    if (!(value >= lowest && value <= 1e12))
        return error_set(err, ERROR_INPUT, "%s: %s is %g, not %g to 1e12", name, what, value,
                         lowest);
    return true;
}

static bool check_rope(const struct rope *rope, const char *name, struct error *err)
{
    if (!check_number(name, "RoPE's base", rope->base, 1.001, err))
        return false;
    if (rope->type == ROPE_PLAIN)
        return true;
    if (!check_number(name, "RoPE's scaling factor", rope->factor, 1e-3, err))
        return false;
    if (rope->type == ROPE_LINEAR)
        return true;
    if (!check_number(name, "RoPE's original context", rope->original_context, 1, err))
        return false;
    if (rope->type == ROPE_LLAMA3)
        return check_number(name, "RoPE's low_freq_factor", rope->low_frequency_factor, 1e-3,
                            err) &&
               check_number(name, "RoPE's high_freq_factor", rope->high_frequency_factor,
                            rope->low_frequency_factor + 1e-3, err);
    return check_number(name, "YaRN's beta_slow", rope->beta_slow, 1e-3, err) &&
           check_number(name, "YaRN's beta_fast", rope->beta_fast, rope->beta_slow, err) &&
           check_number(name, "YaRN's attention factor", rope->attention_factor, 0, err);
}

bool rope_set(struct model *model, const struct rope *rope, const char *name, struct error *err)
{
    uint32_t pairs = model->head_dim / 2;

    if (!check_rope(rope, name, err))
        return false;
    float *frequency = arena_alloc(&model->arena, pairs, sizeof *frequency);
    if (!frequency)
        return import_no_memory(name, err);
    for (uint32_t i = 0; i < pairs; i++)
        frequency[i] = (float)scaled_frequency(rope, model->head_dim, i);
    model->rope_frequency = frequency;
    model->rope_attention_scale = 1;
    if (rope->type == ROPE_YARN) {
        double factor = rope->attention_factor;
        if (factor == 0)
            factor = rope->factor > 1 ? 0.1 * log(rope->factor) + 1 : 1;
        model->rope_attention_scale = (float)(factor * factor); /* it is on q and on k */
    }
    return true;
}

bool rope_pair_halves(struct model *model, const char *name, struct error *err)
{
    uint32_t rows = model->heads * model->head_dim, half = model->head_dim / 2;
    uint32_t *order = arena_alloc(&model->arena, rows, sizeof *order);

    if (!order)
        return import_no_memory(name, err);
    for (uint32_t row = 0; row < rows; row++) {
        uint32_t head = row / model->head_dim, element = row % model->head_dim;
        order[row] = head * model->head_dim + element / 2 + (element % 2) * half;
    }
    for (uint32_t i = 0; i < model->layers; i++) {
        model->layer[i].wq.row_order = order;
        model->layer[i].wk.row_order = order; /* has kv_heads <= heads of the same order */
    }
    return true;
}
