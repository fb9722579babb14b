/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/fit/pass_cycles.h"

#include "gen/mill/tape.h"
#include "gen/op/micro.h"
#include "gen/op/numerics.h"
#include "gen/op/operator.h"

enum {
    LOOK_UP_CYCLES = 3, /* from a header taken to its first pass: LOOK_UP, ENTRY, READ */
    READ_CYCLES = 1,    /* from a command to the next pass */
    ARRAY_START = 1,    /* from a MATRIX's command until the array can take beats */
    ARRAY_DRAIN = 22,   /* from its last beat until the next command */
    SCALE_START = 2,    /* from a SCALE's command until it can take a half */
    SCALE_DRAIN = 15,   /* from its last half until the next command */
    STORE_LATENCY = 3,  /* of kv_store.v, beside a cycle for each word */
};

/* A pass as it is played. */
struct playback {
    struct pass_model *model;
    const struct pass_plan *plan;
    struct pass_cost *cost;
    uint64_t now;                /* cycles that busy_o has been high */
    uint64_t issued;             /* when the last command was taken */
    uint64_t ready_at;           /* when the columns take the next one */
    uint64_t store_until;        /* when kv_store.v is idle again */
    uint64_t op_start;           /* the first command of the operator in work */
    struct mixer_steps mixer;    /* at work where it is `mixing`, */
    uint64_t mixer_start;        /* since then */
    bool mixing, mixer_takes;    /* it takes the payload */
    uint64_t mixer_until;        /* when the mixer is idle again */
    bool scanning;               /* it scans: matrices may run beside it */
    bool fetching;               /* the sequencer takes the next header */
    const struct tape_op *taken; /* which it took ... */
    uint64_t taken_at;           /* ... and when */
};

/* The mixer's part of a cycle.  Once it has its payload the tape does not delay it any more,
 * but a state in the memory delays the tape. */
static void mix(struct playback *p, const struct supply_event *event)
{
    bool takes = p->mixer_takes, ends = takes && event->payload_ends;

    mixer_steps_tick(&p->mixer, takes && event->word_taken, ends);
    if (ends) {
        struct mixer_steps ahead = p->mixer;
        p->mixer_until = p->mixer_start + mixer_steps_finish(&ahead);
        p->mixer_takes = false;
    }
    p->mixing = p->mixer_takes || (p->mixer.in_memory && !p->mixer.done_at);
    if (!p->mixing)
        p->model->supply.taker_ready = p->model->supply.held = false;
}

static struct supply_event tick(struct playback *p, bool beat_ready)
{
    struct tape_supply *supply = &p->model->supply;
    const struct tape_op *op = &supply->op[supply->reader_op];

    if (p->mixing) {
        supply->taker_ready = p->mixer_takes && mixer_steps_ready(&p->mixer);
        supply->held = mixer_steps_hold_memory(&p->mixer);
    }
    struct supply_event event = tape_supply_tick(supply, p->fetching, beat_ready);
    if (p->mixing)
        mix(p, &event);
    if (event.op_taken) {
        p->taken = op;
        p->taken_at = p->now;
        p->fetching = false;
        p->cost->tape_words += supply->line_words;
    }
    p->cost->tape_words += event.word_taken;
    p->now++;
    return event;
}

static void wait_until(struct playback *p, uint64_t when)
{
    while (p->mixing && p->now < when)
        tick(p, false);
    if (when <= p->now)
        return;
    tape_supply_idle(&p->model->supply, when - p->now, &p->cost->tape_words);
    p->now = when;
}

static void wait_columns(struct playback *p)
{
    wait_until(p, p->ready_at > p->store_until ? p->ready_at : p->store_until);
}

static void wait_unpacker(struct playback *p)
{
    while (p->model->supply.unpacker.state != UNPACKER_IDLE)
        tick(p, false);
}

/* Until the command of `function` may be given. */
static void wait_for(struct playback *p, unsigned function)
{
    bool matrix = function == MICRO_MATRIX;

    wait_columns(p);
    if (!(matrix && p->scanning))
        wait_until(p, p->mixer_until);
    if (matrix)
        wait_unpacker(p);
}

/* The next operator.  Its header may have been taken while a matrix was at work. */
static const struct tape_op *fetch(struct playback *p)
{
    while (p->fetching)
        tick(p, false);
    return p->taken;
}

