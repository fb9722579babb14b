/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/image/program.h"

#include <string.h>

#include "gen/op/numerics.h"

enum {
    STEP_WORDS = 8,
    FIELD = 0xFFFF, /* the most of a field of 16 bits */
    SLOPE_ZERO = 31,
    WIDE_MASK = (1 << WIDE_BITS) - 1,
};

static uint32_t divide_up(uint32_t a, uint32_t b)
{
    return (a + b - 1) / b;
}

/* Where a value lies in a column's stores, a subnet's rows as far apart as the full
 * one's. */
struct place {
    uint32_t words, wides;                 /* the first row's address */
    uint32_t words_a_pixel, wides_a_pixel; /* of the full subnet */
};

struct writer {
    struct picture_program *out;
    const struct integer_network *network;
    const struct image_network *net;
    struct place *place;   /* [nodes] */
    uint32_t *weight_at;   /* [steps]: the first beat */
    uint32_t *scale_at;    /* [steps] */
    uint32_t *constant_at; /* [steps] */
    struct error *err;
};

/* Words of `channels` whose blocks begin anew after `each` of them. */
static uint32_t words_of(const struct writer *w, uint32_t channels, uint32_t each)
{
    uint32_t inputs = w->out->design.inputs, words = 0;

    for (uint32_t first = 0; first < channels; first += each) {
        uint32_t rest = channels - first < each ? channels - first : each;
        words += rest / BLOCK * (BLOCK / inputs) + divide_up(rest % BLOCK, inputs);
    }
    return words;
}

/* Channels of a value after which blocks begin anew, in a subnet. */
static uint32_t block_channels(const struct writer *w, uint32_t index, enum image_subnet subnet)
{
    const struct kept_value *value = &w->out->schedule.value[index];
    uint32_t channels = image_channels(&w->net->node[index], subnet);

    return value->block_channels && value->block_channels < channels ? value->block_channels
                                                                     : channels;
}

static uint32_t pixel_words(const struct writer *w, uint32_t index, enum image_subnet subnet)
{
    if (index == 0)
        return 1;
    return words_of(w, image_channels(&w->net->node[index], subnet),
                    block_channels(w, index, subnet));
}

/* Whether a step reads the mantissas of `index`. */
static bool step_reads(const struct picture_step *step, uint32_t index)
{
    for (uint32_t i = 0; i < step->segments; i++)
        if (step->segment[i] == index)
            return true;
    return false;
}

/* A place for one row of mantissas that are read in the tick that writes them: that
 * of another such row whose last reader has been. */
struct shared_row {
    uint32_t address, words, until; /* the step that reads it last */
};

/* A row for the value of step `number`, of `words`: a free one that is long enough, or
 * a new one at the store's end. */
static uint32_t share_row(const struct writer *w, struct shared_row *row, uint32_t *rows,
                          uint32_t number, uint32_t words)
{
    const struct picture_schedule *schedule = &w->out->schedule;
    uint32_t at = 0;

    while (at < *rows && (row[at].until >= number || row[at].words < words))
        at++;
    if (at == *rows) {
        row[(*rows)++] = (struct shared_row){w->out->store_words, words, 0};
        w->out->store_words += words;
    }
    row[at].until = number;
    for (uint32_t i = number + 1; i < schedule->steps; i++)
        if (step_reads(&schedule->step[i], schedule->step[number].result))
            row[at].until = i;
    return row[at].address;
}

