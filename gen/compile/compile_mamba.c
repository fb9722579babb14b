/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Mamba block's operations.  Matrices that follow a norm have bounds, as a
 * transformer's do; the state, what is scanned and what is gated have none, and
 * take theirs from the calibration, with bits to spare, and saturate beyond.
 */
#include <math.h>
#include <stdlib.h>

#include "gen/compile/compile_mamba.h"
#include "gen/mill/mixer_payload.h"
#include "gen/op/numerics.h"

enum {
    SPARE_BITS = 6,      /* of 32-bit values, above what the calibration saw */
    SPARE_WIDE_BITS = 3, /* of wide values */
    D_LEFT_MOST = 28,    /* that the accumulator bears */
};

/* Where things stand in the wide store, and their formats. */
struct layout {
    uint32_t x, z, dt, parameter; /* parameter: B, then C */
    uint32_t low;                 /* Mamba: dt before its projection */
    int x_fraction, z_fraction, dt_fraction, parameter_fraction;
    int conv_fraction, state_fraction, scanned_fraction;
};

bool check_mamba(const struct model *m, struct error *err)
{
    const struct mixer_shape *s = &m->mixer;
    uint32_t width = s->inner / s->heads;

    if (s->inner % BLOCK != 0 || s->state % BLOCK != 0 || (!s->dt_rank && width % BLOCK != 0) ||
        s->conv_width < 2)
        return error_set(err, ERROR_INPUT,
                         "%s: %u channels in %u heads with a state of %u and %u taps: the integer "
                         "model needs whole blocks of %d and 2 to %d taps",
                         m->name, s->inner, s->heads, s->state, s->conv_width, BLOCK, CONV_TAPS);
    return true;
}

static struct layout lay_out(const struct mixer_shape *s)
{
    struct layout l = {.parameter_fraction = GATE_FRACTION};

    if (s->dt_rank) {
        l.z = s->inner;
        l.low = 2 * s->inner;
        l.parameter = l.low + s->dt_rank;
        l.dt = l.low + (mixer_x_rows(s) + 1) / 2 * 2;
    } else {
        l.x = (s->heads + BLOCK - 1) / BLOCK * BLOCK;
        l.parameter = l.x + s->inner;
        l.z = l.x + mixer_channels(s);
    }
    return l;
}

float *read_vector(struct compiler *c, const struct weight *w)
{
    float *value = malloc((size_t)w->rows * w->columns * sizeof *value);

    if (!value)
        error_set(c->err, ERROR_FAILED, "%s: out of memory", c->model->name);
    for (uint32_t r = 0; value && r < w->rows; r++)
        weight_row(w, r, value + (size_t)r * w->columns);
    return value;
}

bool emit_rows(struct compiler *c, const struct rows *rows, int in, int out, struct tape_op op,
               const char *what)
{
    const struct float_matrix *m = rows->matrix;
    struct float_matrix part = {rows->count, m->columns,
                                m->value + (size_t)rows->first * m->columns};

    return emit_matrix(c, &part, rows->hessian, c->options->weight_bits, FINE_GROUP, in, out, op,
                       what);
}

bool find_hessian(struct compiler *c, uint32_t layer, enum matrix_kind kind,
                  const struct weight *norm, const struct rotation *rotation, float **hessian)
{
    *hessian = NULL;
    if (c->options->to_nearest)
        return true;
    *hessian = calibration_fold(&c->calibration, layer, kind, norm);
    if (!*hessian)
        return error_set(c->err, ERROR_FAILED, "%s: out of memory", c->model->name);
    return !rotation || rotation_of_hessian(rotation, *hessian, c->err);
}

/* The rows of in_proj that make x (and B and C), z, and in Mamba-2 dt. */
static bool emit_in_part(struct compiler *c, const struct rows *in, uint32_t first, uint32_t count,
                         uint32_t target, int most, int *fraction)
{
    struct rows part = {in->matrix, in->hessian, first, count};
    int found = wide_fraction(float_matrix_bound(in->matrix, first, count));

    *fraction = found < most ? found : most;
    return emit_rows(c, &part, NORM_FRACTION, *fraction,
                     (struct tape_op){.variant = MATRIX_TO_WIDE, .target = (uint16_t)target},
                     "wide store");
}

