/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/fit/tape_supply.h"

#include "gen/fit/design.h"
#include "gen/mill/tape.h"
#include "gen/op/numerics.h"

enum {
    LINE_BITS = 8 * TAPE_LINE,
    FRAME_SCALE_BITS = 8 * TAPE_FRAME_SCALES,
};

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

void tape_supply_reset(struct tape_supply *supply, const struct mill *mill,
                       const struct design *design)
{
    uint32_t scale_step = design->tape_bus_bits;

    *supply = (struct tape_supply){
        .op = mill->op,
        .op_count = mill->op_count,
        .word_bits = design->tape_bus_bits,
        .line_words = LINE_BITS / design->tape_bus_bits,
        .fifo_depth = design->fifo_depth,
        .memory = design->memory,
        .memory_wait = design->memory.latency,
        .unpacker = {.scale_step = scale_step,
                     .buffer_bits = design->tape_bus_bits + larger(8 * design->inputs, scale_step),
                     .block_beats = BLOCK / design->inputs,
                     .parted = design_is_serial(mill, design, NULL)},
    };
}

void tape_supply_unpack(struct tape_supply *supply, const struct tape_op *op)
{
    struct unpacker *u = &supply->unpacker;
    uint32_t inputs = BLOCK / u->block_beats;

    u->rows_a_beat = tape_rows_interleaved(op->weight_bits);
    u->beat_bits = inputs * op->weight_bits * u->rows_a_beat;
    u->last_block = op->blocks - 1u;
    u->group_mask = (1u << op->group_shift) - 1;
    u->state = UNPACKER_SCALES;
    u->rows_left = op->rows;
    u->block = u->beat = 0;
    u->scale_bits = 0;
}

static void take_scales(struct unpacker *u)
{
    u->scale_bits += u->scale_step;
    u->scales_left = TAPE_FRAME_SCALES;
    if (u->scale_bits == FRAME_SCALE_BITS) {
        u->scale_bits = 0;
        u->state = UNPACKER_WEIGHTS;
    }
}

/* One beat into the register that shows it. */
static void take_beat(struct unpacker *u)
{
    bool block_ends = ++u->beat == u->block_beats;

    if (!block_ends)
        return;
    u->beat = 0;
    bool row_ends = u->block == u->last_block;
    bool group_ends = row_ends || (u->block & u->group_mask) == u->group_mask;
    u->block = row_ends ? 0 : u->block + 1;
    if (row_ends)
        u->rows_left -= u->rows_a_beat;
    if (group_ends)
        u->scales_left -= u->rows_a_beat;
    if (row_ends && u->rows_left == 0)
        u->state = UNPACKER_PADDING;
    else if (group_ends && u->scales_left == 0)
        u->state = UNPACKER_SCALES;
}

/* Has the buffer room for a word? */
static bool buffer_ready(const struct unpacker *u, uint32_t word_bits)
{
    if (u->state == UNPACKER_IDLE || u->whole)
        return false;
    return u->state == UNPACKER_PADDING || u->fill <= u->buffer_bits - word_bits;
}

static bool unpacker_ready(const struct unpacker *u, uint32_t word_bits)
{
    enum { REGISTERS = 2 };

    return u->parted ? u->state != UNPACKER_IDLE && u->waiting < REGISTERS
                     : buffer_ready(u, word_bits);
}

/* An edge of the unpacker; `taken` bits of payload arrive, `last` with the end. */
static void unpacker_tick(struct unpacker *u, uint32_t taken, bool last, bool beat_ready)
{
    bool free = !u->shown || beat_ready;
    uint32_t used = 0;

    if (u->state == UNPACKER_PADDING) {
        if ((u->whole || last) && free) {
            u->state = UNPACKER_IDLE;
            u->whole = false;
        } else {
            u->whole |= last;
        }
        u->fill = 0;
        u->shown &= !beat_ready;
        return;
    }
    u->whole |= last;
    if (u->state == UNPACKER_SCALES && u->fill >= u->scale_step) {
        used = u->scale_step;
        take_scales(u);
        u->shown &= !beat_ready;
    } else if (u->state == UNPACKER_WEIGHTS && u->fill >= u->beat_bits && free) {
        used = u->beat_bits;
        u->shown = true;
        take_beat(u);
    } else {
        u->shown &= !beat_ready;
    }
    u->fill += taken - used;
}