static bool place_values(const struct writer *w)
{
    struct picture_program *out = w->out;
    struct shared_row *row =
        arena_alloc((struct arena *)(uintptr_t)&w->net->arena, out->schedule.steps, sizeof *row);
    uint32_t rows = 0, groups = out->design.groups;

    if (!row)
        return error_set(w->err, ERROR_FAILED, "%s: out of memory", w->net->name);
    /* The picture's rows come first (rtl/picture/picture.v), then those of the steps. */
    for (uint32_t s = 0; s <= out->schedule.steps; s++) {
        uint32_t i = s ? out->schedule.step[s - 1].result : 0;
        const struct kept_value *value = &out->schedule.value[i];
        struct place *place = &w->place[i];
        place->words_a_pixel = pixel_words(w, i, SUBNET_FULL);
        place->wides_a_pixel = w->net->node[i].channels;
        place->words = out->store_words;
        place->wides = out->store_wides;
        if (value->words && value->ring_words == 1 && s)
            place->words = share_row(w, row, &rows, s - 1, groups * place->words_a_pixel);
        else if (value->words)
            out->store_words += value->ring_words * groups * place->words_a_pixel;
        if (value->wides)
            out->store_wides += value->ring_wides * groups * place->wides_a_pixel;
        if (out->store_words > FIELD || out->store_wides > FIELD)
            return error_set(w->err, ERROR_INPUT, "%s: rows of %u groups of pixels are too long",
                             w->net->name, out->design.groups);
        out->ring_most = value->ring_words > out->ring_most ? value->ring_words : out->ring_most;
        out->ring_most = value->ring_wides > out->ring_most ? value->ring_wides : out->ring_most;
    }
    uint32_t outs = w->net->node[out->schedule.tail.value].channels * out->design.groups;
    for (out->store_outs = 2; out->store_outs < 2 * outs;)
        out->store_outs *= 2;
    return true;
}

/* ---- Weights, scales and constants. */

/* `count` weights of a block as beats; one scale. */
static void put_block(const struct writer *w, const int8_t *q, uint32_t count, uint8_t scale)
{
    struct picture_program *out = w->out;
    uint32_t inputs = out->design.inputs;

    for (uint32_t i = 0; i < count; i++)
        out->weight[(size_t)out->beats * inputs + i] = (uint8_t)q[i];
    out->beats += divide_up(count, inputs);
    out->scale[out->scales++] = scale;
}

static void put_weights(const struct writer *w, const struct picture_step *step)
{
    const struct image_node *conv = &w->net->node[step->conv];
    const struct image_integers *n = &w->network->node[step->conv];
    uint32_t kernel = conv->window.kernel_h * conv->window.kernel_w;
    uint32_t inputs = w->net->node[conv->input[0]].channels / conv->groups;
    const int8_t *q = n->q;
    const uint8_t *scale = n->scale;
    struct operand_blocks blocks;

    image_operand_blocks(w->net, conv, &blocks);
    for (uint32_t c = 0; c < conv->channels; c++)
        if (step->taps) {
            for (uint32_t i = 0; i < inputs; i++)
                for (uint32_t t = 0; t < kernel; t += BLOCK) {
                    uint32_t count = kernel - t < BLOCK ? kernel - t : BLOCK;
                    put_block(w, q, count, *scale++);
                    q += count;
                }
        } else {
            for (uint32_t b = 0; b < kernel * blocks.count; b++) {
                uint32_t at = b % blocks.count;
                uint32_t count = blocks.start[at + 1] - blocks.start[at];
                put_block(w, q, count, *scale++);
                q += count;
            }
        }
}

/* What a negative value is multiplied by, as the hardware wants it. */
static uint64_t slope_of(const struct writer *w, int32_t slope)
{
    if (w->out->multiply)
        return (uint32_t)slope & WIDE_MASK;
    if (slope == 0)
        return SLOPE_ZERO;
    uint32_t shift = SLOPE_FRACTION;
    while (slope > 1) {
        slope /= 2;
        shift--;
    }
    return shift;
}

static void put_constants(const struct writer *w, const struct picture_step *step)
{
    for (uint32_t c = 0; c < w->net->node[step->result].channels; c++) {
        uint64_t bias = step->conv == NO_NODE ? 0 : (uint32_t)w->network->node[step->conv].bias[c];
        uint64_t slope = step->activation == NO_NODE
                             ? 0
                             : slope_of(w, w->network->node[step->activation].weight[c]);
        w->out->constant[w->out->constants++] = (bias & WIDE_MASK) << WIDE_BITS | slope;
    }
}

static bool is_power_of_two(int32_t slope)
{
    return slope >= 0 && slope <= 1 << SLOPE_FRACTION && (slope & (slope - 1)) == 0;
}

static bool needs_multiplier(const struct writer *w)
{
    for (uint32_t i = 0; i < w->net->nodes; i++)
        for (uint32_t c = 0; w->net->node[i].op == IMAGE_ACTIVATION && c < w->net->node[i].channels;
             c++)
            if (!is_power_of_two(w->network->node[i].weight[c]))
                return true;
    return false;
}

