/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/op/reference.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "gen/mill/tape.h"
#include "gen/op/function_table.h"
#include "gen/op/operator.h"
#include "host/candidates.h"

enum { TILES_MAX = 16 };

static uint32_t round_up(uint32_t x, uint32_t to)
{
    return (x + to - 1) / to * to;
}

static bool open_operand(struct operand *operand, struct arena *arena, uint32_t inputs)
{
    operand->mantissa = arena_alloc(arena, inputs, sizeof *operand->mantissa);
    operand->exponent = arena_alloc(arena, inputs / OPERAND_BLOCK, sizeof *operand->exponent);
    return operand->mantissa && operand->exponent;
}

static bool open_tile(struct reference *r, struct column_tile *tile)
{
    const struct mill_shape *shape = &r->mill->shape;
    struct arena *arena = &r->arena;
    uint32_t attention = shape->heads * shape->head_dim;
    uint32_t widest = shape->dim > shape->hidden_dim ? shape->dim : shape->hidden_dim;
    widest = widest > shape->mixer.inner ? widest : shape->mixer.inner;
    widest = widest > shape->mixer.dt_rank ? widest : shape->mixer.dt_rank;
    widest = round_up(widest > attention ? widest : attention, BLOCK);

    tile->residual = arena_alloc(arena, r->dim_padded, sizeof *tile->residual);
    tile->wide = arena_alloc(arena, tape_wide_depth(r->mill), sizeof *tile->wide);
    tile->gated = arena_alloc(arena, shape->mixer.inner, sizeof *tile->gated);
    tile->rope = arena_alloc(arena, shape->head_dim, sizeof *tile->rope);
    tile->logit = arena_alloc(arena, shape->vocab + 1, sizeof *tile->logit);
    tile->score = arena_alloc(arena, r->seq_padded, sizeof *tile->score);
    tile->probability = arena_alloc(arena, r->seq_padded, sizeof *tile->probability);
    tile->probability_mantissa =
        arena_alloc(arena, r->seq_padded, sizeof *tile->probability_mantissa);
    tile->attention = arena_alloc(arena, attention, sizeof *tile->attention);
    return tile->residual && tile->wide && tile->gated && tile->rope && tile->logit &&
           tile->score && tile->probability && tile->probability_mantissa && tile->attention &&
           open_operand(&tile->operand, arena, widest) &&
           open_operand(&tile->query, arena, shape->heads * r->head_padded);
}

static bool open_memory(struct reference *r, struct mixer_memory *memory)
{
    const struct mill_shape *shape = &r->mill->shape;
    const struct mixer_shape *m = &shape->mixer;
    size_t past = (size_t)shape->layers * (m->conv_width - 1) * mixer_channels(m);
    size_t state = (size_t)shape->layers * m->inner * m->state;

    memory->past = arena_alloc(&r->arena, past, sizeof *memory->past);
    memory->past_exponent = arena_alloc(&r->arena, past / BLOCK, sizeof *memory->past_exponent);
    memory->state = arena_alloc(&r->arena, state, sizeof *memory->state);
    memory->state_exponent = arena_alloc(&r->arena, state / BLOCK, sizeof *memory->state_exponent);
    return memory->past && memory->past_exponent && memory->state && memory->state_exponent;
}

static bool open_cache(struct reference *r, struct kv_cache *cache)
{
    const struct mill_shape *shape = &r->mill->shape;
    size_t rows = (size_t)shape->layers * shape->kv_heads * r->seq_padded;

    cache->key = arena_alloc(&r->arena, rows * shape->head_dim, sizeof *cache->key);
    cache->value = arena_alloc(&r->arena, rows, r->head_padded);
    cache->key_exponent = arena_alloc(&r->arena, rows, 1);
    cache->value_exponent = arena_alloc(&r->arena, rows, 1);
    return cache->key && cache->value && cache->key_exponent && cache->value_exponent;
}

/* One look-up in place of a chord, which ATTEND needs for every score. */
static bool expand_exp2(struct reference *r)
{
    r->exp2_fraction = arena_alloc(&r->arena, EXP2_FRACTIONS, sizeof *r->exp2_fraction);
    for (uint32_t i = 0; r->exp2_fraction && i < EXP2_FRACTIONS; i++)
        r->exp2_fraction[i] = function_table_eval(FUNCTION_EXP2 + (i >> 4), i & 15, 4);
    return r->exp2_fraction;
}