/* The largest value that the convolution of a channel can give. */
static double conv_bound(const struct float_matrix *in, uint32_t row, const float *tap,
                         uint32_t taps, float bias)
{
    double sum = 0;

    for (uint32_t k = 0; k < taps; k++)
        sum += fabs((double)tap[k]);
    return sum * (double)float_matrix_bound(in, row, 1) + fabs((double)bias);
}

static struct conv_channel quantise_channel(const float *tap, uint32_t taps, int *fraction)
{
    struct conv_channel c = {0};
    float largest = largest_magnitude(tap, taps);

    *fraction = largest > 1e-4F ? (int)floorf(log2f(127 / largest)) : 20;
    for (uint32_t k = 0; k < taps; k++)
        c.tap[k] = (int8_t)lroundf(ldexpf(tap[k], *fraction));
    return c;
}

/* `in` is in_proj, in which the channels' rows begin at `first`. */
static bool emit_conv(struct compiler *c, uint32_t layer, const struct float_matrix *in,
                      uint32_t first, struct layout *l)
{
    const struct mamba_layer *m = &c->model->mamba_layer[layer];
    uint32_t channels = m->conv.rows, taps = m->conv.columns;
    float *tap = read_vector(c, &m->conv), *bias = read_vector(c, &m->conv_bias);
    double bound = 0;

    for (uint32_t i = 0; tap && bias && i < channels; i++)
        bound = fmax(bound, conv_bound(in, first + i, tap + (size_t)i * taps, taps, bias[i]));
    int out = wide_fraction(bound);
    l->conv_fraction = out = out < GATE_FRACTION ? out : GATE_FRACTION;
    int bias_fraction = bias ? fraction_of(largest_magnitude(bias, channels) * 1.001, 16) : 0;
    bias_fraction = bias_fraction < out ? bias_fraction : out;
    struct tape_op op = {.opcode = OP_CONV,
                         .source = (uint16_t)l->x,
                         .target = (uint16_t)layer,
                         .count = (uint16_t)channels,
                         .shift = (uint8_t)(out - bias_fraction),
                         .shift2 = (uint8_t)(GATE_FRACTION - out)};
    bool ok = tap && bias && check_shift(c, out - bias_fraction, "convolution's bias") &&
              check_shift(c, GATE_FRACTION - out, "convolution");
    uint8_t *payload =
        ok ? tape_write_payload(&c->tape, &op, tape_payload_lines(&op, &c->mill->shape)) : NULL;
    for (uint32_t i = 0; payload && ok && i < channels; i++) {
        int fraction;
        struct conv_channel channel = quantise_channel(tap + (size_t)i * taps, taps, &fraction);
        int shift = l->x_fraction + fraction - out + ACCUMULATOR_LEFT;
        ok = check_shift(c, shift, "convolution");
        channel.shift = (uint8_t)shift;
        channel.bias = (int16_t)lroundf(ldexpf(bias[i], bias_fraction));
        conv_channel_write(payload, i, &channel);
    }
    free(tap);
    free(bias);
    return ok && !c->tape.failed;
}

static void write_decays(const float *decay, uint32_t count, struct scan_head *head, uint8_t *at)
{
    float largest = largest_magnitude(decay, count);
    int shift = largest > 0 ? (int)floorf(log2f(65535 / largest)) : 0;

    shift = shift < 0 ? 0 : shift > 40 ? 40 : shift;
    head->decay_shift = (uint8_t)shift;
    for (uint32_t i = 0; i < count; i++)
        store_u16(at + 2 * (size_t)i,
                  (uint16_t)fminf(rintf(ldexpf(fabsf(decay[i]), shift)), 65535));
}

