/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the tape comes to the array, cycle by cycle: the memory, the prefetch
 * queue, the reader and the unpacker, as the simulation's memory and rtl/fifo.v,
 * tape_reader.v and unpacker.v have them.  Only what decides the timing is kept:
 * how much is where, not what it is.
 */
#ifndef MILLRACE_GEN_FIT_TAPE_SUPPLY_H
#define MILLRACE_GEN_FIT_TAPE_SUPPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gen/mill/mill.h"
#include "gen/verilog/emit.h"

enum reader_state { READER_HEADER, READER_CHECK, READER_OFFER, READER_PAYLOAD };
enum unpacker_state { UNPACKER_IDLE, UNPACKER_SCALES, UNPACKER_WEIGHTS, UNPACKER_PADDING };

/* The unpacker's place in the payload of one matrix. */
struct unpacker {
    enum unpacker_state state;
    uint32_t buffer_bits, scale_step, block_beats; /* constants of the design */
    uint32_t beat_bits, rows_a_beat;               /* of the matrix */
    uint32_t last_block, group_mask;
    uint32_t fill; /* bits in the buffer */
    bool whole;    /* the payload's last word has come */
    bool shown;    /* a beat is shown to the array */
    bool parted;   /* words come through two registers, `waiting` of them full */
    uint32_t waiting;
    bool last_waits; /* the payload's last word is the last of them */
    uint32_t rows_left, block, beat;
    uint32_t scale_bits, scales_left;
};

struct tape_supply {
    const struct tape_op *op; /* [op_count], borrowed */
    size_t op_count;
    uint32_t word_bits, line_words, fifo_depth;
    struct memory_model memory;

    uint64_t memory_wait;  /* cycles until the memory shows a word */
    uint32_t memory_words; /* of the burst, taken */
    uint32_t stored;       /* words in the queue's memory ... */
    bool read_valid;       /* ... and in its three registers */
    bool front_valid;
    bool spare_valid;
    enum reader_state reader;
    size_t reader_op; /* whose line or payload is being read */
    uint32_t word, lines_left;
    struct unpacker unpacker;
    bool held;        /* the memory has other words to move than the tape's */
    bool taker_ready; /* who takes a payload that is no matrix's would take a word now */
};

/* What one cycle did. */
struct supply_event {
    bool op_taken;     /* a header went to the sequencer */
    bool word_taken;   /* a word of payload went to the unpacker, or who else takes it */
    bool payload_ends; /* and it was the last */
    bool beat_taken;   /* a beat went to the array */
    bool beat_late;    /* the array could have taken one, and there was none */
};

/* The state right after a reset.  `mill` must outlive *supply; `design` is in
 * the ranges that emit_design() checks. */
void tape_supply_reset(struct tape_supply *supply, const struct mill *mill,
                       const struct design *design);

/* Start unpacking `op`, whose header has been taken, in the coming cycle. */
void tape_supply_unpack(struct tape_supply *supply, const struct tape_op *op);

/* One clock edge: the sequencer takes a header, word by word, while it is `op_ready`, the array a
 * beat if it is `beat_ready`. */
struct supply_event tape_supply_tick(struct tape_supply *supply, bool op_ready, bool beat_ready);

/* `cycles` edges in which nothing is taken but what the unpacker still wants. */
void tape_supply_idle(struct tape_supply *supply, uint64_t cycles, uint64_t *words_taken);

#endif
