/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/fit/mixer_steps.h"

#include "gen/op/numerics.h"

enum {
    UNIT_BITS = 64,      /* of a payload's record */
    FIRST_TAKEN = 2,     /* the first cycle in which a word is taken */
    CONV_RELEASE = 28,   /* from a group's last read until its records are dropped */
    CONV_END = 41,       /* from the last read until idle again */
    FIRST_READ = 3,      /* of a scan, after its B and C */
    READ_CYCLES = 4,     /* at which distance a scan's channels are read */
    READ_LATENCY = 36,   /* from a channel's reads to its first word, */
    DECAY_LATENCY = 25,  /* to its first decay where each state element has one */
    READ_RELEASE = 3,    /* from a group's last reads until its heads are dropped */
    WORD_LATENCY = 10,   /* from a word's decay to the word */
    OUTPUT_LATENCY = 29, /* from the last word until idle again, beside a block's words */
    STATE_LATENCY = 14,  /* and until it is in the state again */
    STATE_END = 4,       /* from a state's last word to the memory until idle again */
    HEAD_DEPTH = 64,     /* records that are kept, at least */
    DECAY_GROUPS = 2,    /* of 16 channels, whose decays are kept */
};

static uint32_t decays_of(const struct mixer_steps *m)
{
    const struct mixer_hardware *h = m->hardware;
    return !m->scan ? 0 : h->every ? h->state / 4 : 1;
}

static uint32_t power_of_two(uint32_t at_least)
{
    uint32_t power = 1;
    while (power < at_least)
        power *= 2;
    return power;
}

static uint32_t head_depth(const struct mixer_hardware *h)
{
    return h->every || h->heads < HEAD_DEPTH ? HEAD_DEPTH : power_of_two(h->heads);
}

static uint32_t decay_depth(const struct mixer_hardware *h)
{
    return h->every ? power_of_two(DECAY_GROUPS * BLOCK * h->state / 4) : head_depth(h);
}

void mixer_steps_start(struct mixer_steps *m, const struct mixer_hardware *h, bool scan,
                       uint32_t columns)
{
    uint32_t channels = scan || h->every ? h->inner : h->inner + 2 * h->state;

    *m = (struct mixer_steps){.hardware = h,
                              .scan = scan,
                              .columns = columns,
                              .cycle = 1,
                              .records = scan ? h->heads : channels,
                              .channels = (uint64_t)channels * columns};
}

void mixer_steps_keep_state(struct mixer_steps *m, const struct state_port *port, bool shares)
{
    uint32_t windows = (uint32_t)(m->channels / BLOCK);

    m->in_memory = m->scan && port->mantissa_words > 0;
    if (m->in_memory)
        state_steps_start(&m->state, port, windows, m->columns, shares);
}

bool mixer_steps_hold_memory(const struct mixer_steps *m)
{
    return m->in_memory && state_steps_hold_memory(&m->state);
}

/* What becomes of the unit that the buffer shows. */
static bool unit_taken(const struct mixer_steps *m)
{
    if (!m->full)
        return false;
    if (m->records == 0)
        return true;
    return m->decay == 0 ? m->heads < head_depth(m->hardware)
                         : m->decays < decay_depth(m->hardware);
}

static uint32_t units_a_word(const struct mixer_steps *m)
{
    return m->hardware->bus_bits > UNIT_BITS ? m->hardware->bus_bits / UNIT_BITS : 1;
}

static bool is_emptied(const struct mixer_steps *m)
{
    return unit_taken(m) && m->unit == units_a_word(m) - 1;
}

bool mixer_steps_ready(const struct mixer_steps *m)
{
    return m->cycle >= FIRST_TAKEN && !m->payload_over && !m->spare;
}

static void payload_tick(struct mixer_steps *m, bool word_taken, bool payload_ends)
{
    uint32_t bits = m->hardware->bus_bits, words = bits < UNIT_BITS ? UNIT_BITS / bits : 1;
    bool taken = unit_taken(m), emptied = is_emptied(m), front = m->front;
    bool is_free = !m->full || emptied, word_ready = front && is_free;

    m->front = front && !is_free ? true : m->spare || word_taken;
    m->spare = front && !is_free && (m->spare || word_taken);

    if (taken && m->records) {
        m->heads += m->decay == 0;
        m->decays += m->decay != 0;
    }
    if (taken) {
        bool record_ends = m->decay == decays_of(m);
        m->unit = m->unit == units_a_word(m) - 1 ? 0 : m->unit + 1;
        m->decay = record_ends ? 0 : m->decay + 1;
        m->records -= record_ends && m->records;
    }
    if (word_ready && m->word == words - 1)
        m->full = true;
    else if (emptied)
        m->full = false;
    if (word_ready)
        m->word = m->word == words - 1 ? 0 : m->word + 1;
    m->payload_over |= payload_ends;
}

/* The channel's number within its group, and whether it is the group's last read. */
static uint32_t channel_of(uint64_t number)
{
    return number % BLOCK;
}

static bool ends_group(const struct mixer_steps *m, uint64_t number)
{
    return (number + 1) % ((uint64_t)BLOCK * m->columns) == 0;
}

static void release_heads(struct mixer_steps *m, uint64_t when)
{
    m->heads_done_at[(m->heads_done_first + m->heads_done_count++) % MIXER_RELEASES] = when;
}