/* The same where the word that arrives passes through the registers. */
static void parted_tick(struct unpacker *u, bool arrives, bool last, uint32_t word_bits,
                        bool beat_ready)
{
    bool moves = u->waiting && buffer_ready(u, word_bits);
    bool last_moves = moves && u->last_waits && u->waiting == 1;

    unpacker_tick(u, moves ? word_bits : 0, last_moves, beat_ready);
    u->waiting += (uint32_t)arrives - (uint32_t)moves;
    u->last_waits = last || (u->last_waits && !last_moves);
}

static void memory_tick(struct tape_supply *s, bool taken)
{
    if (taken) {
        if (++s->memory_words == s->memory.burst) {
            s->memory_words = 0;
            s->memory_wait = s->memory.gap;
        }
    } else if (s->memory_wait > 0) {
        s->memory_wait--;
    }
}

/* The queue; `out_ready` where its front word is taken. */
static void queue_tick(struct tape_supply *s, bool arrives, bool out_ready)
{
    bool front_free = !s->front_valid || out_ready;
    bool read_free = !s->read_valid || !s->spare_valid;
    bool read = s->stored != 0 && read_free;
    bool one_waits = s->spare_valid || s->read_valid;

    s->stored += (uint32_t)arrives - (uint32_t)read;
    if (front_free)
        s->front_valid = one_waits;
    s->spare_valid = !front_free && one_waits;
    if (read_free)
        s->read_valid = read;
}

static void reader_tick(struct tape_supply *s, bool taken, bool op_ready)
{
    bool line_ends = taken && s->word == s->line_words - 1;

    if (taken)
        s->word = line_ends ? 0 : s->word + 1;
    switch (s->reader) {
    case READER_HEADER:
        if (line_ends)
            s->reader = READER_CHECK;
        break;
    case READER_CHECK:
        s->lines_left = s->op[s->reader_op].payload_lines;
        s->reader = READER_OFFER;
        break;
    case READER_OFFER:
        if (op_ready) {
            s->reader = s->lines_left ? READER_PAYLOAD : READER_HEADER;
            s->reader_op = s->reader_op + 1 == s->op_count ? 0 : s->reader_op + 1;
        }
        break;
    case READER_PAYLOAD:
        if (line_ends && --s->lines_left == 0)
            s->reader = READER_HEADER;
        break;
    }
}

struct supply_event tape_supply_tick(struct tape_supply *s, bool op_ready, bool beat_ready)
{
    struct unpacker *u = &s->unpacker;
    bool in_payload = s->reader == READER_PAYLOAD;
    bool unpacks = unpacker_ready(u, s->word_bits);
    bool ready = s->reader == READER_HEADER ? op_ready : in_payload && (unpacks || s->taker_ready);
    bool taken = s->front_valid && ready;
    bool last = taken && in_payload && s->lines_left == 1 && s->word == s->line_words - 1;
    bool arrives = s->memory_wait == 0 && !s->held && s->stored < s->fifo_depth;
    struct supply_event event = {
        .op_taken = s->reader == READER_OFFER && op_ready,
        .word_taken = taken && in_payload,
        .payload_ends = last,
        .beat_taken = u->shown && beat_ready,
        .beat_late = !u->shown && beat_ready,
    };

    unpacks = unpacks && event.word_taken;
    if (u->parted)
        parted_tick(u, unpacks, unpacks && last, s->word_bits, beat_ready);
    else
        unpacker_tick(u, unpacks ? s->word_bits : 0, unpacks && last, beat_ready);
    reader_tick(s, taken, op_ready);
    queue_tick(s, arrives, ready);
    memory_tick(s, arrives);
    return event;
}

/* Nothing but the memory's clock would move. */
static bool is_full(const struct tape_supply *s)
{
    return s->stored == s->fifo_depth && s->read_valid && s->spare_valid &&
           (s->reader == READER_HEADER ||
            (s->reader == READER_PAYLOAD && s->unpacker.state == UNPACKER_IDLE));
}

void tape_supply_idle(struct tape_supply *s, uint64_t cycles, uint64_t *words_taken)
{
    for (; cycles && !is_full(s); cycles--)
        *words_taken += tape_supply_tick(s, false, false).word_taken;
    s->memory_wait -= cycles < s->memory_wait ? cycles : s->memory_wait;
}