static struct micro_command make_command(const struct playback *p, const struct tape_op *op,
                                         const struct micro_pass *pass)
{
    const struct mill_shape *shape = &p->model->mill->shape;
    struct micro_command command = {
        .function = pass->function,
        .variant = pass->flags & MICRO_TO_OPERAND ? 3u : op->variant,
        .one_row = op->weight_bits == 8,
        .to_wide = op->opcode == OP_NORM && op->variant == NORM_SCALED,
        .stages = op->shift,
        .count = op->count,
        .rows = op->rows,
        .blocks = op->blocks,
        .positions = p->plan->position + 1,
        .shift = op->shift,
    };

    switch (pass->flags & MICRO_COUNT) {
    case MICRO_COUNT_HEAD_DIM:
        command.count = shape->head_dim;
        break;
    case MICRO_COUNT_DIM:
        command.count = shape->dim;
        break;
    case MICRO_COUNT_ATTENTION:
        command.count = shape->heads * shape->head_dim;
        break;
    default:
        break;
    }
    return command;
}

/* Beats that end two rows each leave the array every other cycle (array_issue.v). */
static bool is_dense(const struct column_shape *shape, const struct micro_command *command)
{
    return shape->inputs == BLOCK && shape->rows == 2 && !command->one_row && command->blocks == 1;
}

static void play_matrix(struct playback *p, const struct tape_op *op,
                        const struct micro_command *command)
{
    struct tape_supply *supply = &p->model->supply;
    uint64_t beats = micro_beats(&p->model->shape, command), start = p->now, left = beats;
    bool dense = is_dense(&p->model->shape, command), pause = false;

    tick(p, false);
    tape_supply_unpack(supply, op);
    p->fetching = true; /* a matrix is its program's last pass */
    for (int i = 0; i < ARRAY_START; i++)
        tick(p, false);
    while (left) {
        struct supply_event event = tick(p, !pause);
        p->cost->stall_cycles += event.beat_late;
        p->cost->kind[op->opcode].late_beats += event.beat_late;
        left -= event.beat_taken;
        pause = dense && event.beat_taken;
    }
    p->ready_at = p->now - 1 + ARRAY_DRAIN;
    p->cost->matrix_beats += beats;
    p->cost->matrix_cycles += p->ready_at - start;
}

/* SCALE: a half of the payload an element (rtl/payload_halves.v, gate_unit.v). */
static void play_scale(struct playback *p, const struct tape_op *op,
                       const struct micro_command *command)
{
    struct tape_supply *supply = &p->model->supply;
    uint32_t word_halves = supply->word_bits / 16, here = 0, left = command->count;

    tick(p, false);
    p->fetching = true; /* it is its program's last pass */
    for (uint64_t cycle = 1; left; cycle++) {
        bool takes = cycle >= SCALE_START && here;
        supply->taker_ready = here == 0 || (here == 1 && takes);
        struct supply_event event = tick(p, false);
        p->cost->kind[op->opcode].late_beats += cycle >= SCALE_START && !here;
        here -= takes;
        left -= takes;
        if (event.word_taken)
            here = word_halves;
    }
    supply->taker_ready = false;
    p->ready_at = p->now - 1 + SCALE_DRAIN;
}

/* CONV and SCAN: along with the tape as long as they take of it. */
static void play_mixer(struct playback *p, const struct micro_command *command)
{
    struct pass_model *m = p->model;

    p->scanning = command->function == MICRO_SCAN;
    p->mixer_start = p->now;
    mixer_steps_start(&p->mixer, &m->mixer, p->scanning, p->plan->count);
    if (!m->free_scan)
        mixer_steps_keep_state(&p->mixer, &m->state, p->plan->count > 1);
    tick(p, false);
    p->mixing = p->mixer_takes = true;
    while (p->mixer_takes)
        tick(p, false);
    if (p->scanning && m->free_scan)
        p->mixer_until = p->now;
}

/* A command of a serial column, along with the tape where it is a MATRIX. */
static void play_serial(struct playback *p, const struct tape_op *op,
                        const struct micro_command *command)
{
    struct pass_model *m = p->model;
    struct serial_run run;
    uint64_t start = p->now;

    tick(p, false);
    if (command->function != MICRO_MATRIX) {
        p->ready_at = start + serial_cycles(&m->program, &m->shape, command);
        return;
    }
    tape_supply_unpack(&m->supply, op);
    serial_run_start(&run, &m->program, &m->shape, command);
    while (!run.done) {
        struct supply_event event = tick(p, serial_run_takes_beat(&run));
        p->cost->stall_cycles += event.beat_late;
        p->cost->kind[op->opcode].late_beats += event.beat_late;
        serial_run_tick(&run, event.beat_taken);
    }
    p->ready_at = p->now;
    p->cost->matrix_beats += micro_beats(&m->shape, command);
    p->cost->matrix_cycles += p->ready_at - start;
}

