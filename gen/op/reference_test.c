/* SPDX-License-Identifier: Apache-2.0 */
/* A prompt gives the same logits whole, over three tiles and their threads, as
 * token by token; passes that do not fit are refused. */
#include "gen/op/reference.h"

#include "testbench/model_support.h"

enum { SEED = 141, TOKENS = 40, VOCAB = 30 };

static struct model make(void)
{
    uint64_t random = SEED;
    struct model m = {.dim = 24,
                      .hidden_dim = 33,
                      .layers = 2,
                      .heads = 4,
                      .kv_heads = 2,
                      .head_dim = 6,
                      .vocab = VOCAB,
                      .max_seq = TOKENS};
    make_model(&m, &random);
    return m;
}

static void run(struct reference *r, const struct pass *pass, float *logits)
{
    struct error err = {0};

    if (!reference_run(r, pass, 1, &(struct pass_output){.logits = logits}, &err))
        fail_msg("%s", err.message);
}

static void test_chunks(void **state)
{
    static float whole[TOKENS][VOCAB], single[VOCAB];
    struct model m = make();
    struct mill mill;
    struct error err = {0};
    struct pass_column column[TOKENS];
    (void)state;

    compile_or_fail(&m, &(struct compile_options){.weight_bits = 4, .act_bits = 8}, &mill);
    struct reference *r = reference_open(&mill, TOKENS, &err);
    assert_non_null(r);
    for (uint32_t t = 0; t < TOKENS; t++)
        column[t] = (struct pass_column){(t * 7 + 3) % VOCAB, t};
    run(r, &(struct pass){PASS_PREFILL, RESULT_LOGITS, 5, TOKENS, column}, whole[0]);
    for (uint32_t t = 0; t < TOKENS; t++) {
        run(r, &(struct pass){PASS_DECODE, RESULT_LOGITS, 0, 1, &column[t]}, single);
        for (uint32_t v = 0; v < VOCAB; v++)
            if (single[v] != whole[t][v])
                fail_msg("position %u, logit %u: %g alone, %g in the whole", t, v, single[v],
                         whole[t][v]);
    }
    reference_close(r);
    compiled_free(&mill);
    model_close(&m);
}

static void test_refused(void **state)
{
    struct model m = make();
    struct mill mill;
    struct error err = {0};
    const struct pass_column good = {1, 0}, token = {VOCAB, 0}, position = {1, TOKENS};
    struct pass_output output = {0};
    (void)state;

    compile_or_fail(&m, &(struct compile_options){.weight_bits = 8, .act_bits = 8}, &mill);
    assert_refused(reference_open(&mill, 257, &err) != NULL, &err, "257 columns, at most 256");
    struct reference *r = reference_open(&mill, 2, &err);
    assert_non_null(r);
    const struct {
        struct pass pass;
        const char *wanted;
    } wrong[] = {{{PASS_DECODE, RESULT_NONE, 0, 0, &good}, "0 columns"},
                 {{PASS_DECODE, RESULT_NONE, 0, 3, &good}, "3 columns, the device has 2"},
                 {{PASS_PREFILL, RESULT_NONE, 2, 1, &good}, "slot 2"},
                 {{PASS_DECODE, RESULT_NONE, 0, 1, &token}, "token 30"},
                 {{PASS_DECODE, RESULT_NONE, 0, 1, &position}, "position 40"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_refused(reference_run(r, &wrong[i].pass, 1, &output, &err), &err, wrong[i].wanted);
    reference_close(r);
    compiled_free(&mill);
    model_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chunks),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
