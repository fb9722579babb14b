/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/fit/choose.h"

#include "gen/fit/pass_cycles.h"
#include "testbench/model_support.h"

struct fixture {
    struct model model;
    struct mill mill;
};

static void open_fixture(struct fixture *f, uint32_t max_seq, uint32_t weight_bits)
{
    uint64_t random = 11;
    struct compile_options options = {.weight_bits = weight_bits, .act_bits = 8};

    *f = (struct fixture){.model = {.dim = 32,
                                    .hidden_dim = 48,
                                    .layers = 1,
                                    .heads = 2,
                                    .kv_heads = 1,
                                    .head_dim = 16,
                                    .vocab = 60,
                                    .max_seq = max_seq}};
    make_model(&f->model, &random);
    compile_or_fail(&f->model, &options, &f->mill);
}

static void close_fixture(struct fixture *f)
{
    compiled_free(&f->mill);
    model_close(&f->model);
}

static struct choice choose(const struct fixture *f, const struct board *board,
                            struct design *design)
{
    struct choice choice;
    struct error err = {0};

    if (!design_choose(&f->mill, board, 4, design, &choice, &err))
        fail_msg("%s", err.message);
    return choice;
}

static void test_board_names(void **state)
{
    char names[256];
    (void)state;

    snprintf(names, sizeof names, "%s", board_names());
    for (char *name = strtok(names, ", "); name; name = strtok(NULL, ", ")) {
        const struct board *board = board_find(name);
        if (!board)
            fail_msg("%s is named and not found", name);
        assert_true(board->defaults.clock_hz > 0 && board->shape[0].width);
        assert_true(board->unlimited || (board->luts && board->multipliers && board->ram_blocks));
    }
    assert_null(board_find("icebreake"));
}

/* The chosen design fits, and another column would not. */
static void test_choice_is_maximal(void **state)
{
    const struct board *board = board_find("ulx3s-12f");
    struct fixture f;
    (void)state;

    open_fixture(&f, 64, 4);
    struct design design = board->defaults;
    struct choice choice = choose(&f, board, &design);
    struct resources needed = resources_of(&f.mill, &design, board);
    enum resource binding;
    assert_true(choice.fits);
    assert_true(resources_fit(&needed, board, &binding));
    assert_int_equal(binding, choice.binding);
    if (design.columns < 16) {
        design.columns++;
        needed = resources_of(&f.mill, &design, board);
        assert_false(resources_fit(&needed, board, &binding));
        assert_int_equal(binding, choice.columns);
    }
    close_fixture(&f);
}

/* No other design of the board's decodes faster by more than the tolerance. */
static void test_choice_is_fastest(void **state)
{
    const struct board *board = board_find("ulx3s-85f");
    struct fixture f;
    struct error err = {0};
    (void)state;

    open_fixture(&f, 64, 4);
    struct design design = board->defaults;
    choose(&f, board, &design);
    struct pass_cost best, cost;
    assert_true(pass_cycles(&f.mill, &design, &(struct pass_plan){4, 1}, &best, &err));
    for (uint32_t k = 2; k <= 16; k *= 2)
        for (uint32_t depth = 64; depth <= 4096; depth *= 4) {
            struct design other = board->defaults;
            enum resource binding;
            other.inputs = k;
            other.fifo_depth = depth;
            other.columns = 1;
            struct resources needed = resources_of(&f.mill, &other, board);
            assert_true(pass_cycles(&f.mill, &other, &(struct pass_plan){4, 1}, &cost, &err));
            if (resources_fit(&needed, board, &binding) &&
                (double)cost.cycles < (double)best.cycles * 0.98)
                fail_msg("%u inputs, %u words: %u cycles, chosen %u", k, depth,
                         (unsigned)cost.cycles, (unsigned)best.cycles);
        }
    close_fixture(&f);
}

/* What is given stays. */
static void test_given_stays(void **state)
{
    const struct board *board = board_find("ulx3s-85f");
    struct fixture f;
    (void)state;

    open_fixture(&f, 64, 8);
    struct design design = board->defaults;
    design.inputs = 4;
    design.columns = 2;
    design.fifo_depth = 128;
    struct choice choice = choose(&f, board, &design);
    assert_true(choice.fits);
    assert_int_equal(design.inputs, 4);
    assert_int_equal(design.columns, 2);
    assert_int_equal(design.fifo_depth, 128);
    /* K products, a scale and the vector unit in each column. */
    assert_int_equal(resources_of(&f.mill, &design, board).multipliers, 2 * (4 + 1 + 1));
    close_fixture(&f);
}

/* A cache that no board of this size holds. */
static void test_does_not_fit(void **state)
{
    const struct board *board = board_find("icebreaker");
    struct fixture f;
    (void)state;

    open_fixture(&f, 4096, 4);
    struct design design = board->defaults;
    struct choice choice = choose(&f, board, &design);
    assert_false(choice.fits);
    assert_int_equal(choice.binding, RESOURCE_RAM);
    assert_int_equal(design.columns, 1);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_board_names),       cmocka_unit_test(test_choice_is_maximal),
        cmocka_unit_test(test_choice_is_fastest), cmocka_unit_test(test_given_stays),
        cmocka_unit_test(test_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
