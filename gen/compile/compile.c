/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/compile/compile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gen/compile/compiler.h"
#include "gen/compile/float_section.h"
#include "gen/mill/frames.h"
#include "gen/op/numerics.h"
#include "gen/quant/gptq.h"

enum { HEAD_BITS = 8, LOGIT_FRACTION_MAX = 30, STATE_BITS = 8 };

int fraction_of(double bound, int bits)
{
    return bits - 1 - (int)ceil(log2(bound > 1e-6 ? bound : 1e-6));
}

int wide_fraction(double bound)
{
    return fraction_of(bound * 1.001, WIDE_BITS);
}

bool check_shift(struct compiler *c, int shift, const char *what)
{
    if (shift < 0 || shift > 55)
        return error_set(c->err, ERROR_INPUT,
                         "%s: the weights' magnitude does not suit the %s (a shift of %d)",
                         c->model->name, what, shift);
    return true;
}

/* What `kind` is multiplied by is normalised by this norm, or by none. */
static const struct weight *norm_before(const struct model *m, uint32_t layer,
                                        enum matrix_kind kind)
{
    if (kind == MATRIX_QKV)
        return &m->layer[layer].attention_norm;
    return kind == MATRIX_GATE_UP ? &m->layer[layer].ffn_norm : NULL;
}

bool emit_matrix(struct compiler *c, const struct float_matrix *value, const float *hessian,
                 unsigned bits, uint32_t group, int in, int out, struct tape_op op,
                 const char *what)
{
    struct quantised_matrix matrix;

    if (!(hessian ? quantise_compensated(value, hessian, c->options->act_bits, bits, group, &matrix,
                                         c->err)
                  : quantise_to_nearest(value, bits, group, &matrix, c->err)))
        return false;
    int shift = in + matrix.exponent - out + ACCUMULATOR_LEFT;
    bool ok = check_shift(c, shift, what);
    if (ok) {
        op.shift = (uint8_t)shift;
        tape_write_matrix(&c->tape, &op, &matrix);
    }
    quantised_matrix_free(&matrix);
    return ok && !c->tape.failed;
}

/* A matrix of a layer, compensated by what the calibration saw. */
static bool emit_layer_matrix(struct compiler *c, const struct float_matrix *value, uint32_t layer,
                              enum matrix_kind kind, int in, int out, struct tape_op op,
                              const char *what)
{
    unsigned bits = c->options->weight_bits;
    float *hessian =
        calibration_fold(&c->calibration, layer, kind, norm_before(c->model, layer, kind));

    if (!hessian)
        return error_set(c->err, ERROR_FAILED, "%s: out of memory", c->model->name);
    /* Fine groups are worth their half a bit a weight; but an input that is
     * padded to a whole group would take 4-bit matrices over 4.5 bits a weight. */
    uint32_t group = bits < 8 && kind == MATRIX_DOWN ? COARSE_GROUP : FINE_GROUP;
    bool ok = emit_matrix(c, value, hessian, bits, group, in, out, op, what);
    free(hessian);
    return ok;
}

void emit_norm(struct compiler *c, unsigned bits)
{
    double epsilon = ldexp((double)c->model->norm_eps * c->model->dim, 2 * RESIDUAL_FRACTION);
    struct tape_op op = {
        .opcode = OP_NORM, .shift2 = (uint8_t)bits, .constant = (uint64_t)llround(epsilon)};

    tape_write(&c->tape, &op);
}

/* Rows first..first+rows-1 of a matrix; borrows its memory. */
static struct float_matrix slice_rows(const struct float_matrix *m, uint32_t first, uint32_t rows)
{
    return (struct float_matrix){rows, m->columns, m->value + (size_t)first * m->columns};
}

/* The fraction bits of q, k and v, each from its own bound. */
struct head_formats {
    int query, key, value;
};

