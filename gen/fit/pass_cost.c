/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/fit/pass_cost.h"

#include "gen/mill/tape.h"
#include "gen/op/operator.h"

enum {
    ARRAY_LATENCY = 22,     /* from the last beat of a pass to the next command */
    VECTOR_LATENCY = 26,    /* the same for a pass of the vector unit, into a store ... */
    QUANTISER_LATENCY = 44, /* ... and through the quantiser */
    UNPACKER_LATENCY = 1,   /* from a MATRIX's start to the first word's bits */
    END_CYCLES = 6,         /* before the first operation and after the last */
};

uint32_t design_rows(const struct mill *mill)
{
    for (size_t i = 0; i < mill->op_count; i++)
        if (mill->op[i].opcode == OP_MATRIX && mill->op[i].weight_bits < 8)
            return 2;
    return 1;
}

struct walk {
    const struct mill *mill;
    const struct design *design;
    uint32_t count, positions;
    double words_a_cycle; /* that the memory gives */
    double prefetched;    /* words that wait in the queue */
};

static uint32_t round_up(uint32_t x, uint32_t to)
{
    return (x + to - 1) / to * to;
}

/* `count` elements, `each` cycles an element, quantised in blocks of 16. */
static uint32_t quantise_cycles(uint32_t count, uint32_t each)
{
    uint32_t blocks = round_up(count, BLOCK) / BLOCK;
    uint32_t elements = count * each;
    uint32_t whole = blocks > 1 ? (blocks - 1) * BLOCK * each + BLOCK : 0;

    return (elements > whole ? elements : whole) + QUANTISER_LATENCY;
}

static uint32_t element_count(const struct walk *w, const struct tape_op *op,
                              const struct micro_pass *pass)
{
    const struct mill_shape *shape = &w->mill->shape;

    switch (pass->flags & MICRO_COUNT_ATTENTION) {
    case MICRO_COUNT_HEAD_DIM:
        return shape->head_dim;
    case MICRO_COUNT_DIM:
        return shape->dim;
    case MICRO_COUNT_ATTENTION:
        return shape->heads * shape->head_dim;
    default:
        return op->count;
    }
}

static uint32_t matrix_beats(const struct walk *w, const struct tape_op *op)
{
    uint32_t together = tape_rows_interleaved(op->weight_bits);

    return op->rows / together * op->blocks * (BLOCK / w->design->inputs);
}

/* Cycles in which a MATRIX's words come through the unpacker, one step at a time:
 * a bus word comes in, a beat or some scales go out. */
static uint32_t unpacker_cycles(const struct walk *w, const struct tape_op *op, uint32_t beats)
{
    uint32_t bus = w->design->tape_bus_bits, step = bus < 32 ? 32 : bus;
    uint32_t together = tape_rows_interleaved(op->weight_bits);
    uint32_t frames = (op->rows * tape_groups(op) + TAPE_FRAME_SCALES - 1) / TAPE_FRAME_SCALES;
    uint32_t beat_bits = w->design->inputs * together * op->weight_bits;
    uint32_t out = beats + frames * (TAPE_FRAME_SCALES * 8 / step);
    uint64_t bits = (uint64_t)beats * beat_bits + (uint64_t)frames * TAPE_FRAME_SCALES * 8;
    uint32_t in = (uint32_t)((bits + bus - 1) / bus);

    return UNPACKER_LATENCY + (in > out ? in : out);
}

/* The array, the unpacker or the memory: the slowest. */
static double matrix_cycles(const struct walk *w, const struct tape_op *op, struct op_cost *cost)
{
    uint32_t beats = matrix_beats(w, op), lines = op->payload_lines;
    bool two_rows = tape_rows_interleaved(op->weight_bits) == 2;
    bool dense = w->design->inputs == 16 && two_rows && op->blocks == 1;
    double words = (double)lines * TAPE_LINE * 8 / w->design->tape_bus_bits;
    double array = dense ? 2 * beats - 1 : beats;
    double unpacker = unpacker_cycles(w, op, beats);
    double memory = UNPACKER_LATENCY + (words - w->prefetched) / w->words_a_cycle;
    double slowest = array > unpacker ? array : unpacker;

    cost->array_beats += beats;
    return (slowest > memory ? slowest : memory) + ARRAY_LATENCY;
}