/* Weights times scales, so that a block's sum needs no further product. */
static bool expand_weights(struct reference *r)
{
    const struct mill *mill = r->mill;
    int16_t **weight = arena_alloc(&r->arena, mill->op_count, sizeof *weight);

    if (!weight)
        return false;
    for (size_t i = 0; i < mill->op_count; i++) {
        const struct tape_op *op = &mill->op[i];
        if (op->opcode != OP_MATRIX)
            continue;
        weight[i] = arena_alloc(&r->arena, (size_t)op->rows * op->blocks * BLOCK, sizeof **weight);
        if (!weight[i])
            return false;
        tape_unpack_matrix(op, weight[i]);
    }
    r->weight = weight;
    return true;
}

struct reference *reference_open(const struct mill *mill, uint32_t columns, struct error *err)
{
    struct reference *r = calloc(1, sizeof *r);
    if (!r) {
        error_set(err, ERROR_FAILED, "reference: out of memory");
        return NULL;
    }
    if (columns > TILES_MAX * COLUMN_TILE) {
        error_set(err, ERROR_INPUT, "reference: %u columns, at most %d", columns,
                  TILES_MAX * COLUMN_TILE);
        free(r);
        return NULL;
    }
    r->mill = mill;
    r->columns = columns;
    r->tiles = (columns + COLUMN_TILE - 1) / COLUMN_TILE;
    r->dim_padded = round_up(mill->shape.dim, BLOCK);
    r->head_padded = round_up(mill->shape.head_dim, BLOCK);
    r->seq_padded = round_up(mill->shape.max_seq, BLOCK);
    r->tile = arena_alloc(&r->arena, r->tiles, sizeof *r->tile);
    r->cache = arena_alloc(&r->arena, columns, sizeof *r->cache);
    r->memory = arena_alloc(&r->arena, columns, sizeof *r->memory);

    bool ok = r->tile && r->cache && r->memory && expand_exp2(r) && expand_weights(r);
    for (uint32_t i = 0; ok && i < r->tiles; i++)
        ok = open_tile(r, &r->tile[i]);
    for (uint32_t i = 0; ok && i < columns; i++)
        ok = mill->shape.architecture == ARCHITECTURE_LLAMA ? open_cache(r, &r->cache[i])
                                                            : open_memory(r, &r->memory[i]);
    if (!ok) {
        error_set(err, ERROR_FAILED, "reference: out of memory for %u columns of %s", columns,
                  mill->name);
        reference_close(r);
        return NULL;
    }
    return r;
}

void reference_close(struct reference *r)
{
    if (r) {
        arena_free(&r->arena);
        free(r);
    }
}

/* EMBED: the host's part of the model.  The row goes to the residual stream,
 * the position's cosines and sines beside it. */
static void load_column(struct reference *r, const struct pass *pass, uint32_t c,
                        int16_t *embedding)
{
    const struct mill *mill = r->mill;
    struct column_tile *tile = &r->tile[c / COLUMN_TILE];
    uint32_t lane = c % COLUMN_TILE, head_dim = mill->shape.head_dim;
    const struct pass_column *column = &pass->column[c];

    mill_embedding(mill, column->token, embedding);
    for (uint32_t i = 0; i < mill->shape.dim; i++)
        tile->residual[i][lane] = embedding[i] * (1 << mill->embed_shift);
    for (uint32_t i = 0; i < head_dim; i++)
        tile->rope[i][lane] = mill->rope[(size_t)column->position * head_dim + i];
    tile->position[lane] = column->position;
    tile->slot[lane] = pass->mode == PASS_PREFILL ? pass->slot : c;
}

static bool check_pass(const struct reference *r, const struct pass *pass, struct error *err)
{
    const struct mill_shape *shape = &r->mill->shape;

    if (pass->count < 1 || pass->count > r->columns)
        return error_set(err, ERROR_INPUT, "pass: %u columns, the device has %u", pass->count,
                         r->columns);
    if (pass->mode == PASS_PREFILL && pass->slot >= r->columns)
        return error_set(err, ERROR_INPUT, "pass: slot %u, the device has %u", pass->slot,
                         r->columns);
    for (uint32_t c = 0; c < pass->count; c++) {
        if (pass->column[c].token >= mill_inputs(r->mill))
            return error_set(err, ERROR_INPUT, "pass: token %u, there are %u",
                             pass->column[c].token, mill_inputs(r->mill));
        if (pass->column[c].position >= shape->max_seq)
            return error_set(err, ERROR_INPUT, "pass: position %u, the context is %u",
                             pass->column[c].position, shape->max_seq);
    }
    return true;
}