static bool emit_qkv(struct compiler *c, uint32_t layer, struct head_formats *formats)
{
    const struct model *m = c->model;
    uint32_t queries = m->heads * m->head_dim, keys = m->kv_heads * m->head_dim;
    struct float_matrix qkv;

    if (!fold_matrix(m, layer, MATRIX_QKV, &qkv, c->err))
        return false;
    const struct {
        uint32_t first, rows;
        int *fraction;
    } part[] = {{0, queries, &formats->query},
                {queries, keys, &formats->key},
                {queries + keys, keys, &formats->value}};
    bool ok = true;
    for (int i = 0; ok && i < 3; i++) {
        struct float_matrix rows = slice_rows(&qkv, part[i].first, part[i].rows);
        *part[i].fraction = wide_fraction(float_matrix_bound(&rows, 0, rows.rows));
        struct tape_op op = {.variant = MATRIX_TO_WIDE, .target = (uint16_t)part[i].first};
        ok = emit_layer_matrix(c, &rows, layer, MATRIX_QKV, NORM_FRACTION, *part[i].fraction, op,
                               "wide store");
    }
    float_matrix_free(&qkv);
    return ok;
}

static void emit_heads(struct compiler *c, uint32_t layer, int score_shift)
{
    uint16_t queries = (uint16_t)(c->model->heads * c->model->head_dim);
    uint16_t keys = (uint16_t)(c->model->kv_heads * c->model->head_dim);
    uint16_t heads = (uint16_t)c->model->heads, kv_heads = (uint16_t)c->model->kv_heads;
    const struct tape_op op[] = {
        {.opcode = OP_HEADS, .variant = HEADS_QUERY, .source = 0, .count = heads},
        {.opcode = OP_HEADS, .variant = HEADS_KEY, .source = queries, .count = kv_heads},
        {.opcode = OP_HEADS,
         .variant = HEADS_VALUE,
         .source = (uint16_t)(queries + keys),
         .count = kv_heads},
        {.opcode = OP_ATTEND, .count = heads, .shift = (uint8_t)score_shift},
    };

    for (size_t i = 0; i < sizeof op / sizeof op[0]; i++) {
        struct tape_op next = op[i];
        next.target = (uint16_t)layer;
        tape_write(&c->tape, &next);
    }
}

static bool emit_attention(struct compiler *c, uint32_t layer)
{
    struct head_formats formats;
    struct float_matrix output;

    emit_norm(c, 0);
    if (!emit_qkv(c, layer, &formats))
        return false;
    int score_shift = formats.query + formats.key - SCORE_FRACTION + ACCUMULATOR_LEFT;
    if (!check_shift(c, score_shift, "scores"))
        return false;
    emit_heads(c, layer, score_shift);
    if (!fold_matrix(c->model, layer, MATRIX_OUTPUT, &output, c->err))
        return false;
    bool ok = emit_layer_matrix(c, &output, layer, MATRIX_OUTPUT, formats.value, RESIDUAL_FRACTION,
                                (struct tape_op){.variant = MATRIX_TO_RESIDUAL}, "residual stream");
    float_matrix_free(&output);
    return ok;
}

static bool emit_feed_forward(struct compiler *c, uint32_t layer)
{
    const struct model *m = c->model;
    struct float_matrix gate_up, down;

    emit_norm(c, 0);
    if (!fold_matrix(m, layer, MATRIX_GATE_UP, &gate_up, c->err))
        return false;
    double gate = float_matrix_bound(&gate_up, 0, m->hidden_dim);
    double up = float_matrix_bound(&gate_up, m->hidden_dim, m->hidden_dim);
    int fraction = wide_fraction(fmax(gate, up));
    fraction = fraction < GATE_FRACTION ? fraction : GATE_FRACTION;
    int product = wide_fraction(gate * up / 8);
    product = product < GATE_FRACTION + fraction ? product : GATE_FRACTION + fraction;
    bool ok = emit_layer_matrix(c, &gate_up, layer, MATRIX_GATE_UP, NORM_FRACTION, fraction,
                                (struct tape_op){.variant = MATRIX_TO_WIDE}, "wide store");
    float_matrix_free(&gate_up);
    if (!ok || !check_shift(c, GATE_FRACTION - fraction, "gate") ||
        !check_shift(c, GATE_FRACTION + fraction - product, "gated product"))
        return false;

    struct tape_op glu = {.opcode = OP_GLU,
                          .source = 0,
                          .target = (uint16_t)m->hidden_dim,
                          .count = (uint16_t)m->hidden_dim,
                          .shift = (uint8_t)(GATE_FRACTION + fraction - product),
                          .shift2 = (uint8_t)(GATE_FRACTION - fraction)};
    tape_write(&c->tape, &glu);
    if (!fold_matrix(m, layer, MATRIX_DOWN, &down, c->err))
        return false;
    ok = emit_layer_matrix(c, &down, layer, MATRIX_DOWN, product, RESIDUAL_FRACTION,
                           (struct tape_op){.variant = MATRIX_TO_RESIDUAL}, "residual stream");
    float_matrix_free(&down);
    return ok;
}

