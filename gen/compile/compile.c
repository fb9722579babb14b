/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/compile/compile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gen/compile/float_section.h"
#include "gen/compile/tape_writer.h"
#include "gen/op/numerics.h"
#include "gen/quant/quantise.h"

enum {
    RESIDUAL_FRACTION = 18, /* the residual stream: +-8192 in steps of 4e-6 */
    LOGIT_FRACTION_MAX = 30,
};

struct compiler {
    const struct model *model;
    const struct compile_options *options;
    struct mill *mill;
    struct tape_writer tape;
    struct quantised_model quantised;
    struct error *err;
};

/* The most fraction bits with which `bound` fits a wide value. */
static int wide_fraction(double bound)
{
    return WIDE_BITS - 1 - (int)ceil(log2(bound > 1e-6 ? bound * 1.001 : 1e-6));
}

static bool check_shift(struct compiler *c, int shift, const char *what)
{
    if (shift < 0 || shift > 55)
        return error_set(c->err, ERROR_INPUT,
                         "%s: the weights' magnitude does not suit the %s (a shift of %d)",
                         c->model->name, what, shift);
    return true;
}

/* Write one matrix: inputs of `in` fraction bits, results of `out`. */
static bool emit_matrix(struct compiler *c, const struct quantised_matrix *matrix, int in, int out,
                        struct tape_op op, const char *what)
{
    int shift = in + matrix->exponent - out + ACCUMULATOR_LEFT;

    if (!check_shift(c, shift, what))
        return false;
    op.shift = (uint8_t)shift;
    tape_write_matrix(&c->tape, &op, matrix);
    return !c->tape.failed;
}

static void emit_norm(struct compiler *c)
{
    double epsilon = ldexp((double)c->model->norm_eps * c->model->dim, 2 * RESIDUAL_FRACTION);
    struct tape_op op = {.opcode = OP_NORM, .constant = (uint64_t)llround(epsilon)};

    tape_write(&c->tape, &op);
}

/* The fraction bits of q, k and v, each from its own bound. */
struct head_formats {
    int query, key, value;
};

static bool emit_qkv(struct compiler *c, uint32_t layer, struct head_formats *formats)
{
    const struct quantised_layer *l = &c->quantised.layer[layer];
    uint32_t queries = c->model->heads * c->model->head_dim;
    uint32_t keys = c->model->kv_heads * c->model->head_dim;
    const struct {
        const struct quantised_matrix *matrix;
        uint32_t rows, target;
        int *fraction;
    } part[] = {{&l->query, queries, 0, &formats->query},
                {&l->key, keys, queries, &formats->key},
                {&l->value, keys, queries + keys, &formats->value}};

    for (int i = 0; i < 3; i++) {
        *part[i].fraction = wide_fraction(quantised_matrix_bound(part[i].matrix, 0, part[i].rows));
        struct tape_op op = {.variant = MATRIX_TO_WIDE, .target = (uint16_t)part[i].target};
        if (!emit_matrix(c, part[i].matrix, NORM_FRACTION, *part[i].fraction, op, "wide store"))
            return false;
    }
    return true;
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

    emit_norm(c);
    if (!emit_qkv(c, layer, &formats))
        return false;
    int score_shift = formats.query + formats.key - SCORE_FRACTION + ACCUMULATOR_LEFT;
    if (!check_shift(c, score_shift, "scores"))
        return false;
    emit_heads(c, layer, score_shift);
    return emit_matrix(c, &c->quantised.layer[layer].output, formats.value, RESIDUAL_FRACTION,
                       (struct tape_op){.variant = MATRIX_TO_RESIDUAL}, "residual stream");
}