static double micro_cycles(const struct walk *w, const struct tape_op *op,
                           const struct micro_pass *pass, struct op_cost *cost)
{
    uint32_t k = w->design->inputs, head_dim = w->mill->shape.head_dim;
    uint32_t padded = round_up(head_dim, BLOCK), count = element_count(w, op, pass);
    uint32_t beats;

    switch ((enum micro_function)pass->function) {
    case MICRO_SUMSQ:
        return 2.0 * count + 50;
    case MICRO_RSQRT:
    case MICRO_RECIP:
        return VECTOR_LATENCY + 1;
    case MICRO_DIV:
    case MICRO_SILU:
        return count + VECTOR_LATENCY;
    case MICRO_NORM:
        return quantise_cycles(count, 1);
    case MICRO_GLU:
        return quantise_cycles(count, 2);
    case MICRO_EXP:
        return quantise_cycles(w->positions, 1) + 3;
    case MICRO_ROPE:
        return 2 * head_dim + padded + 28;
    case MICRO_COPY:
        return pass->flags & MICRO_TO_OPERAND ? quantise_cycles(count, 1) : head_dim + padded + 28;
    case MICRO_SCORE:
        beats = w->positions * padded / k;
        cost->array_beats += beats;
        return beats + ARRAY_LATENCY;
    case MICRO_MIX:
        beats = (head_dim + k - 1) / k * round_up(w->positions, BLOCK);
        cost->array_beats += beats;
        return beats + k + ARRAY_LATENCY;
    case MICRO_KV_STORE:
        beats = w->count * (padded / k);
        return beats + 2;
    case MICRO_MATRIX:
        return matrix_cycles(w, op, cost);
    }
    return 0;
}

static struct op_cost op_cost(const struct walk *w, const struct tape_op *op)
{
    const struct operator_definition *definition = operator_find(op->opcode);
    struct op_cost cost = {.tape_words = (uint64_t)(1 + op->payload_lines) * TAPE_LINE * 8 /
                                         w->design->tape_bus_bits};

    if (!definition) {
        cost.cycles = END_CYCLES;
        return cost;
    }
    const struct micro_pass *program = definition->program[op->variant];
    uint32_t head = 0;
    for (size_t at = 0;; at++) {
        cost.cycles += micro_cycles(w, op, &program[at], &cost);
        while (program[at].flags & MICRO_LOOP && ++head < op->count)
            for (size_t again = 0; again <= at; again++)
                cost.cycles += micro_cycles(w, op, &program[again], &cost);
        if (program[at].flags & MICRO_LAST)
            return cost;
    }
}

struct op_cost pass_cost(const struct mill *mill, const struct design *design, uint32_t count,
                         uint32_t positions, struct op_cost *op)
{
    const struct memory_model *memory = &design->memory;
    struct walk walk = {
        .mill = mill,
        .design = design,
        .count = count,
        .positions = positions,
        .words_a_cycle = memory->burst / ((double)memory->burst + memory->gap),
        .prefetched = design->fifo_depth,
    };
    struct op_cost whole = {0};

    for (size_t i = 0; i < mill->op_count; i++) {
        struct op_cost cost = op_cost(&walk, &mill->op[i]);
        walk.prefetched += cost.cycles * walk.words_a_cycle - (double)cost.tape_words;
        if (walk.prefetched > design->fifo_depth)
            walk.prefetched = design->fifo_depth;
        if (walk.prefetched < 0)
            walk.prefetched = 0;
        whole.cycles += cost.cycles;
        whole.tape_words += cost.tape_words;
        whole.array_beats += cost.array_beats;
        if (op)
            op[i] = cost;
    }
    return whole;
}
