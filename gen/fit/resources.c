/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/fit/resources.h"

#include "gen/op/numerics.h"
#include "gen/verilog/top.h"

enum {
    FUNCTION_TABLE_DEPTH = 512,
    FUNCTION_TABLE_WIDTH = 36,
    MULTIPLIERS_A_SCALE = 1, /* rtl/row_accumulator.v */
    VECTOR_MULTIPLIERS = 1,  /* rtl/vector_unit.v */
    LUT_RAM_BITS = 2048,     /* smaller memories go to LUTs */
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

/* A memory of `depth` words of `width` bits, `count` of them. */
static void add_store(struct resources *r, const struct board *board, uint64_t count,
                      uint64_t width, uint64_t depth)
{
    uint64_t least = UINT64_MAX;

    r->ram_bits += count * width * depth;
    if (width * depth <= LUT_RAM_BITS)
        return;
    for (int i = 0; i < RAM_SHAPES && board->shape[i].width; i++) {
        uint64_t blocks =
            divide_up(width, board->shape[i].width) * divide_up(depth, board->shape[i].depth);
        least = blocks < least ? blocks : least;
    }
    r->ram_blocks += count * least;
}

/* rtl/column.v: operands of the widest matrix, of all queries and of the
 * probabilities, in blocks of 16. */
static uint64_t operand_blocks(const struct mill_shape *s)
{
    uint64_t queries = (uint64_t)s->heads * s->head_dim, widest = s->dim;

    widest = s->hidden_dim > widest ? s->hidden_dim : widest;
    widest = queries > widest ? queries : widest;
    return power_of_two(divide_up(widest, BLOCK) +
                        s->heads * power_of_two(divide_up(s->head_dim, BLOCK)) +
                        divide_up(s->max_seq, BLOCK));
}

static void add_column_stores(struct resources *r, const struct mill *mill, const struct design *d,
                              const struct board *board)
{
    const struct mill_shape *s = &mill->shape;
    uint64_t columns = d->columns, blocks = operand_blocks(s);

    add_store(r, board, columns, 8 * (uint64_t)d->inputs, blocks * (BLOCK / d->inputs));
    add_store(r, board, columns, 4, blocks);
    add_store(r, board, columns, 32, power_of_two(s->dim + 1));
    add_store(r, board, columns, 18, top_wide_depth(mill, d));
    add_store(r, board, columns, 16, s->head_dim);
    add_store(r, board, columns, 22, s->max_seq);
    add_store(r, board, columns, FUNCTION_TABLE_WIDTH, FUNCTION_TABLE_DEPTH);
}

/* rtl/kv_memory.v, one a slot. */
static void add_kv_stores(struct resources *r, const struct mill_shape *s, const struct design *d,
                          const struct board *board)
{
    uint64_t vectors = (uint64_t)s->layers * s->kv_heads * s->max_seq;
    uint64_t head_words = divide_up(s->head_dim, d->inputs);

    add_store(r, board, d->columns, KEY_BITS * (uint64_t)d->inputs, 2 * vectors * head_words);
    add_store(r, board, 2 * (uint64_t)d->columns, 4, vectors);
}

/* Fitted to `synth_ecp5` of whole designs (docs/fit.md): a LUT4 each, two for a
 * carry cell, four for a small RAM. */
static uint64_t estimate_luts(const struct mill *mill, const struct design *d)
{
    enum { SHARED = 6780, COLUMN = 4750, CANDIDATE = 131, LANE = 28, INPUT = 178 };
    uint64_t lanes = (uint64_t)d->inputs * design_rows(mill);

    return SHARED + d->columns * (COLUMN + CANDIDATE * (uint64_t)d->top_k + LANE * lanes +
                                  INPUT * (uint64_t)d->inputs);
}

struct resources resources_of(const struct mill *mill, const struct design *d,
                              const struct board *board)
{
    uint64_t rows = design_rows(mill);
    uint64_t a_column = (d->inputs + MULTIPLIERS_A_SCALE) * rows + VECTOR_MULTIPLIERS;
    struct resources r = {.multipliers = d->columns * a_column,
                          .luts = estimate_luts(mill, d),
                          .memory_bytes = mill->tape_size};

    add_column_stores(&r, mill, d, board);
    add_kv_stores(&r, &mill->shape, d, board);
    add_store(&r, board, 1, d->tape_bus_bits, d->fifo_depth);
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
