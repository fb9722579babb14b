/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/fit/state_steps.h"

enum {
    PIECE_WORDS = 128, /* of mantissas that are asked for at a time */
    WALK_CYCLES = 9,   /* from cycle 1 until the first window's place is known */
    WINDOWS_MOST = 2,  /* before the scan, and behind it */
};

void state_steps_start(struct state_steps *s, const struct state_port *port, uint32_t windows,
                       uint32_t columns, bool shares)
{
    *s = (struct state_steps){.port = *port,
                              .columns = columns,
                              .shares = shares,
                              .windows = windows,
                              .wait = WALK_CYCLES};
}

bool state_steps_granted(const struct state_steps *s)
{
    return s->waiting > 0 && s->unwritten < WINDOWS_MOST;
}

bool state_steps_hold_memory(const struct state_steps *s)
{
    return s->memory_left > 0;
}

bool state_steps_done(const struct state_steps *s)
{
    return s->windows == 0 && s->unscanned == 0 && s->unwritten == 0 && s->step == STATE_IDLE;
}

static uint32_t burst_words(const struct state_steps *s)
{
    uint32_t left = s->port.mantissa_words - s->asked_words;

    if (!s->mantissas)
        return s->port.exponent_words;
    return left < PIECE_WORDS ? left : PIECE_WORDS;
}

static bool may_read(const struct state_steps *s)
{
    if (s->windows == 0 || s->wait > 0 || s->finished > 0)
        return false;
    return s->shares && s->column > 0 ? s->unscanned == 0 && s->unwritten == 0
                                      : s->unscanned < WINDOWS_MOST;
}

static void begin_window(struct state_steps *s, bool writes)
{
    s->step = STATE_ASKS;
    s->writes = writes;
    s->mantissas = false;
    s->asked_words = 0;
    if (writes) {
        s->finished--;
        return;
    }
    s->unscanned++;
    s->windows--;
    s->column = s->column + 1 == s->columns ? 0 : s->column + 1;
}

/* To the next burst; true where the window has none. */
static bool end_burst(struct state_steps *s)
{
    if (s->mantissas)
        s->asked_words += burst_words(s);
    s->mantissas = true;
    bool ends = s->asked_words == s->port.mantissa_words;
    s->step = ends ? STATE_IDLE : STATE_ASKS;
    return ends;
}

/* The memory takes a burst, or moves a word; true with the last of what is written. */
static bool serve(struct state_steps *s, bool asked, bool *arrives)
{
    bool moves = s->memory_left > 0 && s->memory_wait == 0;

    if (asked) {
        s->memory_left = burst_words(s);
        s->memory_writes = s->writes;
        s->memory_words = 0;
        s->memory_wait = s->writes ? 0 : s->port.latency;
        return false;
    }
    if (!moves) {
        s->memory_wait -= s->memory_wait > 0;
        return false;
    }
    if (!s->memory_writes) {
        *arrives = ++s->come == s->port.exponent_words + s->port.mantissa_words;
        s->come = *arrives ? 0 : s->come;
    }
    s->memory_left--;
    if (++s->memory_words == s->port.burst) {
        s->memory_words = 0;
        s->memory_wait = s->port.gap;
    }
    return s->memory_writes && s->memory_left == 0;
}

void state_steps_tick(struct state_steps *s, bool given, bool scanned)
{
    bool asked = s->step == STATE_ASKS && s->memory_left == 0, arrives = false;
    bool reads = may_read(s), writes = s->step == STATE_IDLE && s->finished > 0;
    bool passed = serve(s, asked, &arrives), ends_write = false;

    if (s->step == STATE_IDLE) {
        if (writes || reads)
            begin_window(s, writes);
    } else if (asked && s->writes) {
        s->step = STATE_PASSES;
    } else if (asked || passed) {
        ends_write = end_burst(s) && s->writes;
    }
    s->wait -= s->wait > 0;
    s->unscanned -= scanned;
    s->finished += scanned;
    s->waiting = s->waiting + arrives - given;
    s->unwritten = s->unwritten + given - ends_write;
}
