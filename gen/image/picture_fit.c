/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/image/picture_fit.h"

#include "gen/image/picture_cycles.h"
#include "gen/image/picture_strip.h"
#include "gen/image/reach.h"
#include "gen/op/numerics.h"

enum {
    FRAME_ROWS = 64, /* of the frame that designs are compared on */
    COLUMNS_MOST = 128,
    EDGE_QUEUE = 512,        /* words */
    QUANTISER_ELEMENTS = 32, /* block_quantiser.v's two halves */
    SHARED_MULTIPLIERS = 8,  /* addresses and lengths, as Yosys makes them */
    /* LUT4, two for a carry cell, four for a small RAM; fitted to the `synth_ecp5` of
     * designs that docs/super-resolution.md names, all of 4 lanes. */
    LUTS_SHARED = 2600,
    LUTS_COLUMN = 1906,
    LUTS_LANE = 280,
    LUTS_NEIGHBOUR = 114, /* of those that a column's window has */
    LUTS_SCORES = 1038,   /* rtl/picture/picture_scores.v */
    /* A board's top: its USB device and its memory's controller (docs/usb.md, docs/memories.md). */
    LUTS_TOP = 2500,
    BLOCKS_TOP = 5,
};

static uint32_t power_of_two(uint32_t at_least)
{
    uint32_t power = 1;

    while (power < at_least)
        power *= 2;
    return power;
}

static void add_column_stores(struct resources *r, const struct picture_program *p,
                              const struct image_network *network, const struct board *board)
{
    const struct picture_design *d = &p->design;
    uint32_t outputs = network->node[p->schedule.tail.value].channels;

    resources_add_store(r, board, d->columns, picture_word_bits(p), p->store_words);
    resources_add_store(r, board, d->columns, 18, p->store_wides);
    resources_add_store(r, board, d->columns, 18, 2 * (uint64_t)power_of_two(outputs * d->groups));
    resources_add_store(r, board, d->columns, 18, QUANTISER_ELEMENTS);
}

/* rtl/picture/picture_edges.v: entries of words and of wide values, of two steps that come
 * and one that goes; on a board the queues of picture_edge_memory.v. */
static void add_edge_stores(struct resources *r, const struct picture_program *p,
                            const struct board *board)
{
    uint64_t words = (uint64_t)power_of_two(p->edge_rows) * power_of_two(p->edge_words);
    uint64_t channels = power_of_two(p->edge_channels), skip = 1;

    for (uint32_t i = 0; i < p->schedule.skips; i++)
        skip = p->schedule.skip[i] > skip ? p->schedule.skip[i] : skip;
    for (uint64_t times = 1; times <= 2 && p->schedule.edges; times++) {
        resources_add_store(r, board, 1, p->schedule.left * (uint64_t)picture_word_bits(p),
                            times * words);
        resources_add_store(r, board, 1, 18 * skip, times * channels);
        if (board->family != FAMILY_NONE)
            resources_add_store(r, board, 1, 32, EDGE_QUEUE);
    }
}

static void add_shared_stores(struct resources *r, const struct picture_program *p,
                              const struct image_network *network, const struct board *board)
{
    uint64_t row = power_of_two(p->design.columns * p->design.groups + picture_context(p));
    uint32_t lag = p->schedule.value[p->schedule.tail.value].lag;
    uint32_t pixel = 8 * network->node[0].channels;

    resources_add_store(r, board, 1, 8 * (uint64_t)p->design.inputs, p->beats);
    resources_add_store(r, board, 1, 8, p->scales);
    resources_add_store(r, board, 1, 36, p->constants);
    resources_add_store(r, board, 1, 64, p->words);
    resources_add_store(r, board, 1, pixel, row);
    if (picture_tile_bits(p, network)) {
        resources_add_store(r, board, 1, 16, row);
        resources_add_store(r, board, 1, 64, row / network->tile);
    }
    if (p->schedule.tail.resize != NO_NODE) {
        resources_add_store(r, board, 1, 18, row);
        resources_add_store(r, board, 1, pixel,
                            row * power_of_two(lag + 3 + 2 * p->schedule.tail.reach));
    }
}

struct resources picture_resources(const struct picture_program *p,
                                   const struct image_network *network, const struct board *board)
{
    const struct picture_design *d = &p->design;
    uint64_t scales = d->inputs == 16 ? 2 : 1; /* rtl/row_totals.v */
    uint32_t window = p->schedule.left + p->schedule.right + 1;
    struct resources r = {
        .multipliers = d->columns * (d->inputs + scales + p->multiply) +
                       (p->schedule.tail.resize != NO_NODE) + SHARED_MULTIPLIERS,
        .luts = LUTS_SHARED + d->columns * (LUTS_COLUMN + (uint64_t)LUTS_LANE * d->inputs +
                                            (uint64_t)LUTS_NEIGHBOUR * window),
    };

    add_column_stores(&r, p, network, board);
    add_shared_stores(&r, p, network, board);
    add_edge_stores(&r, p, board);
    if (picture_tile_bits(p, network))
        r.luts += LUTS_SCORES;
    if (board->family != FAMILY_NONE) {
        r.luts += LUTS_TOP;
        r.ram_blocks += BLOCKS_TOP;
    }
    return r;
}

