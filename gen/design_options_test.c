/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/design_options.h"

#include "gen/fit/resources.h"
#include "testbench/model_support.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_tape_larger_than_the_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
