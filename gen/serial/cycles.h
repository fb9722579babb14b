/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command costs a serial column: its program is run as rtl/serial/serial_control.v steps
 * through it, and the array waited for as rtl/serial/serial_array.v makes it wait.  No timing
 * depends on data: of what the program computes only that is kept which counts its loops and
 * shifts.  testbench/column/ holds every command's cycles to the simulation.
 */
#ifndef MILLRACE_GEN_SERIAL_CYCLES_H
#define MILLRACE_GEN_SERIAL_CYCLES_H

#include "gen/op/micro_cycles.h"
#include "gen/serial/program.h"

/* A command at work. */
struct serial_run {
    const struct serial_program *program; /* borrowed, as the shape is */
    const struct column_shape *shape;
    struct micro_command command;
    uint64_t cycle; /* since the command, which is cycle 0 */
    bool done;
    bool half_there; /* a half of the payload is: as long as nobody says no */

    /* serial_control.v */
    unsigned at, return_to, loops, shift, times;

    /* serial_datapath.v: A, M, the flag, the memory and what it shows. */
    int64_t a, m;
    bool flag;
    unsigned first, second;
    int32_t shown, memory[SERIAL_MEMORY];

    /* serial_array.v */
    uint64_t beats_left, row_at; /* row_at: the cycle in which the row's total is there */
    bool shows_second;           /* the next row is the second one of a pair */
};

/* The command is taken in the coming cycle, which is not ticked: its tick is the next one's. */
void serial_run_start(struct serial_run *run, const struct serial_program *program,
                      const struct column_shape *shape, const struct micro_command *command);

/* Does a MATRIX take a beat in this cycle? */
bool serial_run_takes_beat(const struct serial_run *run);

/* Does CONV or SCAN take a half of the payload in this cycle, if it is there? */
bool serial_run_takes_half(const struct serial_run *run);

/* One clock edge, `beat` where a beat is there for it.  Every logit is taken at once. */
void serial_run_tick(struct serial_run *run, bool beat);

/* Cycles from the command to the next one, where no beat is late and every logit is taken at
 * once. */
uint64_t serial_cycles(const struct serial_program *program, const struct column_shape *shape,
                       const struct micro_command *command);

#endif
