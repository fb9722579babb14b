/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/fit/resources.h"

#include <string.h>

#include "gen/op/numerics.h"
#include "gen/serial/program.h"
#include "gen/verilog/top.h"

enum {
    FUNCTION_TABLE_DEPTH = 512,
    FUNCTION_TABLE_WIDTH = 36,
    SMALL_RAM_DEPTH = 16, /* of LUTs */
    SMALL_RAM_WIDTH = 4,
    SMALL_RAM_COST = 4,
    BLOCK_RAM_COST = 128, /* on an iCE40 half of that; there registers are what is small */
};

static uint64_t divide_up(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

static uint64_t power_of_two(uint64_t at_least)
{
    uint64_t power = 1;
    while (power < at_least)
        power *= 2;
    return power;
}

/* What Yosys weighs a memory by (memory_libmap, in half LUTs; techlibs/ecp5, ice40): its
 * blocks, and what joins the rows of blocks that make up the depth. */
static uint64_t memory_cost(uint64_t blocks, uint64_t block_cost, uint64_t width, uint64_t rows)
{
    return 2 * blocks * block_cost + width * (rows - 1);
}

/* Of a memory in no block RAM: in small RAMs, or in registers. */
static uint64_t small_cost(const struct board *board, uint64_t width, uint64_t depth)
{
    uint64_t rows = divide_up(depth, SMALL_RAM_DEPTH);

    if (board->family == FAMILY_ICE40)
        return 2 * width * depth;
    return memory_cost(divide_up(width, SMALL_RAM_WIDTH) * rows, SMALL_RAM_COST, width, rows);
}

void resources_add_store(struct resources *r, const struct board *board, uint64_t count,
                         uint64_t width, uint64_t depth)
{
    uint64_t block_cost = board->family == FAMILY_ICE40 ? BLOCK_RAM_COST / 2 : BLOCK_RAM_COST;
    uint64_t least = small_cost(board, width, depth), blocks = 0;

    r->ram_bits += count * width * depth;
    for (int i = 0; i < RAM_SHAPES && board->shape[i].width; i++) {
        uint64_t rows = divide_up(depth, board->shape[i].depth);
        uint64_t needed = divide_up(width, board->shape[i].width) * rows;
        uint64_t cost = memory_cost(needed, block_cost, width, rows);
        if (cost < least) {
            least = cost;
            blocks = needed;
        }
    }
    r->ram_blocks += count * blocks;
}

static bool is_mamba(const struct mill_shape *s)
{
    return s->architecture != ARCHITECTURE_LLAMA;
}

/* rtl/quantised_store.v: operands of the widest matrix, of all queries and of the
 * probabilities, in blocks of 16. */
static uint64_t operand_blocks(const struct mill_shape *s)
{
    const uint64_t inputs[] = {s->dim, s->hidden_dim, (uint64_t)s->heads * s->head_dim,
                               s->mixer.inner, s->mixer.dt_rank};
    uint64_t widest = 0;

    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        widest = inputs[i] > widest ? inputs[i] : widest;
    return power_of_two(divide_up(widest, BLOCK) +
                        s->heads * power_of_two(divide_up(s->head_dim, BLOCK)) +
                        (is_mamba(s) ? 0 : divide_up(s->max_seq, BLOCK)));
}

static void add_column_stores(struct resources *r, const struct mill *mill, const struct design *d,
                              const struct board *board)
{
    const struct mill_shape *s = &mill->shape;
    uint64_t columns = d->columns, blocks = operand_blocks(s);

    resources_add_store(r, board, columns, 8 * (uint64_t)d->inputs, blocks * (BLOCK / d->inputs));
    resources_add_store(r, board, columns, 4, blocks);
    resources_add_store(r, board, columns, 32, power_of_two(s->dim + 1));
    resources_add_store(r, board, columns, 18, top_wide_depth(mill));
    resources_add_store(r, board, columns, FUNCTION_TABLE_WIDTH, FUNCTION_TABLE_DEPTH);
    if (is_mamba(s)) {
        resources_add_store(r, board, columns, 32, s->mixer.inner);
        return;
    }
    resources_add_store(r, board, columns, 16, s->head_dim);
    resources_add_store(r, board, columns, 22, s->max_seq);
}

/* rtl/serial/: the program and its memory, the operands of each lane, the stage buffer or what a
 * Mamba model remembers. */
static void add_serial_stores(struct resources *r, const struct serial_shape *s,
                              const struct design *d, const struct board *board)
{
    enum { STATE_RAMS = 2 };
    uint64_t inputs = d->inputs, heads = s->heads;
    uint64_t head_blocks = divide_up(s->head_dim, BLOCK);

    uint64_t blocks =
        power_of_two(divide_up(serial_widest(s), BLOCK) + heads * power_of_two(head_blocks) +
                     divide_up(s->max_seq, BLOCK));
    resources_add_store(r, board, 1, SERIAL_WORD_BITS,
                        s->inner ? SERIAL_WORDS_MIXER : SERIAL_WORDS);
    resources_add_store(r, board, 1, 32, SERIAL_MEMORY);
    resources_add_store(r, board, 1, FUNCTION_TABLE_WIDTH, FUNCTION_TABLE_DEPTH);
    resources_add_store(r, board, inputs, 8, blocks * (BLOCK / inputs));
    resources_add_store(r, board, 1, 4, blocks);
    if (s->inner)
        r->large_rams += STATE_RAMS;
    else
        resources_add_store(r, board, inputs, KEY_BITS, power_of_two(head_blocks * BLOCK / inputs));
}

/* What every design has one of: the queue, the unpacker's scales, the counters. */
static void add_shared_stores(struct resources *r, const struct design *d,
                              const struct board *board)
{
    enum { SCALES = 256, COUNTERS = 32 };

    resources_add_store(r, board, 1, d->tape_bus_bits, d->fifo_depth);
    resources_add_store(r, board, 1, d->tape_bus_bits, SCALES / d->tape_bus_bits);
    resources_add_store(r, board, 1, 8, COUNTERS);
}

/* rtl/mixer/: B and C, of all columns. */
static void add_parameter_stores(struct resources *r, const struct mixer_shape *m,
                                 const struct board *board, uint64_t columns, uint64_t lanes)
{
    uint64_t elements = power_of_two(columns > 1 ? columns : 2) * power_of_two(m->state);
    uint64_t banks = lanes > 2 ? lanes / 2 : 1;

    resources_add_store(r, board, 2 * banks, 16, elements / 2 / banks);
    resources_add_store(r, board, 2, 4, elements / BLOCK);
}

/* rtl/mixer/deep_store.v: in banks of `bank` words, the last of what is left. */
static void add_deep_store(struct resources *r, const struct board *board, uint64_t bank,
                           uint64_t width, uint64_t depth)
{
    uint64_t last = (depth - 1) % bank + 1;

    resources_add_store(r, board, (depth - last) / bank, width, bank);
    resources_add_store(r, board, 1, width, last);
}

/* rtl/mixer/state_stream.v: two windows before the scan and two behind it. */
static void add_state_queues(struct resources *r, const struct mill *mill, const struct design *d,
                             const struct board *board)
{
    struct state_layout layout = design_state_layout(mill, d);
    uint64_t bus = d->tape_bus_bits, kept = mill->shape.state_bits > 8 ? 16 : 8;
    uint64_t lanes = design_scan_lanes(mill, d) * kept, wide = lanes > bus ? lanes : bus;
    uint64_t mantissa_bits = 8 * (uint64_t)layout.mantissa_bytes;
    uint64_t exponents = power_of_two(16 * (uint64_t)layout.exponent_bytes / bus);

    resources_add_store(r, board, 2, wide, power_of_two(2 * mantissa_bits / wide));
    resources_add_store(r, board, 2, bus, exponents > 4 ? exponents : 4);
}

/* The states and the convolutions' pasts of all slots, and the payload's records. */
static void add_mixer_stores(struct resources *r, const struct mill *mill, const struct design *d,
                             const struct board *board)
{
    enum { STATE_BANK = 16384, PAST_BANK = 2048 };
    const struct mill_shape *s = &mill->shape;
    const struct mixer_shape *m = &s->mixer;
    uint64_t lanes = design_scan_lanes(mill, d), slots = (uint64_t)s->layers * d->columns;
    uint64_t words = slots * m->inner * power_of_two(m->state / lanes);
    uint64_t heads = m->dt_rank || m->heads < 64 ? 64 : power_of_two(m->heads);
    uint64_t decays = m->dt_rank ? power_of_two(8 * (uint64_t)m->state) : heads;

    if (d->state_in_memory) {
        add_state_queues(r, mill, d, board);
    } else {
        add_deep_store(r, board, STATE_BANK, lanes * s->state_bits, words);
        add_deep_store(r, board, STATE_BANK, 5, words * lanes / BLOCK);
    }
    add_deep_store(r, board, PAST_BANK, (uint64_t)12 * (m->conv_width - 1),
                   slots * mixer_channels(m));
    add_parameter_stores(r, m, board, d->columns, lanes);
    resources_add_store(r, board, 1, 64, heads);
    resources_add_store(r, board, 1, m->dt_rank ? 64 : 16, decays);
    resources_add_store(r, board, 1 + (m->dt_rank ? lanes : 1), FUNCTION_TABLE_WIDTH,
                        FUNCTION_TABLE_DEPTH);
}

/* rtl/mixer/: the taps; steps and inputs; the decays; the lanes. */
static uint64_t mixer_multipliers(const struct mill *mill, const struct design *d)
{
    const struct mixer_shape *m = &mill->shape.mixer;
    uint64_t lanes = design_scan_lanes(mill, d);

    return m->conv_width + 2 + 2 * (m->dt_rank ? lanes : 1) + 3 * lanes;
}

/* rtl/mixer/ and its hooks, fitted as estimate_luts() is (docs/fit.md). */
static uint64_t mixer_luts(const struct mill *mill, const struct design *d)
{
    enum { MIXER = 4600, LANE = 820 };

    return MIXER + LANE * (uint64_t)design_scan_lanes(mill, d);
}

/* The KV cache of a slot: rtl/kv_store.v's WORDS. */
static uint64_t kv_words(const struct mill_shape *s, const struct design *d)
{
    uint64_t heads = (uint64_t)s->layers * s->kv_heads, beats = BLOCK / d->inputs;
    uint64_t key_words = heads * s->max_seq * divide_up(s->head_dim, d->inputs);

    return key_words + heads * divide_up(s->max_seq, BLOCK) * beats * s->head_dim;
}

bool kv_in_spram(const struct mill *mill, const struct design *d)
{
    enum { SPRAMS = 4, SPRAM_WORDS = 16384 };

    return d->memory_fixed && d->family && strcmp(d->family, "ice40") == 0 &&
           d->columns * d->inputs <= SPRAMS && kv_words(&mill->shape, d) <= SPRAM_WORDS;
}

/* rtl/kv_memory.v, one a slot; its words in the groups of rtl/kv_blocks.v. */
static void add_kv_stores(struct resources *r, const struct mill *mill, const struct design *d,
                          const struct board *board)
{
    const struct mill_shape *s = &mill->shape;
    uint64_t vectors = (uint64_t)s->layers * s->kv_heads * s->max_seq;
    bool spram = kv_in_spram(mill, d);

    if (spram) {
        r->large_rams += (uint64_t)d->columns * d->inputs;
    } else {
        enum { GROUP = 2048 };
        uint64_t words = kv_words(s, d);
        uint64_t bits = KEY_BITS * (uint64_t)d->inputs;
        resources_add_store(r, board, d->columns * (words / GROUP), bits, GROUP);
        if (words % GROUP != 0)
            resources_add_store(r, board, d->columns, bits, words % GROUP);
    }
    resources_add_store(r, board, (spram ? 1 : 2) * (uint64_t)d->columns, 4, vectors);
}

/* Fitted to `synth_ecp5` of whole designs (docs/fit.md): a LUT4 each, two for a
 * carry cell, four for a small RAM. */
static uint64_t estimate_luts(const struct design *d)
{
    enum { SHARED = 1532, SHARED_INPUT = 94, COLUMN = 3749, CANDIDATE = 82, INPUT = 76 };
    uint64_t inputs = d->inputs;

    return SHARED + SHARED_INPUT * inputs +
           d->columns * (COLUMN + CANDIDATE * (uint64_t)d->top_k + INPUT * inputs);
}

/* Logic cells of an iCE40 with a serial column, fitted to whole designs as nextpnr packs them
 * (docs/fit.md). */
static uint64_t estimate_serial_cells(const struct mill *mill, const struct design *d)
{
    enum { SHARED = 3155, INPUT = 200, SECOND_ROW = 264, CANDIDATE = 80, BUS_BIT = 8 };

    return SHARED + INPUT * (uint64_t)d->inputs + SECOND_ROW * (uint64_t)(design_rows(mill) - 1) +
           CANDIDATE * (uint64_t)d->top_k + BUS_BIT * (uint64_t)d->tape_bus_bits;
}

struct resources resources_of(const struct mill *mill, const struct design *d,
                              const struct board *board)
{
    /* rtl/row_totals.v: one multiplier for the scales of both rows, or one each where
     * every beat ends a block. */
    uint64_t scales = d->inputs == BLOCK ? 2 : 1;
    /* rtl/primitive/wide_multiplier.v: 18 x 18 bits of three on an iCE40. */
    uint64_t vector = board->family == FAMILY_ICE40 ? 3 : 1;
    /* rtl/gate_unit.v's and rtl/mixer/'s are of LUTs there. */
    bool own_multipliers = is_mamba(&mill->shape) && board->family != FAMILY_ICE40;
    uint64_t a_column = d->inputs + scales + vector + own_multipliers;
    struct resources r = {.multipliers = d->columns * a_column,
                          .luts = estimate_luts(d),
                          .memory_bytes = (d->tape_streamed ? 0 : mill->tape_size) +
                                          design_state_bytes(mill, d)};

    struct serial_shape shape;
    bool serial = design_is_serial(mill, d, &shape);
    if (serial) {
        r.luts = estimate_serial_cells(mill, d);
        add_serial_stores(&r, &shape, d, board);
    } else {
        add_column_stores(&r, mill, d, board);
    }
    if (is_mamba(&mill->shape) && !serial) {
        r.multipliers += own_multipliers ? mixer_multipliers(mill, d) : 0;
        r.luts += mixer_luts(mill, d);
        add_mixer_stores(&r, mill, d, board);
    } else if (!is_mamba(&mill->shape)) {
        add_kv_stores(&r, mill, d, board);
    }
    add_shared_stores(&r, d, board);
    return r;
}

bool resources_fit(const struct resources *needed, const struct board *board,
                   enum resource *binding)
{
    const struct {
        enum resource resource;
        uint64_t needed, there;
    } all[] = {
        {RESOURCE_MULTIPLIERS, needed->multipliers, board->multipliers},
        {RESOURCE_RAM, needed->ram_blocks, board->ram_blocks},
        {RESOURCE_LUTS, needed->luts, board->luts},
        {RESOURCE_MEMORY, needed->memory_bytes, board->memory_bytes},
    };
    double most = 0;

    *binding = RESOURCE_NONE;
    if (board->unlimited)
        return true;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        double share = (double)all[i].needed / (double)all[i].there;
        if (share > most) {
            most = share;
            *binding = all[i].resource;
        }
    }
    return most <= 1;
}

const char *resource_name(enum resource resource)
{
    static const char *const names[] = {"none", "multipliers", "block RAM", "LUTs", "memory"};
    return names[resource];
}
