/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/image/picture_cycles.h"

#include <stdlib.h>

#include "gen/image/picture_strip.h"
#include "gen/op/numerics.h"

enum {
    STEP_WORDS = 8,
    STEP_READ = 3,   /* cycles of reading a step besides one for each of its words */
    STEP_BEGIN = 1,  /* from its being taken to its first */
    STEP_SKIP = 2,   /* of one that has no row in this tick */
    LOAD = 3,        /* of a pixel that is loaded */
    TICK = 2,        /* of a tick besides its steps */
    FETCH = 9,       /* from a beat's issue to the multipliers (rtl/picture/picture_core.v) */
    VALUE = 9,       /* from a result to its value (picture_post.v) */
    FLUSH = 10,      /* from the last result to its having been written */
    FILLED = 3,      /* from the last tap asked for to the first beat of its half */
    QUANTISED = 4,   /* from an element that leaves the quantiser to its word's being written */
    MULTIPLIED = 10, /* from a total's row_totals on to the result */
    TAIL = 12,       /* of a row's pixels besides one for each tap */
    TAIL_LINE = 9,   /* between a line's two directions */
    LOADED = 2,      /* of kept edges that come besides one for each of their words */
    EDGE_BITS = 32,  /* of such a word */
};

static uint32_t field(uint64_t word, unsigned at, unsigned bits)
{
    return (uint32_t)(word >> at & ((UINT64_C(1) << bits) - 1));
}

/* A step on its way: what its words say, and the time. */
struct step_run {
    const uint64_t *word;
    uint32_t inputs, groups;
    uint32_t outputs, pace, block_channels;
    uint64_t now;         /* the cycle of the last beat */
    uint64_t last_output; /* of the last output's last beat */
    bool block_ended;     /* in the last beat */
    uint64_t beats;
    uint32_t in_block; /* channels since blocks began anew */
    uint64_t emitted;  /* the quantiser's last element of a block */
    uint64_t kept;     /* the last one that is kept */
};

/* From an issue to its result: dot_product.v, row_totals.v, result_rounder.v. */
static uint32_t latency(uint32_t inputs)
{
    return FETCH + MULTIPLIED + (inputs == 4 ? 4 : inputs == 8 ? 5 : 4);
}

/* An output's result at `now`: the quantiser takes it. */
static void take_result(struct step_run *r, uint32_t output, uint64_t now)
{
    bool last = r->in_block == r->block_channels - 1 || output == r->outputs - 1;

    r->in_block++;
    if (r->in_block % BLOCK == 0 || last) {
        uint64_t complete = now + VALUE + 1;
        uint64_t rest = r->in_block % BLOCK ? BLOCK - r->in_block % BLOCK : 0;
        r->emitted = (complete > r->emitted ? complete : r->emitted) + BLOCK;
        r->kept = r->emitted - rest / r->inputs * r->inputs;
    }
    if (last)
        r->in_block = 0;
}

/* Issue a beat at `from` or as soon as may be. */
static void issue(struct step_run *r, uint64_t from, bool block_ends, bool output_ends,
                  uint32_t output)
{
    uint64_t now = from;

    if (r->inputs < 16 && r->block_ended && block_ends && now == r->now + 1)
        now++;
    if (output_ends && now < r->last_output + r->pace)
        now = r->last_output + r->pace;
    r->now = now;
    r->beats++;
    r->block_ended = block_ends;
    if (output_ends) {
        r->last_output = now;
        take_result(r, output, now + latency(r->inputs));
    }
}

static void run_dot(struct step_run *r)
{
    uint32_t taps = (field(r->word[0], 30, 4) + 1) * (field(r->word[0], 34, 4) + 1);
    uint32_t segments = field(r->word[0], 11, 4), beats = BLOCK / r->inputs;

    for (uint32_t i = 0; i < r->groups * r->outputs; i++)
        for (uint32_t t = 0; t < taps * segments; t++) {
            uint32_t words = field(r->word[STEP_WORDS + 2 * (t % segments)], 42, 10);
            for (uint32_t w = 0; w < words; w++) {
                bool segment_ends = w == words - 1;
                issue(r, r->now + 1, segment_ends || w % beats == beats - 1,
                      segment_ends && t == taps * segments - 1, i % r->outputs);
            }
        }
}

/* The asking for taps, in two halves. */
struct gather {
    uint64_t now;         /* of the last request */
    uint64_t released[2]; /* when a half became free */
    uint64_t filled;      /* when the last one may be read */
    uint32_t half;
};