static bool put_arrays(const struct writer *w)
{
    struct picture_program *out = w->out;
    struct arena *arena = (struct arena *)(uintptr_t)&w->net->arena;
    size_t weights = 0, constants = 0;

    for (uint32_t i = 0; i < w->net->nodes; i++) {
        const struct image_node *node = &w->net->node[i];
        constants += node->channels;
        if (node->op == IMAGE_CONV)
            weights += node->channels * image_taps(w->net, node);
    }
    /* A block may be one weight. */
    out->weight = arena_alloc(arena, weights + 1, out->design.inputs);
    out->scale = arena_alloc(arena, weights + 1, 1);
    out->constant = arena_alloc(arena, constants, sizeof *out->constant);
    if (!out->weight || !out->scale || !out->constant)
        return error_set(w->err, ERROR_FAILED, "%s: out of memory", w->net->name);
    out->multiply = needs_multiplier(w);
    for (uint32_t i = 0; i < out->schedule.steps; i++) {
        w->weight_at[i] = out->beats;
        w->scale_at[i] = out->scales;
        w->constant_at[i] = out->constants;
        if (out->schedule.step[i].conv != NO_NODE)
            put_weights(w, &out->schedule.step[i]);
        put_constants(w, &out->schedule.step[i]);
    }
    if (out->beats > FIELD || out->scales > FIELD || out->constants > FIELD)
        return error_set(w->err, ERROR_INPUT, "%s: no hardware for so many weights", w->net->name);
    return true;
}

/* ---- Steps. */

struct sum_shifts picture_sum_shifts(const struct integer_network *network, uint32_t add,
                                     uint32_t a, uint32_t b)
{
    int32_t of_a = network->node[a].fraction, of_b = network->node[b].fraction;
    int32_t finer = of_a > of_b ? of_a : of_b, right = finer - network->node[add].fraction;
    int32_t left = right < 0 ? -right : 0;

    return (struct sum_shifts){(uint32_t)(finer - of_a + left), (uint32_t)(finer - of_b + left),
                               (uint32_t)(right < 0 ? 0 : right)};
}

/* A ring's place: rows of `row_words`, of which the one written `ago` ticks ago. */
static uint64_t ring_word(uint32_t base, uint32_t row_words, uint32_t ring, uint32_t ago)
{
    return base | (uint64_t)row_words << 16 | (uint64_t)(ring ? ring : 1) << 32 |
           (uint64_t)ago << 37;
}

static uint64_t words_ring(const struct writer *w, uint32_t index, uint32_t ago)
{
    const struct place *place = &w->place[index];

    return ring_word(place->words, place->words_a_pixel * w->out->design.groups,
                     w->out->schedule.value[index].ring_words, ago);
}

static uint64_t wides_ring(const struct writer *w, uint32_t index, uint32_t ago)
{
    const struct place *place = &w->place[index];

    return ring_word(place->wides, place->wides_a_pixel * w->out->design.groups,
                     w->out->schedule.value[index].ring_wides, ago);
}

static void put_segment(const struct writer *w, const struct picture_step *step, uint32_t index,
                        uint32_t ago, enum image_subnet subnet)
{
    const struct image_node *conv = &w->net->node[step->conv];
    bool grouped = conv->groups > 1 && !step->depthwise;
    uint32_t channels = image_channels(&w->net->node[index], subnet);
    uint32_t all = w->net->node[index].channels / (grouped ? conv->groups : 1);
    uint32_t words = index == 0 ? 1
                     : grouped  ? words_of(w, channels / conv->groups, all)
                                : pixel_words(w, index, subnet);
    uint32_t beats = words_of(w, all, all), scales = divide_up(all, BLOCK);
    uint64_t *word = &w->out->word[w->out->words];

    word[0] = words_ring(w, index, ago) | (uint64_t)words << 42;
    word[1] = pixel_words(w, index, subnet) | (uint64_t)(grouped ? words : 0) << 16 |
              (uint64_t)beats << 32 | (uint64_t)scales << 48;
    w->out->words += 2;
    if (conv->window.kernel_w > 1 && words > w->out->edge_words)
        w->out->edge_words = words;
    if (conv->window.kernel_h > w->out->edge_rows)
        w->out->edge_rows = conv->window.kernel_h;
}