/* The program with stores for other columns and groups: all grow with the groups. */
static struct picture_program resized(const struct picture_program *one,
                                      const struct image_network *network, uint32_t columns,
                                      uint32_t groups)
{
    struct picture_program p = *one;

    p.design.columns = columns;
    p.design.groups = groups;
    p.store_words *= groups;
    p.store_wides *= groups;
    p.store_outs = 2 * power_of_two(network->node[one->schedule.tail.value].channels * groups);
    return p;
}

bool picture_frame_of(const struct picture_program *p, const struct image_network *network,
                      enum image_subnet subnet, struct image_size size, struct picture_frame *frame,
                      struct error *err)
{
    uint32_t most = p->design.columns * p->design.groups, reach;
    uint32_t channels = network->node[0].channels, made = network->scale * network->scale;
    struct picture_cycles strip = {0, 0, 0};

    *frame = (struct picture_frame){0, 0, 0, 0};
    if (!image_reach(network, &reach, err) || !image_macs(network, subnet, size, &frame->macs, err))
        return false;
    if (p->schedule.edges) {
        strip = picture_cycles_of(p, network, subnet, size);
        frame->cycles = strip.cycles;
        frame->pixels = (uint64_t)size.width * size.height;
        uint64_t sent = size.width + (uint64_t)picture_strips(p, size.width) * picture_context(p);
        frame->moved = sent * size.height * channels + frame->pixels * channels * made +
                       2 * sizeof(uint32_t) * strip.edges;
        return true;
    }
    if (size.width > most && most <= 2 * reach)
        return error_set(err, ERROR_INPUT,
                         "%s: rows of %u pixels are no longer than twice the reach of %u",
                         network->name, most, reach);
    for (uint32_t first = 0, last = 0; first < size.width;) {
        uint32_t left = first < reach ? 0 : first - reach;
        uint32_t right = size.width - left < most ? size.width : left + most;
        if (right - left != last) {
            last = right - left;
            strip = picture_cycles_of(p, network, subnet, (struct image_size){size.height, last});
        }
        frame->cycles += strip.cycles;
        frame->pixels += (uint64_t)last * size.height;
        frame->moved += (uint64_t)last * size.height * channels * (1 + made);
        first = right == size.width ? right : right - reach;
    }
    return true;
}

uint64_t picture_layer_bytes(const struct picture_program *p, const struct image_network *network,
                             struct image_size size)
{
    uint64_t bits = 0;

    for (const struct picture_step *s = p->schedule.step; s < p->schedule.step + p->schedule.steps;
         s++) {
        const struct kept_value *value = &p->schedule.value[s->result];
        bool wide = value->wides || value->out;
        bits += (uint64_t)network->node[s->result].channels *
                ((value->words ? 8U : 0U) + (wide ? WIDE_BITS : 0U));
        for (uint32_t i = 0; i < s->segments; i++)
            bits += (uint64_t)network->node[s->segment[i]].channels * 8;
        if (s->other != NO_NODE)
            bits += (uint64_t)network->node[s->other].channels * WIDE_BITS;
    }
    return bits * size.width * size.height / 8;
}

/* Whether the board has room for the design of so many columns and groups. */
static bool has_room(const struct picture_program *one, const struct image_network *network,
                     const struct board *board, uint32_t columns, uint32_t groups)
{
    struct picture_program p = resized(one, network, columns, groups);
    struct resources r = picture_resources(&p, network, board);
    enum resource binding;

    return p.store_words <= UINT16_MAX && p.store_wides <= UINT16_MAX &&
           resources_fit(&r, board, &binding);
}

bool picture_fit(struct picture_design *design, struct integer_network *network,
                 const struct board *board, uint32_t width, struct error *err)
{
    const struct image_network *net = &network->network;
    struct picture_design best = {0, 0, 0, false};
    struct picture_program one;
    uint64_t least = UINT64_MAX;

    struct picture_design smallest = {design->inputs ? design->inputs : 4, COLUMNS_MOST, 1,
                                      design->edges};
    if (!picture_program_make(&one, network, &smallest, err))
        return false;
    uint32_t taps = one.schedule.left > one.schedule.right ? one.schedule.left : one.schedule.right;
    for (uint32_t columns = taps + 1; columns <= COLUMNS_MOST; columns++) {
        uint32_t groups = 0, most = (width + columns - 1) / columns;
        if (design->columns && columns != design->columns)
            continue;
        while (groups < most && has_room(&one, net, board, columns, groups + 1))
            groups++;
        if (!groups || (design->groups && design->groups > groups))
            continue;
        struct picture_program p =
            resized(&one, net, columns, design->groups ? design->groups : groups);
        struct picture_frame frame;
        struct error none = {0};
        if (picture_frame_of(&p, net, SUBNET_FULL, (struct image_size){FRAME_ROWS, width}, &frame,
                             &none) &&
            frame.cycles < least) {
            least = frame.cycles;
            best = p.design;
        }
    }
    if (least == UINT64_MAX)
        return error_set(err, ERROR_INPUT, "%s has no room for %s", board->name, net->name);
    *design = best;
    return true;
}
