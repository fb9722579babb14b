/* SPDX-License-Identifier: Apache-2.0 */
/*
 * out_proj of a Mamba block and Mamba-2's gated norm before it, whose weight goes one of
 * three ways: into out_proj; multiplied in online, because a rotation follows (LightMamba,
 * Wei et al. 2025, section III); or online over a factor that evens out_proj's inputs out
 * and that its columns take (SmoothQuant, Xiao et al. 2023, equation 4, with an alpha of
 * 1/2 and the root of the mean square for the activations' range).
 */
#include <math.h>
#include <stdlib.h>

#include "gen/compile/compile_mamba.h"
#include "gen/mill/mixer_payload.h"
#include "gen/op/numerics.h"

enum { SCALED_BITS = 16 }; /* of what is multiplied in behind the gated norm */

static bool norm_is_folded(const struct compiler *c, uint32_t layer)
{
    return c->model->mamba_layer[layer].gated_norm.rows && !c->options->rotate &&
           !c->options->smooth;
}

/* What each of out_proj's inputs is divided by, malloc'd; NULL after an error. */
static float *find_smoothing(struct compiler *c, uint32_t layer)
{
    uint32_t inner = c->model->mixer.inner;
    const float *hessian = c->calibration.hessian[layer][MATRIX_MIXER_OUT];
    float *factor = calloc(inner, sizeof *factor);
    struct float_matrix out = {0};

    if (!factor || !fold_matrix(c->model, layer, MATRIX_MIXER_OUT, &out, c->err)) {
        free(factor);
        error_set(c->err, ERROR_FAILED, "%s: out of memory", c->model->name);
        return NULL;
    }
    for (uint32_t r = 0; r < out.rows; r++)
        for (uint32_t i = 0; i < inner; i++)
            factor[i] = fmaxf(factor[i], fabsf(out.value[(size_t)r * inner + i]));
    for (uint32_t i = 0; i < inner; i++) {
        float square = hessian[(size_t)i * inner + i] / (float)c->calibration.tokens;
        factor[i] = square > 0 && factor[i] > 0 ? sqrtf(sqrtf(square) / factor[i]) : 1;
    }
    float_matrix_free(&out);
    return factor;
}

/* What is multiplied in behind the gated norm, malloc'd; NULL after an error. */
static float *find_online(struct compiler *c, uint32_t layer)
{
    float *weight = read_vector(c, &c->model->mamba_layer[layer].gated_norm);
    float *smoothing = weight && c->options->smooth ? find_smoothing(c, layer) : NULL;

    for (uint32_t i = 0; smoothing && i < c->model->mixer.inner; i++)
        weight[i] /= smoothing[i];
    if (c->options->smooth && !smoothing) {
        free(weight);
        weight = NULL;
    }
    free(smoothing);
    return weight;
}

bool emit_gated_norm(struct compiler *c, uint32_t layer, int gated, uint32_t target, int *fraction)
{
    uint32_t inner = c->model->mixer.inner;
    double epsilon = ldexp((double)c->model->norm_eps * inner / (LN2 * LN2), 2 * gated);
    struct tape_op op = {.opcode = OP_NORM,
                         .variant = NORM_GATED,
                         .count = (uint16_t)inner,
                         .target = (uint16_t)target,
                         .constant = (uint64_t)llround(epsilon)};

    *fraction = NORM_FRACTION;
    if (!c->options->rotate && !c->options->smooth) {
        tape_write(&c->tape, &op);
        return true;
    }
    float *weight = find_online(c, layer);
    if (!weight)
        return false;
    double largest = (double)largest_magnitude(weight, inner);
    int weight_fraction = fraction_of(largest * 1.001, SCALED_BITS);
    *fraction = wide_fraction(2 * largest); /* a stage may double */
    op.variant = NORM_SCALED;
    op.shift = (uint8_t)(NORM_FRACTION + weight_fraction - *fraction);
    uint8_t *payload = tape_write_payload(&c->tape, &op, tape_payload_lines(&op, &c->mill->shape));
    for (uint32_t i = 0; payload && i < inner; i++)
        store_u16(payload + (size_t)i * NORM_RECORD,
                  (uint16_t)lroundf(ldexpf(weight[i], weight_fraction)));
    free(weight);
    return payload && check_shift(c, NORM_FRACTION + weight_fraction - *fraction, "gated norm");
}

/* out_proj's columns in the units of its inputs, but for the rotation and `all`. */
static bool fold_columns(struct compiler *c, uint32_t layer, float all, struct float_matrix *out)
{
    float *factor = NULL;

    if (c->options->smooth)
        factor = find_smoothing(c, layer);
    else if (norm_is_folded(c, layer))
        factor = read_vector(c, &c->model->mamba_layer[layer].gated_norm);
    bool ok = factor || (!c->options->smooth && !norm_is_folded(c, layer));
    if (ok)
        scale_columns(out, factor, all);
    free(factor);
    return ok;
}

static bool fold_out(struct compiler *c, uint32_t layer, float all, const struct rotation *rotation,
                     struct float_matrix *out)
{
    if (!fold_matrix(c->model, layer, MATRIX_MIXER_OUT, out, c->err))
        return false;
    float factor = rotation ? all * rotation_online_factor(rotation) : all;
    if (!rotation_of_outputs(&c->residual, out, c->err) || !fold_columns(c, layer, factor, out)) {
        float_matrix_free(out);
        return false;
    }
    if (rotation)
        rotation_of_inputs(rotation, out);
    return true;
}

/* That of the inputs as out_proj takes them. */
static bool find_out_hessian(struct compiler *c, uint32_t layer, const struct rotation *rotation,
                             float **hessian)
{
    const struct weight *norm =
        norm_is_folded(c, layer) ? &c->model->mamba_layer[layer].gated_norm : NULL;
    uint32_t inner = c->model->mixer.inner;

    if (!find_hessian(c, layer, MATRIX_MIXER_OUT, norm, rotation, hessian))
        return false;
    if (!*hessian || !c->options->smooth)
        return true;
    float *smoothing = find_smoothing(c, layer);
    for (size_t i = 0; smoothing && i < inner; i++)
        for (size_t j = 0; j < inner; j++)
            (*hessian)[i * inner + j] /= smoothing[i] * smoothing[j];
    free(smoothing);
    return smoothing != NULL;
}

bool emit_out(struct compiler *c, uint32_t layer, float all, int in)
{
    struct rotation rotation = rotation_choose(c->model->mixer.inner);
    const struct rotation *online = c->options->rotate ? &rotation : NULL;
    struct float_matrix out;
    float *hessian = NULL;

    if (!fold_out(c, layer, all, online, &out))
        return false;
    bool ok = find_out_hessian(c, layer, online, &hessian);
    struct rows rows = {&out, hessian, 0, out.rows};
    ok = ok && emit_rows(c, &rows, in, RESIDUAL_FRACTION,
                         (struct tape_op){.variant = MATRIX_TO_RESIDUAL}, "residual stream");
    free(hessian);
    float_matrix_free(&out);
    return ok;
}
