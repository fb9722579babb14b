/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CONV and SCAN cycle by cycle, as rtl/mixer/ takes their payload and works on it.
 * Only what decides the timing is kept.  Where no word is late, and the state is on the
 * chip, it takes what gen/op/mixer_cycles.h states.
 */
#ifndef MILLRACE_GEN_FIT_MIXER_STEPS_H
#define MILLRACE_GEN_FIT_MIXER_STEPS_H

#include "gen/fit/state_steps.h"
#include "gen/op/mixer_cycles.h"

enum { MIXER_CREDITS = 16, MIXER_RELEASES = 32, MIXER_WINDOWS = 4 };

struct mixer_steps {
    const struct mixer_hardware *hardware; /* borrowed */
    bool scan;
    uint32_t columns; /* active */
    uint64_t cycle;   /* since the command, which is cycle 0 */

    /* rtl/mixer/payload_units.v: words to units, of records. */
    bool payload_over;
    bool front, spare, full; /* its skid buffer and its unit hold something */
    uint32_t word, unit, records, decay;

    /* rtl/mixer/record_buffer.v, twice. */
    uint32_t heads, decays;

    /* Reads: the next channel, in the order group, column, channel of the group. */
    uint64_t reads, channels;
    uint32_t groups_ahead;                   /* CONV: read and not yet done */
    uint64_t read_at[MIXER_CREDITS];         /* SCAN: of the channels that wait to be scanned */
    uint64_t begins, begun_at;               /* SCAN: channels begun, and when the last one was */
    uint64_t taken, taken_at[MIXER_CREDITS]; /* that have no more words, and from when on */
    uint64_t heads_done_at[MIXER_RELEASES], decays_done_at; /* groups to be dropped */
    uint32_t heads_done_first, heads_done_count;
    uint64_t done_at; /* when the next command is taken; 0: not yet known */

    bool in_memory;           /* SCAN's state is */
    struct state_steps state; /* and how it comes */
    uint32_t windows_given, windows_scanned;
    uint64_t given_at, scanned_at[MIXER_WINDOWS]; /* a last channel's last word; out of the scan */
    uint64_t scan_done_at;
};

/* A command in cycle 0, of which that cycle is over. */
void mixer_steps_start(struct mixer_steps *m, const struct mixer_hardware *hardware, bool scan,
                       uint32_t columns);

/* After the start of a SCAN: its state is in the memory, in one slot for all columns where they
 * share it. */
void mixer_steps_keep_state(struct mixer_steps *m, const struct state_port *port, bool shares);

/* Has the memory words of the state to move in this cycle, and none of the tape? */
bool mixer_steps_hold_memory(const struct mixer_steps *m);

/* Does it take a word of the payload in this cycle? */
bool mixer_steps_ready(const struct mixer_steps *m);

/* The end of the cycle, in which a word was taken, and maybe the last. */
void mixer_steps_tick(struct mixer_steps *m, bool word_taken, bool payload_ends);

/* Without a payload to come: go on to the end.  Cycles from its command until the next
 * can be taken. */
uint64_t mixer_steps_finish(struct mixer_steps *m);

#endif
