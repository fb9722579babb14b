/* SPDX-License-Identifier: Apache-2.0 */
/* What is folded into a matrix must commute with it: the folded matrix of a unit
 * vector is the plain one of the normed vector. */
#include "gen/quant/fold.h"

#include "testbench/model_support.h"

enum { SEED = 51, DIM = 12, HIDDEN = 10, HEADS = 4, KV_HEADS = 2, HEAD = 6, VOCAB = 9 };

static struct model make(uint64_t *random)
{
    struct model m = {.dim = DIM,
                      .hidden_dim = HIDDEN,
                      .layers = 2,
                      .heads = HEADS,
                      .kv_heads = KV_HEADS,
                      .head_dim = HEAD,
                      .vocab = VOCAB,
                      .max_seq = 4};
    make_model(&m, random);
    m.rope_attention_scale = 1.25f;
    return m;
}

static double dot(const struct weight *w, uint32_t row, const double *x)
{
    const float *value = (const float *)(const void *)w->data + (size_t)row * w->columns;
    double sum = 0;

    for (uint32_t i = 0; i < w->columns; i++)
        sum += value[i] * x[i];
    return sum;
}

static double folded_dot(const struct float_matrix *m, uint32_t row, const double *x)
{
    double sum = 0;

    for (uint32_t i = 0; i < m->columns; i++)
        sum += m->value[(size_t)row * m->columns + i] * x[i];
    return sum;
}

/* Row `row` of the folded matrix times x/|x| is `factor` times that of `plain`
 * times rms_norm(x) * norm. */
static void check_normed(const struct float_matrix *folded, uint32_t row,
                         const struct weight *plain, uint32_t plain_row, const struct weight *norm,
                         double factor, const double *x)
{
    const float *gain = (const float *)(const void *)norm->data;
    double length = 0, unit[DIM], normed[DIM];

    for (int i = 0; i < DIM; i++)
        length += x[i] * x[i];
    for (int i = 0; i < DIM; i++) {
        unit[i] = x[i] / sqrt(length);
        normed[i] = x[i] / sqrt(length / DIM) * gain[i];
    }
    double found = folded_dot(folded, row, unit), wanted = factor * dot(plain, plain_row, normed);
    if (fabs(found - wanted) > 1e-5 * (1 + fabs(wanted)))
        fail_msg("seed %d: row %u gives %g, not %g", SEED, row, found, wanted);
}

static void test_normed_matrices(void **state)
{
    uint64_t random = SEED;
    struct model m = make(&random);
    struct float_matrix qkv, gate_up, head;
    struct error err = {0};
    double query = 1.25 / log(2) / sqrt(HEAD), x[DIM];
    const struct llama_layer *l = &m.layer[1];
    (void)state;

    for (int i = 0; i < DIM; i++)
        x[i] = 3 * next_float(&random);
    assert_true(fold_matrix(&m, 1, MATRIX_QKV, &qkv, &err));
    assert_true(fold_matrix(&m, 1, MATRIX_GATE_UP, &gate_up, &err));
    assert_true(fold_matrix(&m, 0, MATRIX_HEAD, &head, &err));
    assert_int_equal(qkv.rows, (HEADS + 2 * KV_HEADS) * HEAD);
    for (uint32_t r = 0; r < HEADS * HEAD; r++)
        check_normed(&qkv, r, &l->wq, r, &l->attention_norm, query, x);
    for (uint32_t r = 0; r < KV_HEADS * HEAD; r++) {
        check_normed(&qkv, HEADS * HEAD + r, &l->wk, r, &l->attention_norm, 1, x);
        check_normed(&qkv, (HEADS + KV_HEADS) * HEAD + r, &l->wv, r, &l->attention_norm, 1, x);
    }
    for (uint32_t r = 0; r < HIDDEN; r++) {
        check_normed(&gate_up, r, &l->w_gate, r, &l->ffn_norm, 1, x);
        check_normed(&gate_up, HIDDEN + r, &l->w_up, r, &l->ffn_norm, 1, x);
    }
    for (uint32_t r = 0; r < VOCAB; r++)
        check_normed(&head, r, &m.head, r, &m.final_norm, 1, x);
    float_matrix_free(&qkv);
    float_matrix_free(&gate_up);
    float_matrix_free(&head);
    model_close(&m);
}

/* Nothing is folded into these. */
static void test_plain_matrices(void **state)
{
    uint64_t random = SEED + 1;
    struct model m = make(&random);
    const struct {
        enum matrix_kind kind;
        const struct weight *weight;
    } plain[] = {{MATRIX_OUTPUT, &m.layer[1].wo},
                 {MATRIX_DOWN, &m.layer[1].w_down},
                 {MATRIX_EMBEDDING, &m.embedding}};
    struct error err = {0};
    (void)state;

    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        struct float_matrix folded;
        const struct weight *w = plain[i].weight;
        assert_true(fold_matrix(&m, 1, plain[i].kind, &folded, &err));
        assert_int_equal(folded.rows, w->rows);
        assert_int_equal(folded.columns, w->columns);
        assert_memory_equal(folded.value, w->data,
                            (size_t)w->rows * w->columns * sizeof *folded.value);
        float_matrix_free(&folded);
    }
    model_close(&m);
}

static void test_bound(void **state)
{
    float value[] = {3, 4, 0, 1, 1, 1, -6, 8, 0};
    struct float_matrix m = {3, 3, value};
    (void)state;

    assert_float_equal(float_matrix_bound(&m, 0, 3), 10, 1e-6);
    assert_float_equal(float_matrix_bound(&m, 0, 2), 5, 1e-6);
    assert_float_equal(float_matrix_bound(&m, 1, 1), sqrtf(3), 1e-6);
    assert_float_equal(float_matrix_bound(&m, 1, 0), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normed_matrices),
        cmocka_unit_test(test_plain_matrices),
        cmocka_unit_test(test_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