static bool emit_head(struct compiler *c)
{
    struct float_matrix head;

    /* The head has 8 bits whatever the layers have, and in a Mamba model so do
     * its inputs. */
    emit_norm(c, c->model->architecture != ARCHITECTURE_LLAMA ? HEAD_BITS : 0);
    if (!fold_matrix(c->model, 0, MATRIX_HEAD, &head, c->err))
        return false;
    rotation_of_inputs(&c->residual, &head);
    int fraction = wide_fraction(float_matrix_bound(&head, 0, head.rows));
    fraction = fraction < LOGIT_FRACTION_MAX ? fraction : LOGIT_FRACTION_MAX;
    c->mill->logit_fraction = (uint32_t)fraction;
    bool ok = check_shift(c, fraction, "logits") &&
              emit_matrix(c, &head, NULL, HEAD_BITS, FINE_GROUP, NORM_FRACTION, fraction,
                          (struct tape_op){.variant = MATRIX_TO_LOGITS}, "logits");
    float_matrix_free(&head);
    return ok;
}

static bool build_embedding(struct compiler *c)
{
    struct mill *mill = c->mill;
    struct float_matrix value;
    struct quantised_matrix matrix;

    if (!fold_matrix(c->model, 0, MATRIX_EMBEDDING, &value, c->err))
        return false;
    rotation_of_inputs(&c->residual, &value);
    bool ok = quantise_to_nearest(&value, HEAD_BITS, FINE_GROUP, &matrix, c->err);
    float_matrix_free(&value);
    if (!ok)
        return false;

    uint32_t dim = mill->shape.dim, groups = (dim + FINE_GROUP - 1) / FINE_GROUP;
    int8_t *q = arena_alloc(&mill->arena, mill->shape.vocab, dim);
    uint8_t *scale = arena_alloc(&mill->arena, mill->shape.vocab, groups);
    int shift = RESIDUAL_FRACTION - matrix.exponent;
    if (!q || !scale)
        ok = error_set(c->err, ERROR_FAILED, "%s: out of memory", mill->name);
    else if (shift < 0 || shift > 15)
        ok = error_set(c->err, ERROR_INPUT, "%s: the embedding's magnitude is out of range",
                       mill->name);
    for (uint32_t r = 0; ok && r < mill->shape.vocab; r++) {
        memcpy(q + (size_t)r * dim, matrix.q + (size_t)r * matrix.inputs, dim);
        memcpy(scale + (size_t)r * groups, matrix.scale + (size_t)r * quantised_groups(&matrix),
               groups);
    }
    mill->embedding = q;
    mill->embedding_scale = scale;
    mill->embedding_group = FINE_GROUP;
    mill->embed_shift = (uint32_t)shift;
    quantised_matrix_free(&matrix);
    return ok;
}

/* What a classifier is calibrated on, and how frames are made. */
static bool set_frames(struct compiler *c)
{
    struct mill *mill = c->mill;

    if (!c->model->features)
        return true;
    mill->embed_shift = FRAME_SHIFT;
    mill->embedding_group = 1;
    mill->feature_scale = c->model->feature_scale;
    return mill_set_frames(mill, c->options->frames, NULL, c->err);
}