static void play_store(struct playback *p, const struct tape_op *op)
{
    uint32_t steps = op->variant == HEADS_VALUE ? p->model->shape.head_dim : p->model->key_words;

    tick(p, false);
    p->store_until = p->now + p->plan->count * (uint64_t)steps + STORE_LATENCY;
}

static enum pass_unit unit_of(unsigned function)
{
    switch (function) {
    case MICRO_KV_STORE:
        return UNIT_KV_STORE;
    case MICRO_CONV:
    case MICRO_SCAN:
        return UNIT_MIXER;
    case MICRO_MATRIX:
    case MICRO_SCORE:
    case MICRO_MIX:
        return UNIT_ARRAY;
    default:
        return UNIT_VECTOR;
    }
}

/* Wait until the pass's command is taken, and play it. */
static void play_micro(struct playback *p, const struct tape_op *op, const struct micro_pass *pass)
{
    struct pass_model *m = p->model;
    struct micro_command command = make_command(p, op, pass);
    uint64_t words_before = p->cost->tape_words;

    wait_for(p, pass->function);
    p->issued = p->now;
    struct pass_span span = {.op = (size_t)(op - m->mill->op),
                             .function = pass->function,
                             .unit = unit_of(pass->function),
                             .start = p->issued};
    if (pass->function == MICRO_KV_STORE) {
        play_store(p, op);
    } else if (m->serial) {
        play_serial(p, op, &command);
    } else if (pass->function == MICRO_MATRIX) {
        play_matrix(p, op, &command);
    } else if (pass->function == MICRO_CONV || pass->function == MICRO_SCAN) {
        play_mixer(p, &command);
    } else if (pass->function == MICRO_SCALE) {
        play_scale(p, op, &command);
    } else {
        p->ready_at = p->now + micro_cycles(&m->shape, &command);
        tick(p, false);
    }
    span.beats = micro_beats(&m->shape, &command);
    span.end = span.unit == UNIT_KV_STORE ? p->store_until
               : span.unit == UNIT_MIXER  ? p->mixer_until
                                          : p->ready_at;
    span.tape_words = p->cost->tape_words - words_before;
    p->cost->array_beats += span.beats;
    p->cost->kind[op->opcode].beats += span.beats;
    if (m->observer)
        m->observer(m->context, &span);
}

/* To the cycle in which the sequencer has done with the pass that it issued: a serial column's
 * command holds until all is quiet, which is seen a cycle late. */
static void leave_pass(struct playback *p)
{
    if (!p->model->serial) {
        wait_until(p, p->issued + 1);
        return;
    }
    wait_columns(p);
    wait_unpacker(p);
    wait_until(p, p->now + 2);
}

/* An operator's program, with its loop over heads. */
static void play_program(struct playback *p, const struct tape_op *op,
                         const struct micro_pass *program)
{
    const struct micro_pass *pass = program;
    uint32_t head = 0;

    for (;;) {
        play_micro(p, op, pass);
        bool again = (pass->flags & MICRO_LOOP) && ++head < op->count;
        leave_pass(p);
        if (!again && (pass->flags & MICRO_LAST))
            break;
        wait_until(p, p->now + READ_CYCLES);
        pass = again ? program : pass + 1;
    }
    bool fetches_meanwhile = pass->function == MICRO_MATRIX || pass->function == MICRO_SCALE;
    if (p->model->serial || !fetches_meanwhile)
        p->fetching = true;
}

/* To the next operator, whose first command ends the one before. */
static void end_operator(struct playback *p, const struct tape_op *op)
{
    if (op) {
        struct operator_cost *kind = &p->cost->kind[op->opcode];
        kind->count++;
        kind->cycles += p->now - p->op_start;
        kind->tape_bytes += (uint64_t)TAPE_LINE * (1 + op->payload_lines);
    }
    p->op_start = p->now;
}