static bool emit_feed_forward(struct compiler *c, uint32_t layer)
{
    const struct quantised_layer *l = &c->quantised.layer[layer];
    uint32_t hidden = c->model->hidden_dim;

    emit_norm(c);
    double gate = quantised_matrix_bound(&l->gate_up, 0, hidden);
    double up = quantised_matrix_bound(&l->gate_up, hidden, hidden);
    int fraction = wide_fraction(fmax(gate, up));
    fraction = fraction < GATE_FRACTION ? fraction : GATE_FRACTION;
    int product = wide_fraction(gate * up / 8);
    product = product < GATE_FRACTION + fraction ? product : GATE_FRACTION + fraction;
    if (!emit_matrix(c, &l->gate_up, NORM_FRACTION, fraction,
                     (struct tape_op){.variant = MATRIX_TO_WIDE}, "wide store") ||
        !check_shift(c, GATE_FRACTION - fraction, "gate") ||
        !check_shift(c, GATE_FRACTION + fraction - product, "gated product"))
        return false;

    struct tape_op glu = {.opcode = OP_GLU,
                          .source = 0,
                          .target = (uint16_t)hidden,
                          .count = (uint16_t)hidden,
                          .shift = (uint8_t)(GATE_FRACTION + fraction - product),
                          .shift2 = (uint8_t)(GATE_FRACTION - fraction)};
    tape_write(&c->tape, &glu);
    return emit_matrix(c, &l->down, product, RESIDUAL_FRACTION,
                       (struct tape_op){.variant = MATRIX_TO_RESIDUAL}, "residual stream");
}

static bool emit_head(struct compiler *c)
{
    const struct quantised_matrix *head = &c->quantised.head;

    emit_norm(c);
    int fraction = wide_fraction(quantised_matrix_bound(head, 0, head->rows));
    fraction = fraction < LOGIT_FRACTION_MAX ? fraction : LOGIT_FRACTION_MAX;
    c->mill->logit_fraction = (uint32_t)fraction;
    return check_shift(c, fraction, "logits") &&
           emit_matrix(c, head, NORM_FRACTION, fraction,
                       (struct tape_op){.variant = MATRIX_TO_LOGITS}, "logits");
}

static bool build_embedding(struct compiler *c)
{
    struct mill *mill = c->mill;
    const struct quantised_matrix *matrix = &c->quantised.embedding;
    uint32_t dim = mill->shape.dim, groups = (dim + matrix->group - 1) / matrix->group;
    int8_t *q = arena_alloc(&mill->arena, mill->shape.vocab, dim);
    uint8_t *scale = arena_alloc(&mill->arena, mill->shape.vocab, groups);
    int shift = RESIDUAL_FRACTION - matrix->exponent;

    if (!q || !scale)
        return error_set(c->err, ERROR_FAILED, "%s: out of memory", mill->name);
    if (shift < 0 || shift > 15)
        return error_set(c->err, ERROR_INPUT, "%s: the embedding's magnitude is out of range",
                         mill->name);
    for (uint32_t r = 0; r < mill->shape.vocab; r++) {
        memcpy(q + (size_t)r * dim, matrix->q + (size_t)r * matrix->inputs, dim);
        memcpy(scale + (size_t)r * groups, matrix->scale + (size_t)r * quantised_groups(matrix),
               groups);
    }
    mill->embedding = q;
    mill->embedding_scale = scale;
    mill->embedding_group = matrix->group;
    mill->embed_shift = (uint32_t)shift;
    return true;
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
        if (!emit_attention(c, layer) || !emit_feed_forward(c, layer))
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

    if (max_seq > model->max_seq)
        return error_set(err, ERROR_INPUT, "%s: a context of %u, the model has %u", model->name,
                         max_seq, model->max_seq);
    *mill = (struct mill){
        .shape = {model->dim, model->hidden_dim, model->layers, model->heads, model->kv_heads,
                  model->head_dim, model->vocab, max_seq, options->weight_bits, options->act_bits},
        .bos_token = model->bos_token,
        .eos_token = model->eos_token,
        .parameters = model_parameters(model),
        .tokenizer = model->tokenizer,
    };
    memcpy(mill->name, model->name, sizeof mill->name);
    const struct quantise_options quantise = {.weight_bits = options->weight_bits,
                                              .act_bits = options->act_bits,
                                              .calibration = options->calibration};
    bool ok = quantise_model(model, &quantise, &compiler.quantised, err);
    ok = ok && build_embedding(&compiler) && build_rope(&compiler) && build_tape(&compiler) &&
         tape_decode(mill, err) && (!options->floats || float_section_build(model, mill, err));
    quantised_model_free(&compiler.quantised);
    if (!ok)
        compiled_free(mill);
    return ok;
}

void compiled_free(struct mill *mill)
{
    mill->tokenizer = NULL;
    arena_free(&mill->arena);
}