static void conv_tick(struct mixer_steps *m)
{
    bool begins = m->reads % ((uint64_t)BLOCK * m->columns) == 0;

    if (m->reads == m->channels || (begins && m->heads / BLOCK <= m->groups_ahead))
        return;
    m->groups_ahead += begins;
    if (ends_group(m, m->reads))
        release_heads(m, m->cycle + CONV_RELEASE);
    if (++m->reads == m->channels)
        m->done_at = m->cycle + CONV_END;
}

/* A channel's record is here. */
static bool has_record(const struct mixer_steps *m)
{
    const struct mixer_hardware *h = m->hardware;
    uint64_t group = m->reads / ((uint64_t)BLOCK * m->columns);

    if (h->every)
        return m->heads > channel_of(m->reads);
    return m->decays > group * BLOCK * h->heads / h->inner;
}

static uint32_t channel_words(const struct mixer_steps *m)
{
    return m->hardware->state / m->hardware->lanes;
}

/* From a channel's decays, where it has its own, to its words. */
static uint32_t word_latency(const struct mixer_steps *m)
{
    return m->hardware->every ? WORD_LATENCY : 0;
}

/* The next channel can be begun: it was read, the one before it has no more words, and its
 * decays and its state are here. */
static bool may_begin(const struct mixer_steps *m)
{
    const struct mixer_hardware *h = m->hardware;
    uint64_t read = m->read_at[m->begins % MIXER_CREDITS];
    uint64_t needed = (channel_of(m->begins) + 1) * (uint64_t)decays_of(m);

    return m->begins < m->reads && m->cycle >= read + (h->every ? DECAY_LATENCY : READ_LATENCY) &&
           (m->begins == 0 || m->cycle >= m->begun_at + channel_words(m)) &&
           (!h->every || m->decays >= needed) &&
           (!m->in_memory || channel_of(m->begins) > 0 || state_steps_granted(&m->state));
}

static void begin_channel(struct mixer_steps *m)
{
    uint32_t words = channel_words(m), lanes = m->hardware->lanes;
    uint64_t last_word = m->cycle + words - 1 + word_latency(m);

    m->begun_at = m->cycle;
    m->taken_at[m->begins % MIXER_CREDITS] = last_word + 1;
    if (m->hardware->every && ends_group(m, m->begins))
        m->decays_done_at = m->cycle + words - 1;
    if (m->in_memory && channel_of(m->begins) == BLOCK - 1) {
        m->given_at = m->cycle + words - 1;
        m->scanned_at[m->windows_given++ % MIXER_WINDOWS] =
            last_word + STATE_LATENCY + BLOCK / lanes;
    }
    if (++m->begins == m->channels) {
        m->scan_done_at = last_word + 1 + BLOCK / lanes + OUTPUT_LATENCY;
        m->done_at = m->in_memory ? 0 : m->scan_done_at;
    }
}

static void scan_tick(struct mixer_steps *m)
{
    uint64_t first = 2 * (uint64_t)m->hardware->state * m->columns + FIRST_READ;

    while (m->taken < m->begins && m->cycle >= m->taken_at[m->taken % MIXER_CREDITS])
        m->taken++;
    if (may_begin(m))
        begin_channel(m);
    if (m->cycle >= first && (m->cycle - first) % READ_CYCLES == 0 && m->reads < m->channels &&
        m->reads - m->taken < MIXER_CREDITS && has_record(m)) {
        m->read_at[m->reads % MIXER_CREDITS] = m->cycle;
        if (m->hardware->every && ends_group(m, m->reads))
            release_heads(m, m->cycle + READ_RELEASE);
        m->reads++;
    }
}

static void state_tick(struct mixer_steps *m)
{
    bool scanned = m->windows_scanned < m->windows_given &&
                   m->scanned_at[m->windows_scanned % MIXER_WINDOWS] == m->cycle;

    m->windows_scanned += scanned;
    state_steps_tick(&m->state, m->windows_given && m->given_at == m->cycle, scanned);
    if (!m->done_at && state_steps_done(&m->state)) {
        uint64_t written = m->cycle + STATE_END;
        m->done_at = written > m->scan_done_at ? written : m->scan_done_at;
    }
}

static void drop_groups(struct mixer_steps *m)
{
    if (m->heads_done_count && m->heads_done_at[m->heads_done_first] == m->cycle) {
        m->heads_done_first = (m->heads_done_first + 1) % MIXER_RELEASES;
        m->heads_done_count--;
        m->heads -= BLOCK;
        m->groups_ahead -= !m->scan;
    }
    if (m->decays_done_at && m->decays_done_at == m->cycle)
        m->decays -= BLOCK * decays_of(m);
}

void mixer_steps_tick(struct mixer_steps *m, bool word_taken, bool payload_ends)
{
    if (m->scan)
        scan_tick(m);
    else
        conv_tick(m);
    if (m->in_memory)
        state_tick(m);
    payload_tick(m, word_taken, payload_ends);
    drop_groups(m);
    m->cycle++;
}

uint64_t mixer_steps_finish(struct mixer_steps *m)
{
    while (!m->done_at)
        mixer_steps_tick(m, false, false);
    return m->done_at;
}