/* The heads' records; `d_fraction` of D / ln 2. */
static bool write_heads(struct compiler *c, uint32_t layer, int d_fraction, uint8_t *payload)
{
    const struct mamba_layer *m = &c->model->mamba_layer[layer];
    const struct mill_shape *shape = &c->mill->shape;
    uint32_t count = scan_decays(shape), heads = shape->mixer.heads;
    float *bias = read_vector(c, &m->dt_bias), *d = read_vector(c, &m->d);
    float *decay = calloc(mixer_decays(&shape->mixer), sizeof *decay);

    for (uint32_t r = 0; decay && r < m->a.rows; r++)
        model_decay_row(c->model, layer, r, decay + (size_t)r * m->a.columns);
    for (uint32_t h = 0; bias && d && decay && h < heads; h++) {
        struct scan_head head = {
            .bias = (int32_t)lround(ldexp(bias[h] / LN2, GATE_FRACTION)),
            .d = (int16_t)lround(ldexp(d[h] / LN2, d_fraction)),
        };
        uint8_t *at = payload + h * scan_record(shape) + SCAN_HEAD;
        write_decays(decay + (size_t)h * count, count, &head, at);
        scan_head_write(payload, scan_record(shape), h, &head);
    }
    bool ok = bias && d && decay;
    free(bias);
    free(d);
    free(decay);
    return ok || error_set(c->err, ERROR_FAILED, "%s: out of memory", c->model->name);
}

