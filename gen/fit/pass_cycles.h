/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a pass over the tape costs on a design, before the design is built: the
 * sequencer (rtl/sequencer.v) played over the operators' micro programs, with the
 * columns' exact costs (gen/op/micro_cycles.h, gen/serial/cycles.h) and the tape's supply cycle
 * by cycle (gen/fit/tape_supply.h).  testbench/compare_cycles.c holds it to the simulation.
 */
#ifndef MILLRACE_GEN_FIT_PASS_CYCLES_H
#define MILLRACE_GEN_FIT_PASS_CYCLES_H

#include "gen/fit/mixer_steps.h"
#include "gen/fit/tape_supply.h"
#include "gen/mill/mill.h"
#include "gen/op/micro_cycles.h"
#include "gen/op/mixer_cycles.h"
#include "gen/serial/cycles.h"
#include "gen/verilog/emit.h"

/* No timing depends on data nor, but for a scan's state in the memory, on the mode: prefill
 * and decode differ in the position and the count alone. With such a state several columns
 * are a prefill's, which share a slot and wait for each other; those of a decode do not.  Every
 * result but RESULT_LOGITS: that holds the columns back to the speed of the host's byte stream. */
struct pass_plan {
    uint32_t position; /* the greatest of the columns; below max_seq */
    uint32_t count;    /* active columns, 1..design->columns */
};

enum pass_unit { UNIT_ARRAY, UNIT_VECTOR, UNIT_KV_STORE, UNIT_MIXER };

/* One micro pass, from its command until the next could be taken. */
struct pass_span {
    size_t op; /* on the tape */
    unsigned function;
    enum pass_unit unit;
    uint64_t start, end; /* cycles since the pass's start */
    uint64_t beats;
    uint64_t tape_words; /* taken since the micro pass before */
};

/* Operators of one opcode, or one operator.  An operator's cycles go from its
 * first command to the next operator's. */
struct operator_cost {
    uint64_t count, cycles, beats, late_beats, tape_bytes;
};

enum { OPCODES = OP_LAST + 1 };

/* rtl/pass_counters.v has the first six. */
struct pass_cost {
    uint64_t cycles, tape_words, array_beats, matrix_cycles, matrix_beats, stall_cycles;
    struct operator_cost kind[OPCODES];
};

/* Called with each micro pass, in order. */
typedef void pass_observer(void *context, const struct pass_span *span);

/* A design that passes are played on, one after the other. */
struct pass_model {
    const struct mill *mill; /* borrowed */
    struct column_shape shape;
    bool serial; /* the column is a serial one, and runs this program */
    struct serial_program program;
    struct mixer_hardware mixer;
    struct state_port state; /* of a scan's state in the memory */
    struct tape_supply supply;
    uint32_t key_words;      /* of the KV cache */
    bool free_scan;          /* SCAN ends with its payload */
    pass_observer *observer; /* or NULL */
    void *context;
};

/* A design after reset.  ERROR_INPUT where there is no such design. */
bool pass_model_open(struct pass_model *model, const struct mill *mill, const struct design *design,
                     struct error *err);

/* `cycles` between passes, in which the prefetch goes on. */
void pass_model_idle(struct pass_model *model, uint64_t cycles);

/* Play a pass.  ERROR_INPUT where the plan is out of its ranges. */
bool pass_model_run(struct pass_model *model, const struct pass_plan *plan, struct pass_cost *cost,
                    struct error *err);

/* Cycles from a pass of `count` columns that answers `candidates` for each to the
 * start of the next one with as many columns, where the host never keeps the link
 * waiting (rtl/link.v): the answer, the columns' frames, the RUN frame. */
uint64_t pass_link_cycles(const struct mill *mill, uint32_t count, uint32_t candidates);

/* The cost of `plan` where the prefetch queue is full at its start. */
bool pass_cycles(const struct mill *mill, const struct design *design, const struct pass_plan *plan,
                 struct pass_cost *cost, struct error *err);

/* The same where a SCAN ends with its payload: the difference is what the scan adds. */
bool pass_cycles_free_scan(const struct mill *mill, const struct design *design,
                           const struct pass_plan *plan, struct pass_cost *cost, struct error *err);

#endif