static void fill_half(struct gather *g, uint32_t taps)
{
    uint64_t from = g->now + 1;

    if (from < g->released[g->half])
        from = g->released[g->half];
    g->now = from + taps - 1;
    g->filled = g->now + FILLED;
    g->half ^= 1;
}

/* The beats of one output, from the half that was filled. */
static void run_taps_output(struct step_run *r, uint32_t channels, uint32_t taps, uint32_t output,
                            uint64_t filled)
{
    uint32_t rows = (taps + r->inputs - 1) / r->inputs, beats = BLOCK / r->inputs;

    for (uint32_t c = 0; c < channels; c++)
        for (uint32_t row = 0; row < rows; row++) {
            bool taps_end = row == rows - 1;
            uint64_t from = r->now + 1 > filled ? r->now + 1 : filled;
            issue(r, from, taps_end || row % beats == beats - 1, taps_end && c == channels - 1,
                  output);
        }
}

static void run_taps(struct step_run *r)
{
    bool bytes = field(r->word[0], 8, 1);
    uint32_t taps = field(r->word[2], 48, 5) + 1, channels = field(r->word[2], 54, 4) + 1;
    uint32_t words = field(r->word[STEP_WORDS], 42, 10), in_word = bytes ? r->outputs : r->inputs;
    struct gather g = {0, {0, 0}, 0, 0};
    uint64_t filled[2] = {0, 0};

    /* Two halves ahead of the beats at most. */
    for (uint64_t i = 0; i < (uint64_t)r->groups * words + 1; i++) {
        if (i < (uint64_t)r->groups * words) {
            uint32_t half = g.half;
            fill_half(&g, taps);
            filled[half] = g.filled;
        }
        if (i == 0)
            continue;
        uint32_t half = (uint32_t)(i - 1) & 1, first = (uint32_t)((i - 1) % words) * in_word;
        for (uint32_t o = first; o < first + in_word && o < r->outputs; o++)
            run_taps_output(r, channels, taps, o, filled[half]);
        g.released[half] = r->now;
    }
}

static void run_wide(struct step_run *r)
{
    uint32_t pace = r->pace < 3 ? 3 : r->pace + (r->pace == 4);

    for (uint32_t i = 0; i < r->groups * r->outputs; i++) {
        r->now += pace;
        take_result(r, i % r->outputs, r->now);
    }
}

/* A step's cycles from its begin to the next one's reading. */
static uint64_t step_cycles(const struct picture_program *program, const uint64_t *word,
                            uint32_t groups, uint64_t *beats)
{
    struct step_run r = {
        .word = word,
        .inputs = program->design.inputs,
        .groups = groups,
        .outputs = field(word[1], 0, 16) + 1,
        .pace = field(word[2], 32, 8),
        .block_channels = field(word[1], 48, 16) + 1,
    };
    uint32_t kind = field(word[0], 0, 2);

    (kind == 0 ? run_dot : kind == 1 ? run_taps : run_wide)(&r);
    *beats += r.beats;
    uint64_t end = r.now + (kind == 2 ? 0 : latency(r.inputs)) + FLUSH;
    if (field(word[0], 2, 1) && r.kept + QUANTISED > end)
        end = r.kept + QUANTISED;
    return end + 1;
}

/* Cycles in which a row's pixels are made (picture_tail.v). */
static uint64_t tail_cycles(const struct picture_program *program,
                            const struct image_network *network, uint32_t width)
{
    uint32_t resize = program->schedule.tail.resize, scale = network->scale;
    uint32_t beside = program->schedule.edges ? 2 * program->schedule.tail.reach : 0;
    uint64_t lines = (uint64_t)scale * network->node[0].channels;
    struct resize_phases phases;

    if (resize == NO_NODE)
        return lines * width * scale + TAIL;
    image_resize_phases(&network->node[resize], &phases);
    return lines * ((uint64_t)phases.taps * (width * (scale + 1) + beside) + TAIL_LINE) + TAIL;
}

/* A step as the ticks see it. */
struct step_time {
    uint32_t words, lag;
    uint64_t cycles, beats; /* of a row */
    uint64_t edges;         /* words that come from the strip before */
};

