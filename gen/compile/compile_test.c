/* SPDX-License-Identifier: Apache-2.0 */
/* From random models to integer ones: how near the logits stay to the float
 * model's, which bytes come out, and what is refused. */
#include "gen/compile/compile.h"

#include "gen/graph/float_model.h"
#include "gen/op/reference.h"
#include "testbench/model_support.h"

enum { SEED = 121, MODELS = 12, TOKENS = 24 };

static struct model draw_model(uint64_t *random)
{
    static const uint32_t head_dims[] = {2, 6, 8, 16, 20};
    uint32_t kv_heads = 1 + next_random(random) % 2;
    struct model m = {.dim = 8 + 2 * (next_random(random) % 40),
                      .hidden_dim = 5 + next_random(random) % 120,
                      .layers = 1 + next_random(random) % 3,
                      .heads = kv_heads * (1 + next_random(random) % 3),
                      .kv_heads = kv_heads,
                      .head_dim = head_dims[next_random(random) % 5],
                      .vocab = 20 + next_random(random) % 60,
                      .max_seq = TOKENS + next_random(random) % 9};
    make_model(&m, random);
    return m;
}

/* Logits [TOKENS][vocab] of both models for the same tokens. */
static void run_both(const struct mill *mill, uint64_t *random, float *integer, float *wanted)
{
    uint32_t token[TOKENS];
    struct pass_column column[TOKENS];
    struct error err = {0};

    for (uint32_t t = 0; t < TOKENS; t++) {
        token[t] = next_random(random) % mill->shape.vocab;
        column[t] = (struct pass_column){token[t], t};
    }
    struct pass pass = {PASS_PREFILL, RESULT_LOGITS, 1, TOKENS, column};
    struct reference *reference = reference_open(mill, TOKENS, &err);
    struct float_model *model = float_model_open(mill, 1, TOKENS, &err);
    if (!reference || !model ||
        !reference_run(reference, &pass, 1, &(struct pass_output){.logits = integer}, &err))
        fail_msg("%s", err.message);
    float_model_run(model, 0, 0, token, TOKENS, wanted);
    reference_close(reference);
    float_model_close(model);
}

static double correlation(const float *a, const float *b, size_t count)
{
    double ab = 0, aa = 0, bb = 0;

    for (size_t i = 0; i < count; i++) {
        ab += (double)a[i] * b[i];
        aa += (double)a[i] * a[i];
        bb += (double)b[i] * b[i];
    }
    return ab / sqrt(aa * bb);
}

/* The logits' correlation for one random model. */
static double compare(uint64_t *random, unsigned weight_bits, unsigned act_bits)
{
    struct model m = draw_model(random);
    struct mill mill;
    compile_or_fail(
        &m,
        &(struct compile_options){.weight_bits = weight_bits, .act_bits = act_bits, .floats = true},
        &mill);
    size_t count = (size_t)TOKENS * m.vocab;
    float *integer = calloc(count, sizeof *integer), *wanted = calloc(count, sizeof *wanted);
    assert_true(integer && wanted);
    run_both(&mill, random, integer, wanted);
    double found = correlation(integer, wanted, count);
    free(integer);
    free(wanted);
    compiled_free(&mill);
    model_close(&m);
    return found;
}

/* The bounds are a little below what the seed gives: uniform weights are harder
 * for few bits than trained ones. */
static void test_logits(void **state)
{
    static const struct {
        unsigned weight_bits, act_bits;
        double least;
    } cases[] = {{8, 8, 0.999}, {4, 8, 0.9}, {3, 8, 0.75}, {2, 8, 0.25}, {8, 4, 0.88}};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t random = SEED;
        double worst = 1;
        for (int model = 0; model < MODELS; model++) {
            double found = compare(&random, cases[i].weight_bits, cases[i].act_bits);
            worst = found < worst ? found : worst;
            if (!(found >= cases[i].least))
                fail_msg("seed %d, model %d, W%uA%u: a correlation of %.5f, not %.3f", SEED, model,
                         cases[i].weight_bits, cases[i].act_bits, found, cases[i].least);
        }
        print_message("W%uA%u: correlation %.5f at worst\n", cases[i].weight_bits,
                      cases[i].act_bits, worst);
    }
}

static void test_same_bytes(void **state)
{
    uint64_t random = SEED + 1;
    struct model m = draw_model(&random);
    const struct compile_options options = {.weight_bits = 3, .act_bits = 8};
    struct mill first, second;
    (void)state;

    compile_or_fail(&m, &options, &first);
    compile_or_fail(&m, &options, &second);
    assert_int_equal(first.tape_size, second.tape_size);
    assert_memory_equal(first.tape, second.tape, first.tape_size);
    assert_memory_equal(first.embedding, second.embedding, (size_t)m.vocab * m.dim);
    assert_null(first.floats);
    compiled_free(&first);
    compiled_free(&second);
    model_close(&m);
}

static void test_context(void **state)
{
    uint64_t random = SEED + 2;
    struct model m = draw_model(&random);
    struct compile_options options = {.weight_bits = 8, .act_bits = 8, .max_seq = 5};
    struct mill mill;
    struct error err = {0};
    (void)state;

    compile_or_fail(&m, &options, &mill);
    assert_int_equal(mill.shape.max_seq, 5);
    compiled_free(&mill);
    options.max_seq = m.max_seq + 1;
    assert_refused(compile_model(&m, &options, &mill, &err), &err, "a context of");
    model_close(&m);
}

/* Weights too large for the fixed-point formats are refused by name. */
static void test_magnitudes(void **state)
{
    struct error err = {0};
    (void)state;

    for (int i = 0; i < 4; i++) {
        uint64_t random = SEED + 3;
        struct model m = draw_model(&random);
        struct llama_layer *l = &m.layer[0];
        struct weight *huge[] = {&l->wq, &l->w_down, &m.head, &m.embedding};
        struct mill mill;
        *huge[i] = random_weight(&m, &random, huge[i]->rows, huge[i]->columns, 0, 1e9);
        print_message("weight %d\n", i);
        assert_refused(compile_model(&m, &(struct compile_options){.weight_bits = 8, .act_bits = 8},
                                     &mill, &err),
                       &err, "random: the ");
        model_close(&m);
    }
}

static void test_not_finite(void **state)
{
    struct error err = {0};
    (void)state;

    for (int i = 0; i < 3; i++) {
        const float wrong[] = {INFINITY, -INFINITY, NAN};
        uint64_t random = SEED + 4;
        struct model m = draw_model(&random);
        struct mill mill;
        *(float *)(uintptr_t)m.layer[0].w_up.data = wrong[i];
        assert_refused(compile_model(&m, &(struct compile_options){.weight_bits = 8, .act_bits = 8},
                                     &mill, &err),
                       &err, "not finite");
        model_close(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logits),     cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_context),    cmocka_unit_test(test_magnitudes),
        cmocka_unit_test(test_not_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