static bool store_result(const struct reference *r, const struct pass *pass, uint32_t top_k,
                         struct pass_output *output)
{
    uint32_t vocab = r->mill->shape.vocab;
    float step = ldexpf(1.0f, -(int)r->mill->logit_fraction);
    float *row = pass->result == RESULT_TOP ? malloc(vocab * sizeof *row) : NULL;

    if (pass->result == RESULT_TOP && !row)
        return false;
    for (uint32_t c = 0; c < pass->count; c++) {
        const struct column_tile *tile = &r->tile[c / COLUMN_TILE];
        float *logits = row ? row : output->logits + (size_t)c * vocab;
        for (uint32_t token = 0; token < vocab; token++)
            logits[token] = (float)tile->logit[token][c % COLUMN_TILE] * step;
        if (row)
            candidates_select(row, vocab, top_k, output->top + (size_t)c * top_k);
    }
    free(row);
    return true;
}

/* Operations first..last-1 on one tile. */
struct stretch {
    struct reference *reference;
    struct column_tile *tile;
    size_t first, last;
    bool logits; /* somebody reads them */
};

static void *run_stretch(void *opaque)
{
    const struct stretch *s = opaque;

    for (size_t i = s->first; i < s->last; i++) {
        const struct tape_op *op = &s->reference->mill->op[i];
        const struct operator_definition *definition = operator_find(op->opcode);
        bool to_logits = op->opcode == OP_MATRIX && op->variant == MATRIX_TO_LOGITS;
        if (definition && (s->logits || !to_logits))
            definition->run(s->reference, s->tile, op, i);
    }
    return NULL;
}

/* All tiles at once: the first on this thread, each other on one of its own, or
 * here where none can be had. */
static void run_tiles(const struct stretch *stretch, uint32_t tiles)
{
    struct stretch of_tile[TILES_MAX];
    pthread_t thread[TILES_MAX];
    bool started[TILES_MAX] = {false};

    for (uint32_t t = 0; t < tiles; t++) {
        of_tile[t] = *stretch;
        of_tile[t].tile += t;
        started[t] = t > 0 && pthread_create(&thread[t], NULL, run_stretch, &of_tile[t]) == 0;
    }
    for (uint32_t t = 0; t < tiles; t++)
        if (!started[t])
            run_stretch(&of_tile[t]);
    for (uint32_t t = 0; t < tiles; t++)
        if (started[t])
            pthread_join(thread[t], NULL);
}

/* Does it take a column's successor in a prompt to wait for the column? */
static bool is_recurrent(const struct tape_op *op)
{
    return op->opcode == OP_CONV || op->opcode == OP_SCAN;
}

/* Tiles meet only in what a slot remembers: ATTEND reads what HEADS of all of
 * them wrote, and a recurrence goes from one to the next. */
static void run_tape(struct reference *r, const struct pass *pass)
{
    uint32_t tiles = (pass->count + COLUMN_TILE - 1) / COLUMN_TILE;
    bool in_order = pass->mode == PASS_PREFILL && tiles > 1;
    struct stretch stretch = {
        .reference = r, .tile = r->tile, .logits = pass->result != RESULT_NONE};

    for (uint32_t t = 0; t < tiles; t++) {
        uint32_t rest = pass->count - t * COLUMN_TILE;
        r->tile[t].active = rest < COLUMN_TILE ? rest : COLUMN_TILE;
    }
    for (size_t i = 1; i <= r->mill->op_count; i++) {
        bool recurrent = in_order && is_recurrent(&r->mill->op[i - 1]);
        bool cut = i == r->mill->op_count || r->mill->op[i].opcode == OP_ATTEND || recurrent ||
                   (in_order && is_recurrent(&r->mill->op[i]));
        if (!cut)
            continue;
        stretch.last = i;
        if (recurrent)
            for (uint32_t t = 0; t < tiles; t++) {
                stretch.tile = &r->tile[t];
                run_stretch(&stretch);
            }
        stretch.tile = r->tile;
        if (!recurrent)
            run_tiles(&stretch, tiles);
        stretch.first = i;
    }
}

bool reference_run(struct reference *r, const struct pass *pass, uint32_t top_k,
                   struct pass_output *output, struct error *err)
{
    if (!check_pass(r, pass, err))
        return false;
    int16_t *embedding = malloc(r->mill->shape.dim * sizeof *embedding);
    if (!embedding)
        return error_set(err, ERROR_FAILED, "reference: out of memory");
    for (uint32_t c = 0; c < pass->count; c++)
        load_column(r, pass, c, embedding);
    free(embedding);

    run_tape(r, pass);
    if (pass->result != RESULT_NONE && !store_result(r, pass, top_k, output))
        return error_set(err, ERROR_FAILED, "reference: out of memory");
    return true;
}