/* Cycles of tick n: the next step's words are read while a step runs. */
static uint64_t tick_cycles(const struct step_time *step, uint32_t steps, uint64_t n,
                            uint32_t height)
{
    uint64_t ready = 0, free = 0;

    for (uint32_t i = 0; i < steps; i++) {
        bool runs = n >= step[i].lag && n - step[i].lag < height;
        uint64_t known = ready + step[i].words + STEP_READ, taken = known > free ? known : free;
        uint64_t begins = taken + STEP_BEGIN;
        if (step[i].edges && known + step[i].edges + LOADED > begins)
            begins = known + step[i].edges + LOADED;
        ready = taken;
        free = runs ? begins + step[i].cycles : taken + STEP_SKIP;
        free += runs && i == steps - 1;
    }
    return free + TICK;
}

/* Words of 32 bits that a step's edges are (picture_edges.v). */
static uint64_t edge_words(const struct picture_program *program, const uint64_t *word)
{
    const struct picture_schedule *schedule = &program->schedule;
    uint32_t column = picture_word_bits(program), kernel_w = field(word[0], 34, 4) + 1;
    uint64_t each = (schedule->left * column + EDGE_BITS - 1) / EDGE_BITS;
    uint64_t words = field(word[STEP_WORDS], 42, 10), rows = field(word[0], 30, 4) + 1;
    uint64_t sum = kernel_w > 1 ? rows * words * each : 0;

    if (field(word[0], 5, 1)) {
        uint32_t bits = WIDE_BITS * schedule->skip[field(word[3], 36, 2)];
        sum += (field(word[1], 0, 16) + 1) * (uint64_t)((bits + EDGE_BITS - 1) / EDGE_BITS);
    }
    return sum;
}

static void time_steps(const struct picture_program *program, const uint64_t *word, uint32_t groups,
                       bool edges, struct step_time *step)
{
    for (uint32_t i = 0; i < program->schedule.steps; i++) {
        step[i] = (struct step_time){.words = STEP_WORDS + 2 * field(word[0], 11, 4),
                                     .lag = field(word[0], 22, 8)};
        step[i].cycles = step_cycles(program, word, groups, &step[i].beats);
        if (edges)
            step[i].edges = edge_words(program, word);
        word += step[i].words;
    }
}

static struct picture_cycles strip_cycles(const struct picture_program *program,
                                          const struct image_network *network,
                                          enum image_subnet subnet, uint64_t height,
                                          const struct picture_strip *strip)
{
    const struct picture_schedule *schedule = &program->schedule;
    uint32_t groups = (strip->width + program->design.columns - 1) / program->design.columns;
    uint32_t steps = subnet == SUBNET_BILINEAR ? 0 : schedule->steps;
    uint32_t lag = steps ? schedule->value[schedule->tail.value].lag : schedule->tail.reach;
    uint64_t load = LOAD * (strip->width + (uint64_t)picture_context(program)) + TICK;
    uint64_t tail = tail_cycles(program, network, strip->width);
    struct picture_cycles total = {0, 0, 0};
    struct step_time *step = calloc((size_t)schedule->steps + 1, sizeof *step);

    if (!step)
        return total;
    time_steps(program, program->word + (subnet == SUBNET_HALF ? program->half_at : 0), groups,
               strip->edges & 1, step);
    for (uint32_t i = 0; i < steps; i++) {
        total.beats += height * step[i].beats;
        total.edges += height * step[i].edges;
    }
    /* A tick ends when its row is loaded and the pixels of the one before have left. */
    for (uint64_t n = 0; n < height + lag; n++) {
        uint64_t cycles = tick_cycles(step, steps, n, (uint32_t)height);
        cycles = n < height && cycles < load ? load : cycles;
        total.cycles += n > lag && cycles < tail ? tail : cycles;
    }
    free(step);
    return total;
}

struct picture_cycles picture_cycles_of(const struct picture_program *program,
                                        const struct image_network *network,
                                        enum image_subnet subnet, struct image_size size)
{
    struct picture_cycles total = {0, 0, 0}, one = {0, 0, 0};
    struct picture_strip last = {0, 0, 0};

    for (uint32_t i = 0; i < picture_strips(program, size.width); i++) {
        struct picture_strip strip = picture_strip_at(program, size.width, i);
        if (strip.width != last.width || strip.edges % 2 != last.edges % 2)
            one = strip_cycles(program, network, subnet, size.height, &strip);
        last = strip;
        total.cycles += one.cycles;
        total.beats += one.beats;
        total.edges += one.edges;
    }
    return total;
}