static bool build_rope(struct compiler *c)
{
    struct mill *mill = c->mill;
    uint32_t head_dim = mill->shape.head_dim;
    int16_t *rope = arena_alloc(&mill->arena, (size_t)mill->shape.max_seq * head_dim, sizeof *rope);

    if (!rope)
        return error_set(c->err, ERROR_FAILED, "%s: out of memory", mill->name);
    mill->rope = rope;
    for (uint32_t t = 0; t < mill->shape.max_seq; t++)
        for (uint32_t i = 0; i < head_dim / 2; i++) {
            double angle = t * (double)c->model->rope_frequency[i];
            *rope++ = (int16_t)lround(ldexp(cos(angle), ROPE_FRACTION));
            *rope++ = (int16_t)lround(ldexp(sin(angle), ROPE_FRACTION));
        }
    return true;
}

static bool build_tape(struct compiler *c)
{
    for (uint32_t layer = 0; layer < c->model->layers; layer++)
        if (!(c->model->architecture == ARCHITECTURE_LLAMA
                  ? emit_attention(c, layer) && emit_feed_forward(c, layer)
                  : emit_mamba_layer(c, layer)))
            return false;
    if (!emit_head(c))
        return false;
    tape_write_end(&c->tape);
    c->mill->tape = c->tape.tape;
    c->mill->tape_size = c->tape.size;
    return !c->tape.failed;
}

bool compile_model(const struct model *model, const struct compile_options *options,
                   struct mill *mill, struct error *err)
{
    uint32_t max_seq = options->max_seq ? options->max_seq : model->max_seq;
    struct compiler compiler = {.model = model,
                                .options = options,
                                .mill = mill,
                                .tape = {.arena = &mill->arena, .err = err},
                                .err = err};

    if (model->architecture != ARCHITECTURE_LLAMA && !check_mamba(model, err))
        return false;
    if (model->features && (!options->frames || options->rotate))
        return error_set(err, ERROR_INPUT, "%s: a classifier %s", model->name,
                         options->rotate ? "cannot be rotated"
                                         : "needs frames of its features to calibrate on");
    if (model->architecture == ARCHITECTURE_LLAMA && (options->rotate || options->to_nearest))
        return error_set(err, ERROR_INPUT, "%s: only a Mamba model can be %s", model->name,
                         options->rotate ? "rotated" : "rounded to nearest");
    if (options->smooth && (options->rotate || model->architecture != ARCHITECTURE_MAMBA2))
        return error_set(err, ERROR_INPUT,
                         "%s: only a Mamba-2 model that is not rotated can be "
                         "smoothed",
                         model->name);
    if (max_seq > model->max_seq)
        return error_set(err, ERROR_INPUT, "%s: a context of %u, the model has %u", model->name,
                         max_seq, model->max_seq);
    *mill = (struct mill){
        .shape = model_shape(model),
        .bos_token = model->bos_token,
        .eos_token = model->eos_token,
        .parameters = model_parameters(model),
        .tokenizer = model->tokenizer,
    };
    mill->shape.max_seq = max_seq;
    mill->shape.weight_bits = options->weight_bits;
    mill->shape.act_bits = options->act_bits;
    if (model->architecture != ARCHITECTURE_LLAMA)
        mill->shape.state_bits = options->state_bits ? options->state_bits : STATE_BITS;
    if (options->rotate)
        compiler.residual = rotation_choose(model->dim);
    memcpy(mill->name, model->name, sizeof mill->name);
    bool ok = float_section_build(model, mill, err) && set_frames(&compiler) &&
              calibration_run(&compiler.calibration, mill, options->calibration, err) &&
              (model->features || build_embedding(&compiler)) && build_rope(&compiler) &&
              build_tape(&compiler) && tape_decode(mill, err);
    calibration_free(&compiler.calibration);
    mill->frame = NULL;
    mill->frames = 0;
    if (ok && !options->floats) {
        mill->floats = NULL;
        mill->float_count = 0;
    }
    if (!ok)
        compiled_free(mill);
    return ok;
}

void compiled_free(struct mill *mill)
{
    mill->tokenizer = NULL;
    arena_free(&mill->arena);
}