static double range_of(const struct compiler *c, uint32_t layer, enum float_range range)
{
    return (double)c->calibration.range[layer][range];
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

static bool emit_scan(struct compiler *c, uint32_t layer, struct layout *l)
{
    const struct mamba_layer *m = &c->model->mamba_layer[layer];
    float *d = read_vector(c, &m->d);

    if (!d)
        return false;
    int d_fraction = fraction_of((double)largest_magnitude(d, m->d.columns) / LN2 * 1.001, 16);
    free(d);
    int state = fraction_of(ldexp(range_of(c, layer, RANGE_STATE) / LN2, SPARE_BITS), 31);
    l->state_fraction = least(state, D_LEFT_MOST + d_fraction);
    int accumulator = l->state_fraction + l->parameter_fraction;
    d_fraction = least(d_fraction, accumulator - GATE_FRACTION);
    int scanned = fraction_of(ldexp(range_of(c, layer, RANGE_SCANNED) / LN2, SPARE_BITS), 32);
    l->scanned_fraction = least(scanned, accumulator);
    struct tape_op op = {
        .opcode = OP_SCAN,
        .variant = !m->x_proj.rows,
        .source = (uint16_t)l->x,
        .target = (uint16_t)l->parameter,
        .rows = (uint16_t)l->dt,
        .blocks = (uint16_t)layer,
        .count = (uint16_t)c->model->mixer.inner,
        .shift = (uint8_t)(accumulator - l->scanned_fraction + ACCUMULATOR_LEFT),
        .shift2 = (uint8_t)(GATE_FRACTION - l->dt_fraction),
        .constant = scan_constant_encode(
            (struct scan_formats){(uint8_t)l->parameter_fraction, (uint8_t)l->state_fraction,
                                  (uint8_t)(accumulator - GATE_FRACTION - d_fraction)}),
    };
    if (op.shift > 55 || l->state_fraction > 48 || l->state_fraction < 0 ||
        l->parameter_fraction < 0 || l->dt_fraction < 0)
        return error_set(c->err, ERROR_INPUT, "%s: layer %u: the scan's range is out of reach",
                         c->model->name, layer);
    uint8_t *payload = tape_write_payload(&c->tape, &op, tape_payload_lines(&op, &c->mill->shape));
    return payload && write_heads(c, layer, d_fraction, payload);
}

/* y silu(z); `fraction` of the result. */
static bool emit_gate(struct compiler *c, const struct layout *l, unsigned variant, int fraction)
{
    int shift = l->scanned_fraction + GATE_FRACTION - fraction;
    struct tape_op op = {.opcode = OP_GATE,
                         .variant = (uint8_t)variant,
                         .source = (uint16_t)l->z,
                         .target = (uint16_t)l->x,
                         .count = (uint16_t)c->model->mixer.inner,
                         .shift = (uint8_t)shift,
                         .shift2 = (uint8_t)(GATE_FRACTION - l->z_fraction)};

    if (!check_shift(c, shift, "gate") || !check_shift(c, GATE_FRACTION - l->z_fraction, "gate"))
        return false;
    tape_write(&c->tape, &op);
    return true;
}

void emit_rotate(struct compiler *c, uint32_t source, uint32_t count, const struct rotation *r)
{
    struct tape_op op = {.opcode = OP_ROTATE,
                         .variant = r && r->twelve ? ROTATE_TWELVE : ROTATE_BUTTERFLY,
                         .source = (uint16_t)source,
                         .count = (uint16_t)count,
                         .shift = (uint8_t)(r ? r->stages : 0)};

    tape_write(&c->tape, &op);
}

void scale_columns(struct float_matrix *m, const float *factor, float all)
{
    for (uint32_t r = 0; r < m->rows; r++)
        for (uint32_t i = 0; i < m->columns; i++)
            m->value[(size_t)r * m->columns + i] *= factor ? factor[i] * all : all;
}

/* A projection of operands that `in` fraction bits are of, times `factor`. */
static bool emit_projection(struct compiler *c, uint32_t layer, enum matrix_kind kind, float factor,
                            int in, int out, uint32_t target)
{
    struct float_matrix matrix;
    float *hessian;

    if (!fold_matrix(c->model, layer, kind, &matrix, c->err))
        return false;
    scale_columns(&matrix, NULL, factor);
    bool ok = find_hessian(c, layer, kind, NULL, NULL, &hessian);
    struct rows rows = {&matrix, hessian, 0, matrix.rows};
    ok = ok && emit_rows(c, &rows, in, out,
                         (struct tape_op){.variant = MATRIX_TO_WIDE, .target = (uint16_t)target},
                         "wide store");
    free(hessian);
    float_matrix_free(&matrix);
    return ok;
}

/* Mamba: dt, B and C out of x. */
static bool emit_parameters(struct compiler *c, uint32_t layer, struct layout *l)
{
    const struct mixer_shape *s = &c->model->mixer;
    double range = ldexp(range_of(c, layer, RANGE_PARAMETER), SPARE_WIDE_BITS);

    l->parameter_fraction = least(wide_fraction(range), WIDE_BITS - 1);
    l->dt_fraction = GATE_FRACTION;
    emit_rotate(c, l->x, s->inner, NULL);
    if (!emit_projection(c, layer, MATRIX_MIXER_X, 1, GATE_FRACTION, l->parameter_fraction, l->low))
        return false;
    emit_rotate(c, l->low, s->dt_rank, NULL);
    return emit_projection(c, layer, MATRIX_MIXER_DT, (float)(1 / LN2), l->parameter_fraction,
                           l->dt_fraction, l->dt);
}

/* From x, z and dt on: the convolution was emitted. */
static bool emit_mamba_rest(struct compiler *c, uint32_t layer, struct layout *l)
{
    struct rotation rotation = rotation_choose(c->model->mixer.inner);
    double gated = ldexp(range_of(c, layer, RANGE_GATED) / LN2, SPARE_WIDE_BITS);

    if (!emit_parameters(c, layer, l) || !emit_scan(c, layer, l))
        return false;
    int fraction = least(wide_fraction(gated), l->scanned_fraction + GATE_FRACTION);
    if (!emit_gate(c, l, GATE_TO_WIDE, fraction))
        return false;
    emit_rotate(c, l->x, c->model->mixer.inner, c->options->rotate ? &rotation : NULL);
    return emit_out(c, layer, (float)LN2, fraction);
}

/* The fraction bits of the gated values, with which epsilon fits its 47 bits. */
static int gated_fraction(const struct compiler *c, uint32_t layer, const struct layout *l)
{
    double range = ldexp(range_of(c, layer, RANGE_GATED) / LN2, SPARE_BITS);
    double epsilon = (double)c->model->norm_eps * c->model->mixer.inner / (LN2 * LN2);
    int fraction = least(fraction_of(range, 32), l->scanned_fraction + GATE_FRACTION);

    return epsilon > 0 ? least(fraction, (int)floor((46 - log2(epsilon)) / 2)) : fraction;
}

static bool emit_mamba2_rest(struct compiler *c, uint32_t layer, const struct layout *l)
{
    struct rotation rotation = rotation_choose(c->model->mixer.inner);
    int gated = gated_fraction(c, layer, l), fraction;

    if (!emit_gate(c, l, GATE_TO_GATED, gated) ||
        !emit_gated_norm(c, layer, gated, l->z, &fraction))
        return false;
    if (c->options->rotate || c->options->smooth)
        emit_rotate(c, l->z, c->model->mixer.inner, c->options->rotate ? &rotation : NULL);
    return emit_out(c, layer, sqrtf((float)c->model->mixer.inner), fraction);
}

static bool emit_z(struct compiler *c, const struct rows *in, struct layout *l)
{
    return emit_in_part(c, in, 0, c->model->mixer.inner, l->z, GATE_FRACTION, &l->z_fraction);
}

/* Mamba-2 takes z last, so that the scan can run while its weights stream (LightMamba,
 * Wei et al. 2025, section IV). */
static bool emit_mamba2(struct compiler *c, uint32_t layer, const struct rows *in, struct layout *l)
{
    const struct mixer_shape *s = &c->model->mixer;
    uint32_t channels = mixer_channels(s), dt = s->inner + channels;

    for (size_t i = (size_t)dt * in->matrix->columns,
                end = i + (size_t)s->heads * in->matrix->columns;
         i < end; i++)
        in->matrix->value[i] *= (float)(1 / LN2);
    bool z_first = c->options->z_first;
    return (!z_first || emit_z(c, in, l)) &&
           emit_in_part(c, in, dt, s->heads, l->dt, GATE_FRACTION, &l->dt_fraction) &&
           emit_in_part(c, in, s->inner, channels, l->x, WIDE_BITS - 1, &l->x_fraction) &&
           emit_conv(c, layer, in->matrix, s->inner, l) && emit_scan(c, layer, l) &&
           (z_first || emit_z(c, in, l)) && emit_mamba2_rest(c, layer, l);
}

/* In Mamba, z comes before x_proj puts its own inputs in the operand store. */
static bool emit_mamba(struct compiler *c, uint32_t layer, const struct rows *in, struct layout *l)
{
    uint32_t inner = c->model->mixer.inner;

    return emit_in_part(c, in, 0, inner, l->x, WIDE_BITS - 1, &l->x_fraction) &&
           emit_in_part(c, in, inner, inner, l->z, GATE_FRACTION, &l->z_fraction) &&
           emit_conv(c, layer, in->matrix, 0, l) && emit_mamba_rest(c, layer, l);
}

bool emit_mamba_layer(struct compiler *c, uint32_t layer)
{
    const struct mamba_layer *m = &c->model->mamba_layer[layer];
    struct layout l = lay_out(&c->model->mixer);
    struct float_matrix matrix;
    float *hessian;

    emit_norm(c, 0);
    if (!fold_matrix(c->model, layer, MATRIX_MIXER_IN, &matrix, c->err))
        return false;
    rotation_of_inputs(&c->residual, &matrix);
    bool ok = find_hessian(c, layer, MATRIX_MIXER_IN, &m->norm, &c->residual, &hessian);
    struct rows in = {&matrix, hessian, 0, matrix.rows};
    ok = ok && (c->model->architecture == ARCHITECTURE_MAMBA ? emit_mamba(c, layer, &in, &l)
                                                             : emit_mamba2(c, layer, &in, &l));
    free(hessian);
    float_matrix_free(&matrix);
    return ok;
}
