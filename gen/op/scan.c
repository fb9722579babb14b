/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The selective scan of Mamba (Gu and Dao 2023, algorithm 2) and Mamba-2 (Dao
 * and Gu 2024, section 2.1), one token: with dt = softplus(its projection),
 *
 *     h = exp(dt A) h + dt x B        y = h . C + D x
 *
 * All is to the base 2: the projection of dt is log2(e) times the model's, so
 * that s = log2(1 + 2^v) is dt / ln 2, exp(dt A) is 2^(s A), and y, with D
 * divided by ln 2, is the model's over ln 2; what follows makes that up.
 * The state is kept in mantissas of 8, 12 or 16 bits with a power-of-two
 * exponent for 16 elements, as x, B and C are: every product is of integers,
 * and every change of format is a shift.
 */
#include "gen/mill/mixer_payload.h"
#include "gen/op/function_table.h"
#include "gen/op/operator.h"

enum {
    SCAN_BITS = 8,   /* mantissas of dt x, of B and of C */
    STATE_BITS = 31, /* of a state before it is quantised: +-(2^30 - 1) */
    EXPONENT_FRACTION = 16,
    STATE_BLOCKS_MAX = 64,
};

/* What y is held to before its format: no trained model comes near. */
static const int64_t accumulator_max = ((int64_t)1 << 54) - 1;

/* mantissa / 2^shift; the mantissa has up to 18 bits. */
struct step {
    int32_t mantissa;
    unsigned shift;
};

/* x / 2^right, or x 2^-right. */
static int64_t move(int64_t x, int right)
{
    if (right >= 0)
        return right > 62 ? 0 : round_shift(x, (unsigned)right);
    return shift_left(x, right < -31 ? 31 : (unsigned)-right);
}

/* 2^-x of x with EXPONENT_FRACTION fraction bits, Q16. */
static int32_t exp2_negative(int64_t x)
{
    uint32_t fraction = (uint32_t)x & ((1 << EXPONENT_FRACTION) - 1);
    int64_t whole = x >> EXPONENT_FRACTION;

    if (whole > 17)
        return 0;
    return (int32_t)round_shift(
        function_table_eval(FUNCTION_EXP2 + (fraction >> 10), fraction & 1023, 10),
        (unsigned)whole);
}

/* log2(1 + 2^v), v with GATE_FRACTION fraction bits. */
static struct step softplus2(int64_t v)
{
    uint32_t x = (uint32_t)saturate(v < 0 ? -v : v, WIDE_MAX);
    uint32_t whole = x >> GATE_FRACTION, fraction = x & ((1 << GATE_FRACTION) - 1);
    uint32_t near = x < 8 << GATE_FRACTION ? x : (8 << GATE_FRACTION) - 1;
    int64_t ratio = function_table_eval(FUNCTION_SOFTPLUS + (near >> 10), near & 1023, 10);
    int64_t power = function_table_eval(FUNCTION_EXP2 + (fraction >> 6), fraction & 63, 6);
    int32_t tail = (int32_t)round_shift(ratio * power, 16);

    if (v <= 0)
        return (struct step){tail, 16 + whole};
    return (struct step){(int32_t)saturate_wide(x + round_shift(tail, whole + 4)), GATE_FRACTION};
}

/* What a token's scan needs of B or C. */
struct parameter {
    int16_t mantissa[STATE_BLOCKS_MAX * BLOCK];
    uint8_t exponent[STATE_BLOCKS_MAX];
};

static void load_parameter(const struct column_tile *tile, uint32_t first, uint32_t count,
                           unsigned column, struct parameter *p)
{
    for (uint32_t at = 0; at < count; at += BLOCK) {
        int32_t value[BLOCK];
        for (uint32_t i = 0; i < BLOCK; i++)
            value[i] = tile->wide[first + at + i][column];
        p->exponent[at / BLOCK] =
            (uint8_t)block_quantise(value, BLOCK, SCAN_BITS, p->mantissa + at);
    }
}

/* dt x of one channel: mantissa 2^exponent. */
struct input {
    int32_t mantissa;
    int exponent; /* with the formats of dt and x taken off */
};

static struct input make_input(struct step step, int32_t x)
{
    int32_t product = saturate_wide(round_shift((int64_t)step.mantissa * x, 16));
    int16_t mantissa;
    unsigned exponent = block_quantise(&product, 1, SCAN_BITS, &mantissa);

    return (struct input){mantissa, (int)exponent + 16 - (int)step.shift - GATE_FRACTION};
}

/* The decays 2^-(s |A|) of one head, or of one channel's state elements. */
static void find_keep(const struct scan_head *head, struct step step, uint32_t count, int32_t *keep)
{
    for (uint32_t n = 0; n < count; n++) {
        int64_t product = (int64_t)step.mantissa * load_u16(head->decay + 2 * (size_t)n);
        keep[n] =
            exp2_negative(move(product, (int)(step.shift + head->decay_shift) - EXPONENT_FRACTION));
    }
}

/* block_quantise() with an ordered dither: element n at position t is rounded up from 7/8,
 * 3/8, 5/8 or 1/8 of a step on, by (t + n) mod 4.  Rounded to nearest, a state that decays
 * slowly would never feel inputs below half its step; so it feels them in the mean. */