/* Cycles that an output needs so that the quantiser keeps up: 16 a block. */
static uint32_t pace_of(const struct writer *w, uint32_t index, enum image_subnet subnet)
{
    uint32_t each = block_channels(w, index, subnet);
    uint32_t pace = divide_up(divide_up(each, BLOCK) * BLOCK, each);

    return w->out->schedule.value[index].words && pace > 2 ? pace : 2;
}

/* Words 0 to 2, as far as a convolution is in them. */
static void put_convolution(const struct writer *w, uint32_t number, uint64_t *word)
{
    const struct picture_step *step = &w->out->schedule.step[number];
    const struct image_node *conv = &w->net->node[step->conv];
    const struct image_window *window = &step->window;
    bool edges = w->out->schedule.edges;

    word[0] |= (uint64_t)step->taps | (uint64_t)step->edge << 7 | (uint64_t)step->bytes << 8 |
               (uint64_t)step->segments << 11 | (uint64_t)w->network->node[step->conv].shift << 16 |
               (uint64_t)(window->kernel_h - 1) << 30 | (uint64_t)(window->kernel_w - 1) << 34 |
               (uint64_t)window->pad_top << 38 |
               (uint64_t)(edges ? window->kernel_w - 1 : window->pad_left) << 42;
    uint32_t group = conv->groups > 1 && !step->depthwise ? conv->channels / conv->groups : 0x10000;
    word[1] |= (uint64_t)(group - 1) << 32;
    word[2] |= w->weight_at[number] | (uint64_t)w->scale_at[number] << 16 |
               (uint64_t)(uint8_t)conv->pad_value << 40 |
               (uint64_t)w->out->schedule.value[step->segment[0]].side << 58;
    if (step->taps)
        word[2] |= (uint64_t)(window->kernel_h * window->kernel_w - 1) << 48 |
                   (uint64_t)(step->bytes ? w->net->node[0].channels - 1 : 0) << 54;
}

static bool put_sum(const struct writer *w, const struct picture_step *step, uint64_t *word)
{
    uint32_t a = step->activation != NO_NODE ? step->activation
                 : step->conv != NO_NODE     ? step->conv
                                             : step->source;
    struct sum_shifts shift = picture_sum_shifts(w->network, step->add, a, step->other);
    uint32_t left = shift.a > shift.b ? shift.a : shift.b;

    if (left > 31 || shift.right > 31)
        return error_set(w->err, ERROR_INPUT, "%s: node %s: no hardware for formats so far apart",
                         w->net->name, w->net->node[step->add].name);
    word[0] |= UINT64_C(1) << 5 | (uint64_t)shift.a << 46 | (uint64_t)shift.b << 51 |
               (uint64_t)shift.right << 56;
    word[3] |= (uint64_t)step->skip << 36;
    if (left > w->out->left_most)
        w->out->left_most = left;
    if (w->net->node[step->result].channels > w->out->edge_channels)
        w->out->edge_channels = w->net->node[step->result].channels;
    return true;
}

static bool put_step(const struct writer *w, uint32_t number, enum image_subnet subnet)
{
    const struct picture_schedule *schedule = &w->out->schedule;
    const struct picture_step *step = &schedule->step[number];
    const struct kept_value *value = &schedule->value[step->result];
    uint64_t *word = &w->out->word[w->out->words];
    uint32_t channels = image_channels(&w->net->node[step->result], subnet);

    word[0] = (step->conv == NO_NODE ? 2 : 0) | (uint64_t)value->words << 2 |
              (uint64_t)value->wides << 3 | (uint64_t)value->out << 4 |
              (uint64_t)(step->activation != NO_NODE) << 6 |
              (uint64_t)(number == schedule->steps - 1) << 10 | (uint64_t)value->lag << 22;
    word[1] = (channels - 1) | (uint64_t)w->constant_at[number] << 16 |
              (uint64_t)(block_channels(w, step->result, subnet) - 1) << 48;
    word[2] = (uint64_t)pace_of(w, step->result, subnet) << 32;
    if (step->activation != NO_NODE) {
        const struct image_integers *n = &w->network->node[step->activation];
        word[3] = ((uint64_t)(uint32_t)n->low & WIDE_MASK) |
                  ((uint64_t)(uint32_t)n->high & WIDE_MASK) << WIDE_BITS;
    }
    word[4] = words_ring(w, step->result, 0);
    word[5] = wides_ring(w, step->result, 0);
    word[6] = word[7] = ring_word(0, 0, 1, 0);
    if (step->source != NO_NODE)
        word[6] = wides_ring(w, step->source, value->lag - schedule->value[step->source].lag);
    if (step->other != NO_NODE)
        word[7] = wides_ring(w, step->other, value->lag - schedule->value[step->other].lag);
    if (step->add != NO_NODE && !put_sum(w, step, word))
        return false;
    if (step->conv != NO_NODE)
        put_convolution(w, number, word);
    w->out->words += STEP_WORDS;
    for (uint32_t i = 0; i < step->segments; i++) {
        uint32_t ago = value->lag - schedule->value[step->segment[i]].lag + step->window.pad_top;
        put_segment(w, step, step->segment[i], ago, subnet);
    }
    if (step->segments > w->out->segments)
        w->out->segments = step->segments;
    return true;
}

