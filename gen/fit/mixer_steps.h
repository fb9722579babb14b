/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CONV and SCAN cycle by cycle, as rtl/mixer/ takes their payload and works on it.
 * Only what decides the timing is kept.  Where no word is late it takes what
 * gen/op/mixer_cycles.h states.
 */
#ifndef MILLRACE_GEN_FIT_MIXER_STEPS_H
#define MILLRACE_GEN_FIT_MIXER_STEPS_H

#include "gen/op/mixer_cycles.h"

enum { MIXER_CREDITS = 16, MIXER_RELEASES = 32 };

struct mixer_steps {
    const struct mixer_hardware *hardware; /* borrowed */
    bool scan;
    uint32_t columns; /* active */
    uint64_t cycle;   /* since the command, which is cycle 0 */

    /* rtl/mixer/payload_units.v: words to units, of records. */
    bool payload_over, full;
    uint32_t word, unit, records, decay;

    /* rtl/mixer/record_buffer.v, twice. */
    uint32_t heads, decays;

    /* Reads: the next channel, in the order group, column, channel of the group. */
    uint64_t reads, channels;
    uint32_t groups_ahead;           /* CONV: read and not yet done */
    uint64_t read_at[MIXER_CREDITS]; /* SCAN: of the channels that wait to be scanned */
    uint64_t begins, begun_at;       /* SCAN: channels begun, and when the last one was */
    uint64_t heads_done_at[MIXER_RELEASES], decays_done_at; /* groups to be dropped */
    uint32_t heads_done_first, heads_done_count;
    uint64_t done_at; /* when the next command is taken; 0: not yet known */
};

/* A command in cycle 0, of which that cycle is over. */
void mixer_steps_start(struct mixer_steps *m, const struct mixer_hardware *hardware, bool scan,
                       uint32_t columns);

/* Does it take a word of the payload in this cycle? */
bool mixer_steps_ready(const struct mixer_steps *m);

/* The end of the cycle, in which a word was taken, and maybe the last. */
void mixer_steps_tick(struct mixer_steps *m, bool word_taken, bool payload_ends);

/* Without a payload to come: go on to the end.  Cycles from its command until the next
 * can be taken. */
uint64_t mixer_steps_finish(struct mixer_steps *m);

#endif
