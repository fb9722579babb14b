/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/design_options.h"

#include "gen/fit/resources.h"
#include "testbench/mamba_support.h"

/* A tape for which the memory is too small is sent over the link where that can do it. */
static void test_a_tape_larger_than_the_memory(void **state)
{
    static const struct {
        const char *board;
        bool streams;
    } cases[] = {{"ulx3s-12f", true}, {"cynthion", true}, {"ulx3s-12f", false}};
    struct model model = {.dim = 32,
                          .hidden_dim = 48,
                          .layers = 1,
                          .heads = 2,
                          .kv_heads = 1,
                          .head_dim = 16,
                          .vocab = 60,
                          .max_seq = 64};
    struct compile_options compile = {.weight_bits = 4, .act_bits = 8};
    struct design_options none = {.board = NULL};
    uint64_t random = 11;
    struct mill mill;
    struct error err;
    (void)state;

    make_model(&model, &random);
    compile_or_fail(&model, &compile, &mill);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct board board = *board_find(cases[i].board);
        struct design design;
        struct choice choice;

        assert_true(design_options_resolve(&none, &board, &mill, 4, &design, &choice, &err));
        assert_false(design.tape_streamed);
        board.memory_bytes = mill.tape_size - 1;
        if (!cases[i].streams)
            board.stream_rate = 0;
        assert_true(design_options_resolve(&none, &board, &mill, 4, &design, &choice, &err));
        assert_int_equal(design.tape_streamed, cases[i].streams);
        assert_int_equal(choice.fits, cases[i].streams);
        if (!cases[i].streams)
            assert_int_equal(choice.binding, RESOURCE_MEMORY);
    }
    compiled_free(&mill);
    model_close(&model);
}

static struct design_options state_options(const char *state)
{
    return (struct design_options){
        .state = state, .lanes = 8, .columns = 1, .fifo = 64, .top_k = 1};
}

/* A recurrence's state is on the chip, where that has no room in the memory, and where it
 * is told to be. */
static void test_where_a_state_is_kept(void **state)
{
    enum { MANY_LAYERS = 200 };
    static const struct {
        const char *state;
        bool short_of_ram, in_memory, fits;
    } cases[] = {{NULL, false, false, true},    {NULL, true, true, true},
                 {"chip", false, false, true},  {"chip", true, false, false},
                 {"memory", false, true, true}, {"memory", true, true, true}};
    struct compile_options compile = {.weight_bits = 4, .act_bits = 8, .state_bits = 8};
    struct board board = *board_find("ulx3s-85f");
    uint64_t random = 5;
    struct model model = draw_mamba(&random, ARCHITECTURE_MAMBA2);
    struct design_options options = state_options("chip");
    struct design design;
    struct choice choice;
    struct mill mill;
    struct error err;
    (void)state;

    compile_or_fail(&model, &compile, &mill);
    mill.shape.layers = MANY_LAYERS; /* whose state takes most of the RAM */
    assert_true(design_options_resolve(&options, &board, &mill, 4, &design, &choice, &err));
    uint32_t needed = (uint32_t)resources_of(&mill, &design, &board).ram_blocks;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        options = state_options(cases[i].state);
        board.ram_blocks = needed - cases[i].short_of_ram;
        assert_true(design_options_resolve(&options, &board, &mill, 4, &design, &choice, &err));
        assert_int_equal(design.state_in_memory, cases[i].in_memory);
        assert_int_equal(choice.fits, cases[i].fits);
        assert_int_equal(design_state_bytes(&mill, &design) > 0, cases[i].in_memory);
    }
    options = state_options("elsewhere");
    assert_false(design_options_resolve(&options, &board, &mill, 4, &design, &choice, &err));
    assert_int_equal(err.code, ERROR_INPUT);
    options = state_options("memory");
    assert_false(design_options_resolve(&options, board_find("icebreaker-flash"), &mill, 4, &design,
                                        &choice, &err));
    assert_int_equal(err.code, ERROR_INPUT);
    compiled_free(&mill);
    model_close(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_tape_larger_than_the_memory),
        cmocka_unit_test(test_where_a_state_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
