/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/serial/cycles.h"

#include <string.h>

#include "gen/op/numerics.h"
#include "gen/serial/program_inside.h"

enum {
    START_CYCLES = 2, /* serial_control.v: from a command to its first instruction */
    ROW_LATENCY = 13, /* serial_array.v: from a row's last beat until its total is there */
    REPEATS = 64,     /* serial_control.v's count of them goes round */
    POINTERS = 1024,  /* and so do its loops', and the pointers */
};

void serial_run_start(struct serial_run *run, const struct serial_program *program,
                      const struct column_shape *shape, const struct micro_command *command)
{
    *run = (struct serial_run){
        .program = program,
        .shape = shape,
        .command = *command,
        .at = serial_entry(command->variant, command->function),
        .times = 1,
    };
    memcpy(run->memory, program->memory, sizeof run->memory);
}

/* ---- The datapath */

static unsigned address_of(const struct serial_run *run, const struct instruction *i)
{
    switch (i->address) {
    case AT_FIRST:
        return run->first;
    case AT_SECOND:
        return run->second | i->literal;
    case BY_SIGN:
        return (i->literal & ~1u) | (run->a < 0);
    default:
        return i->literal;
    }
}

/* Of the command's fields those that a loop or a shift may count. */
static uint32_t field_of(const struct serial_run *run, unsigned field)
{
    switch (field) {
    case FIELD_COUNT:
        return run->command.count;
    case FIELD_ROWS:
        return run->command.rows;
    case FIELD_POSITIONS:
        return run->command.positions;
    case FIELD_SHIFT:
        return run->command.shift;
    default:
        return 0;
    }
}

static int64_t operand_of(const struct serial_run *run, const struct instruction *i)
{
    int64_t operand = 0;

    if (i->operand == FROM_MEMORY)
        operand = run->shown;
    else if (i->operand == FROM_FIELD)
        operand = field_of(run, i->literal);
    return i->inverts ? ~operand : operand;
}

static void load_counters(struct serial_run *run, const struct instruction *i)
{
    unsigned value = (i->loads_literal ? i->literal : (unsigned)run->a) % POINTERS;

    if (i->advances && i->address == AT_FIRST)
        run->first = (run->first + 1) % POINTERS;
    if (i->advances && i->address == AT_SECOND)
        run->second = (run->second + 1) % POINTERS;
    if (i->branch == LOOP)
        run->loops = (run->loops - 1) % POINTERS;
    if (i->operation == SHIFT && run->shift)
        run->shift--;
    switch (i->loads) {
    case TO_FIRST:
        run->first = value;
        break;
    case TO_SECOND:
        run->second = value;
        break;
    case TO_LOOP:
        run->loops = value;
        break;
    case TO_SHIFT:
        run->shift = value % REPEATS;
        break;
    case EXPONENT_TO_SHIFT:
        run->shift = 0;
        break;
    default:
        break;
    }
}

/* What its fields do, but for halving, rounding and the exponent: those are data's. */
static void execute(struct serial_run *run, const struct instruction *i)
{
    bool goes = !i->conditional || run->flag;
    unsigned address = address_of(run, i);
    int32_t read = run->memory[address];
    int64_t sum = run->a + run->m + (i->carry == CARRY_ONE), a = run->a;

    if (i->operation == CLEAR && goes)
        a = 0;
    else if (i->operation == ADD && goes)
        a = sum;
    else if (i->operation == SHIFT && run->shift)
        a >>= 1;
    if (i->writes && goes)
        run->memory[address] = (int32_t)run->a;
    if (i->flag == IF_NEGATIVE || i->flag == IF_NOT_NEGATIVE)
        run->flag = (sum < 0) == (i->flag == IF_NEGATIVE);
    else if (i->flag == IF_BEYOND)
        run->flag = (sum < 0) == (run->a < 0);
    if (i->operand != M_HOLDS)
        run->m = operand_of(run, i);
    load_counters(run, i);
    run->a = a;
    run->shown = read;
}

/* ---- The array */

static bool is_matrix(const struct serial_run *run)
{
    return run->command.function == MICRO_MATRIX;
}

static uint64_t row_beats(const struct serial_run *run)
{
    const struct micro_command *command = &run->command;
    uint32_t blocks = command->blocks;

    if (command->function == MICRO_SCORE)
        blocks = (run->shape->head_dim + BLOCK - 1) / BLOCK;
    else if (command->function == MICRO_MIX)
        blocks = (command->positions + BLOCK - 1) / BLOCK;
    return (uint64_t)blocks * (BLOCK / run->shape->inputs);
}

/* Of a pair of rows the first one's start begins both. */
static void start_row(struct serial_run *run)
{
    bool paired = is_matrix(run) && run->shape->rows == 2 && !run->command.one_row;

    if (!run->shows_second)
        run->beats_left = row_beats(run);
    run->shows_second = paired && !run->shows_second;
}

static bool row_is_done(const struct serial_run *run)
{
    return !run->beats_left && run->cycle >= run->row_at;
}

bool serial_run_takes_beat(const struct serial_run *run)
{
    return run->beats_left && is_matrix(run);
}

static void array_tick(struct serial_run *run, bool beat)
{
    if (run->beats_left && (beat || !is_matrix(run)) && --run->beats_left == 0)
        run->row_at = run->cycle + ROW_LATENCY;
}

/* ---- The control */

static bool stays(const struct serial_run *run, const struct instruction *i)
{
    return (i->branch == REPEAT && run->times != i->literal % REPEATS) ||
           (i->branch == REPEAT_SHIFT && run->shift > 1) ||
           (i->branch == WAIT_LOGIT && run->times == 1) ||
           (i->branch == WAIT_ROW && !row_is_done(run));
}

static unsigned next_of(const struct serial_run *run, const struct instruction *i)
{
    bool jumps = i->branch == JUMP || i->branch == CALL || (i->branch == IF_FLAG && run->flag) ||
                 (i->branch == LOOP && run->loops != 1);

    return i->branch == RETURN ? run->return_to : jumps ? i->literal : run->at + 1;
}

void serial_run_tick(struct serial_run *run, bool beat)
{
    const struct instruction *i = &run->program->word[run->at];
    unsigned next = run->at;

    if (++run->cycle < START_CYCLES)
        return;
    if (stays(run, i)) {
        run->times = (run->times + 1) % REPEATS;
    } else {
        next = next_of(run, i);
        run->times = 1;
        run->return_to = i->branch == CALL ? run->at + 1 : run->return_to;
    }
    run->done = i->branch == END;
    array_tick(run, beat);
    if (i->signal == ROW)
        start_row(run);
    execute(run, i);
    run->at = next;
}

uint64_t serial_cycles(const struct serial_program *program, const struct column_shape *shape,
                       const struct micro_command *command)
{
    struct serial_run run;

    serial_run_start(&run, program, shape, command);
    while (!run.done)
        serial_run_tick(&run, true);
    return run.cycle + 1;
}