static void play(struct playback *p)
{
    const struct tape_op *op, *before = NULL;

    p->fetching = true;
    while ((op = fetch(p))->opcode != OP_END) {
        wait_until(p, p->taken_at + 1 + LOOK_UP_CYCLES);
        const struct micro_pass *program = operator_find(op->opcode)->program[op->variant];
        wait_for(p, program->function);
        end_operator(p, before);
        play_program(p, op, program);
        before = op;
    }
    wait_for(p, MICRO_CONV);
    wait_unpacker(p);
    tick(p, false); /* FINISH */
    end_operator(p, before);
    p->cost->kind[OP_END] = (struct operator_cost){.count = 1, .tape_bytes = TAPE_LINE};
    p->cost->cycles = p->now;
}

uint64_t pass_link_cycles(const struct mill *mill, uint32_t count, uint32_t candidates)
{
    enum {
        RUN_ASKED = 21,  /* a RUN frame of 8 bytes, and its start */
        ANSWERED = 44,   /* its answer without candidates */
        CANDIDATE = 10,  /* 8 bytes and two states */
        COLUMN_HEAD = 8, /* column, reserved, position */
        LOADED = 24,     /* a COLUMN's frame and its acknowledgement, less the payload */
    };
    uint64_t payload = COLUMN_HEAD + 2 * (uint64_t)(mill->shape.head_dim + mill->shape.dim);

    return ANSWERED + CANDIDATE * (uint64_t)candidates * count + count * (LOADED + payload) +
           RUN_ASKED;
}

bool pass_model_open(struct pass_model *model, const struct mill *mill, const struct design *design,
                     struct error *err)
{
    const struct mill_shape *shape = &mill->shape;

    if (!design_check(mill, design, err))
        return false;
    *model = (struct pass_model){
        .mill = mill,
        .shape = {design->inputs, design_rows(mill), shape->head_dim},
        .mixer = {.every = shape->architecture == ARCHITECTURE_MAMBA,
                  .inner = shape->mixer.inner,
                  .state = shape->mixer.state,
                  .heads = shape->mixer.heads,
                  .lanes = shape->mixer.inner ? design_scan_lanes(mill, design) : 0,
                  .bus_bits = design->tape_bus_bits},
        .key_words = (shape->head_dim + design->inputs - 1) / design->inputs,
    };
    if (design->state_in_memory) {
        struct state_layout layout = design_state_layout(mill, design);
        model->state =
            (struct state_port){8 * layout.mantissa_bytes / design->tape_bus_bits,
                                8 * layout.exponent_bytes / design->tape_bus_bits,
                                design->memory.latency, design->memory.burst, design->memory.gap};
    }
    tape_supply_reset(&model->supply, mill, design);
    struct serial_shape serial;
    model->serial = design_is_serial(mill, design, &serial);
    if (model->serial)
        serial_program_build(&serial, &model->program);
    return true;
}

void pass_model_idle(struct pass_model *model, uint64_t cycles)
{
    uint64_t none = 0;
    tape_supply_idle(&model->supply, cycles, &none);
}

bool pass_model_run(struct pass_model *model, const struct pass_plan *plan, struct pass_cost *cost,
                    struct error *err)
{
    struct playback playback = {.model = model, .plan = plan, .cost = cost};

    if (plan->position >= model->mill->shape.max_seq)
        return error_set(err, ERROR_INPUT, "position %u: the context has %u", plan->position,
                         model->mill->shape.max_seq);
    *cost = (struct pass_cost){0};
    play(&playback);
    return true;
}

static bool play_alone(const struct mill *mill, const struct design *design,
                       const struct pass_plan *plan, bool free_scan, struct pass_cost *cost,
                       struct error *err)
{
    struct pass_model model;
    const uint64_t long_enough = UINT64_C(1) << 32;

    if (plan->count < 1 || plan->count > design->columns)
        return error_set(err, ERROR_INPUT, "%u columns: the design has %u", plan->count,
                         design->columns);
    if (!pass_model_open(&model, mill, design, err))
        return false;
    model.free_scan = free_scan;
    pass_model_idle(&model, long_enough);
    return pass_model_run(&model, plan, cost, err);
}

bool pass_cycles(const struct mill *mill, const struct design *design, const struct pass_plan *plan,
                 struct pass_cost *cost, struct error *err)
{
    return play_alone(mill, design, plan, false, cost, err);
}

bool pass_cycles_free_scan(const struct mill *mill, const struct design *design,
                           const struct pass_plan *plan, struct pass_cost *cost, struct error *err)
{
    return play_alone(mill, design, plan, true, cost, err);
}
