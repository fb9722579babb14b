/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scan's state as it comes from the memory and goes back, cycle by cycle, as
 * rtl/mixer/state_bursts.v asks for it and testbench/sim/state_memory.h serves it. Only
 * what decides the timing is kept. Windows are the state of 16 channels of a column.
 */
#ifndef MILLRACE_GEN_FIT_STATE_STEPS_H
#define MILLRACE_GEN_FIT_STATE_STEPS_H

#include <stdbool.h>
#include <stdint.h>

/* Where the state is in the memory; all 0 where it is on the chip. */
struct state_port {
    uint32_t mantissa_words, exponent_words; /* of a window, of the bus's bits */
    uint32_t latency;    /* cycles from a burst that is asked for to its words */
    uint32_t burst, gap; /* words in a row, then cycles without one */
};

enum state_step { STATE_IDLE, STATE_ASKS, STATE_PASSES };

struct state_steps {
    struct state_port port;
    uint32_t columns;
    bool shares;        /* a slot: each column waits for the one before */
    uint32_t windows;   /* not asked for yet */
    uint32_t column;    /* of the next to be asked for */
    uint32_t wait;      /* cycles until the first may be asked for */
    uint32_t unscanned; /* asked for, */
    uint32_t waiting;   /* read and not given to the scan, */
    uint32_t unwritten; /* given to it, */
    uint32_t finished;  /* scanned and not being written */

    enum state_step step;
    bool writes, mantissas; /* the burst that is asked for */
    uint32_t asked_words;   /* of the window's mantissas, before it */

    bool memory_writes; /* the burst that the memory serves */
    uint32_t memory_left, memory_words, memory_wait;
    uint32_t come; /* words of the window that is being read */
};

/* In cycle 1 of a SCAN of so many windows. */
void state_steps_start(struct state_steps *s, const struct state_port *port, uint32_t windows,
                       uint32_t columns, bool shares);

/* In this cycle: may the scan begin a window? */
bool state_steps_granted(const struct state_steps *s);

/* In this cycle: has the memory words of the state to move, and none of the tape? */
bool state_steps_hold_memory(const struct state_steps *s);

/* The end of a cycle in which a window's last channel was `given` to the scan, the last
 * word of one `scanned`. */
void state_steps_tick(struct state_steps *s, bool given, bool scanned);

/* All is written. */
bool state_steps_done(const struct state_steps *s);

#endif