static bool put_program(const struct writer *w)
{
    struct picture_program *out = w->out;
    size_t room = (size_t)2 * out->schedule.steps * (STEP_WORDS + 2 * STEP_SEGMENTS);

    out->word = arena_alloc((struct arena *)(uintptr_t)&w->net->arena, room, sizeof *out->word);
    if (!out->word)
        return error_set(w->err, ERROR_FAILED, "%s: out of memory", w->net->name);
    for (uint32_t i = 0; i < out->schedule.steps; i++)
        if (!put_step(w, i, SUBNET_FULL))
            return false;
    out->half_at = out->words;
    for (uint32_t i = 0; w->net->selective && i < out->schedule.steps; i++)
        if (!put_step(w, i, SUBNET_HALF))
            return false;
    return out->words <= FIELD ||
           error_set(w->err, ERROR_INPUT, "%s: no hardware for so many layers", w->net->name);
}

static bool check_design(const struct picture_program *out, const struct image_network *net,
                         struct error *err)
{
    const struct picture_design *d = &out->design;
    uint32_t reach =
        out->schedule.left > out->schedule.right ? out->schedule.left : out->schedule.right;

    if (d->inputs != 4 && d->inputs != 8 && d->inputs != 16)
        return error_set(err, ERROR_INPUT, "lanes: %u of a column are not 4, 8 or 16", d->inputs);
    if (d->columns <= reach || d->columns > 128)
        return error_set(err, ERROR_INPUT, "columns: %u are not from %u to 128", d->columns,
                         reach + 1);
    for (uint32_t i = 0; i < out->schedule.skips; i++)
        if (d->columns <= out->schedule.skip[i])
            return error_set(err, ERROR_INPUT, "columns: %u beside kept edges are not above %u",
                             d->columns, out->schedule.skip[i]);
    if (d->groups < 1 || (uint64_t)d->groups * d->columns > 4096)
        return error_set(err, ERROR_INPUT, "%s: rows of %u groups of %u pixels are no length",
                         net->name, d->groups, d->columns);
    return true;
}

bool picture_program_make(struct picture_program *program, struct integer_network *network,
                          const struct picture_design *design, struct error *err)
{
    struct arena *arena = &network->network.arena;

    *program = (struct picture_program){
        .design = *design, .act_bits = network->act_bits, .left_most = 1, .ring_most = 1};
    if (!picture_schedule_make(&program->schedule, network, design->edges, err) ||
        !check_design(program, &network->network, err))
        return false;
    struct writer w = {
        .out = program,
        .network = network,
        .net = &network->network,
        .place = arena_alloc(arena, network->network.nodes, sizeof *w.place),
        .weight_at = arena_alloc(arena, network->network.nodes, sizeof *w.weight_at),
        .scale_at = arena_alloc(arena, network->network.nodes, sizeof *w.scale_at),
        .constant_at = arena_alloc(arena, network->network.nodes, sizeof *w.constant_at),
        .err = err,
    };
    if (!w.place || !w.weight_at || !w.scale_at || !w.constant_at)
        return error_set(err, ERROR_FAILED, "%s: out of memory", network->network.name);
    return place_values(&w) && put_arrays(&w) && put_program(&w);
}