static unsigned state_quantise(const int32_t *value, unsigned bits, uint32_t position,
                               int16_t *mantissa)
{
    static const int64_t eighths[4] = {1, 5, 3, 7};
    unsigned exponent = block_exponent(value, BLOCK, bits);

    for (uint32_t n = 0; n < BLOCK; n++) {
        int64_t added = (eighths[(position + n) % 4] << exponent) >> 3;
        mantissa[n] =
            (int16_t)saturate((value[n] + added) >> exponent, ((int64_t)1 << (bits - 1)) - 1);
    }
    return exponent;
}

/* What one column's scan goes by. */
struct scan {
    const struct mill_shape *shape;
    const struct tape_op *op;
    struct scan_formats formats;
    struct parameter b, c;
    int32_t keep[STATE_BLOCKS_MAX * BLOCK];
    uint32_t position;
};

/* One block of one channel's state: the step, the new mantissas, and h . C. */
static int64_t scan_block(const struct scan *s, uint32_t block, int16_t *state, uint8_t *exponent,
                          struct input input)
{
    bool every = s->shape->architecture == ARCHITECTURE_MAMBA; /* element has its own decay */
    const int32_t *keep = s->keep + (every ? (size_t)block * BLOCK : 0);
    const int16_t *b = s->b.mantissa + (size_t)block * BLOCK;
    const int16_t *c = s->c.mantissa + (size_t)block * BLOCK;
    int right = s->formats.parameter_fraction - s->formats.state_fraction - input.exponent -
                s->b.exponent[block];
    int32_t value[BLOCK];
    int64_t dot = 0;

    for (uint32_t n = 0; n < BLOCK; n++) {
        int64_t kept =
            round_shift(shift_left((int64_t)keep[every ? n : 0] * state[n], *exponent), 16);
        value[n] = (int32_t)saturate(kept + move((int64_t)input.mantissa * b[n], right),
                                     (1 << (STATE_BITS - 1)) - 1);
    }
    *exponent = (uint8_t)state_quantise(value, s->shape->state_bits, s->position, state);
    for (uint32_t n = 0; n < BLOCK; n++)
        dot += (int64_t)state[n] * c[n];
    return dot;
}

/* One channel: its state, and y in the accumulator's format. */
static int64_t scan_channel(const struct scan *s, int16_t *state, uint8_t *exponent,
                            struct input input)
{
    int64_t acc = 0;

    for (uint32_t block = 0; block < s->shape->mixer.state / BLOCK; block++) {
        int64_t dot = scan_block(s, block, state + (size_t)block * BLOCK, exponent + block, input);
        acc += shift_left(dot, exponent[block] + s->c.exponent[block]);
    }
    return acc;
}

static void scan_column(struct scan *s, struct column_tile *tile, struct mixer_memory *memory,
                        unsigned column)
{
    const struct mixer_shape *m = &s->shape->mixer;
    const struct tape_op *op = s->op;
    uint32_t blocks = m->state / BLOCK, width = m->inner / m->heads;
    uint32_t head_index = 0, next = 0; /* the next head, and its first channel */
    int16_t *state = memory->state + (size_t)op->blocks * m->inner * m->state;
    uint8_t *exponent = memory->state_exponent + (size_t)op->blocks * m->inner * blocks;
    struct scan_head head = {0};
    struct step step = {0};

    s->position = tile->position[column];
    if (s->position == 0) {
        memset(state, 0, (size_t)m->inner * m->state * sizeof *state);
        memset(exponent, 0, (size_t)m->inner * blocks);
    }
    load_parameter(tile, op->target, m->state, column, &s->b);
    load_parameter(tile, op->target + m->state, m->state, column, &s->c);
    for (uint32_t i = 0; i < m->inner; i++, state += m->state, exponent += blocks) {
        int32_t x = tile->wide[op->source + i][column];
        if (i == next) {
            uint32_t at = head_index++;
            next += width;
            head = scan_head_read(op->payload, scan_record(s->shape), at);
            step = softplus2(shift_left(tile->wide[op->rows + at][column], op->shift2) + head.bias);
            find_keep(&head, step, scan_decays(s->shape), s->keep);
        }
        int64_t acc = scan_channel(s, state, exponent, make_input(step, x));
        acc += shift_left((int64_t)head.d * x, s->formats.d_left);
        acc = saturate(acc, accumulator_max);
        tile->gated[i][column] =
            saturate_residual(round_shift(shift_left(acc, ACCUMULATOR_LEFT), op->shift));
    }
}

static void scan_run(struct reference *reference, struct column_tile *tile,
                     const struct tape_op *op, size_t index)
{
    struct scan s = {
        .shape = &reference->mill->shape, .op = op, .formats = scan_constant_decode(op->constant)};
    (void)index;

    for (unsigned column = 0; column < tile->active; column++)
        scan_column(&s, tile, &reference->memory[tile->slot[column]], column);
}

static const struct micro_pass program[] = {{MICRO_SCAN, MICRO_LAST}};

const struct operator_definition scan_operator = {"scan", OP_SCAN, scan_run, {program, program}};
