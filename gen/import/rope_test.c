/* SPDX-License-Identifier: Apache-2.0 */
/* Frequencies against those that transformers' formulas give in float64
 * (modeling_rope_utils.py), worked out apart from this program. */
#include <math.h>

#include "gen/import/rope.h"
#include "testbench/test_support.h"

enum { HEAD_DIM = 16, PAIRS = HEAD_DIM / 2 };

static const struct {
    struct rope rope;
    float frequency[PAIRS];
    float attention_scale;
} cases[] = {
    {{.base = 500000},
     {1.0f, 0.193922745f, 0.0376060309f, 0.00729266474f, 0.00141421356f, 0.000274248176f,
      5.3182959e-05f, 1.03133854e-05f},
     1},
    {{.type = ROPE_LINEAR, .base = 10000, .factor = 4},
     {0.25f, 0.0790569415f, 0.025f, 0.00790569415f, 0.0025f, 0.000790569415f, 0.00025f,
      7.90569415e-05f},
     1},
    {{.type = ROPE_LLAMA3,
      .base = 500000,
      .factor = 8,
      .low_frequency_factor = 1,
      .high_frequency_factor = 4,
      .original_context = 8192},
     {1.0f, 0.193922745f, 0.0376060309f, 0.00729266474f, 0.000524846161f, 3.4281022e-05f,
      6.64786987e-06f, 1.28917317e-06f},
     1},
    {{.type = ROPE_YARN,
      .base = 10000,
      .factor = 4,
      .original_context = 2048,
      .beta_fast = 32,
      .beta_slow = 1},
     {1.0f, 0.316227766f, 0.1f, 0.025693506f, 0.00625f, 0.00138349648f, 0.00025f, 7.90569415e-05f},
     1.29647699f},
    {{.type = ROPE_YARN,
      .base = 10000,
      .factor = 4,
      .original_context = 2048,
      .beta_fast = 32,
      .beta_slow = 1,
      .attention_factor = 1.5,
      .keep_fractions = true},
     {1.0f, 0.316227766f, 0.1f, 0.0238701923f, 0.00505697152f, 0.000811290382f, 0.00025f,
      7.90569415e-05f},
     2.25f},
    {{.type = ROPE_YARN,
      .base = 10000,
      .factor = 8,
      .original_context = 256,
      .beta_fast = 8,
      .beta_slow = 2},
     {1.0f, 0.316227766f, 0.05625f, 0.00395284708f, 0.00125f, 0.000395284708f, 0.000125f,
      3.95284708e-05f},
     1.45912908f},
};

static void test_frequencies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct model m = {.head_dim = HEAD_DIM};
        struct error err = {0};
        if (!rope_set(&m, &cases[i].rope, "test", &err))
            fail_msg("%s", err.message);
        for (int p = 0; p < PAIRS; p++)
            if (fabsf(m.rope_frequency[p] - cases[i].frequency[p]) > 1e-6f * cases[i].frequency[p])
                fail_msg("case %zu, pair %d: %.9g, not %.9g", i, p, (double)m.rope_frequency[p],
                         (double)cases[i].frequency[p]);
        if (fabsf(m.rope_attention_scale - cases[i].attention_scale) > 1e-6f)
            fail_msg("case %zu: attention scale %.9g, not %.9g", i, (double)m.rope_attention_scale,
                     (double)cases[i].attention_scale);
        model_close(&m);
    }
}

/* Rows of a head that rotates halves: 0 1 2 | 3 4 5 become 0 3 1 4 2 5. */
static void test_halves_become_pairs(void **state)
{
    struct llama_layer layer[2] = {0};
    struct model m = {.heads = 2, .kv_heads = 1, .head_dim = 6, .layers = 2, .layer = layer};
    static const uint32_t want[] = {0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11};
    struct error err = {0};
    (void)state;

    assert_true(rope_pair_halves(&m, "test", &err));
    for (int l = 0; l < 2; l++) {
        assert_memory_equal(layer[l].wq.row_order, want, sizeof want);
        assert_memory_equal(layer[l].wk.row_order, want, sizeof want / 2);
        assert_null(layer[l].wv.row_order);
    }
    model_close(&m);
}

static void test_bad_numbers(void **state)
{
    static const struct {
        struct rope rope;
        const char *wanted;
    } faults[] = {
        {{.base = 0}, "base is 0"},
        {{.base = NAN}, "base is nan"},
        {{.type = ROPE_LINEAR, .base = 1e4}, "scaling factor is 0"},
        {{.type = ROPE_LINEAR, .base = 1e4, .factor = INFINITY}, "scaling factor is inf"},
        {{.type = ROPE_LLAMA3, .base = 1e4, .factor = 2}, "original context is 0"},
        {{.type = ROPE_LLAMA3,
          .base = 1e4,
          .factor = 2,
          .original_context = 8,
          .low_frequency_factor = 4,
          .high_frequency_factor = 4},
         "high_freq_factor is 4"},
        {{.type = ROPE_YARN,
          .base = 1e4,
          .factor = 2,
          .original_context = 8,
          .beta_fast = 1,
          .beta_slow = 32},
         "beta_fast is 1"},
        {{.type = ROPE_YARN,
          .base = 1e4,
          .factor = 2,
          .original_context = 8,
          .beta_fast = 32,
          .beta_slow = 1,
          .attention_factor = -1},
         "attention factor is -1"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct model m = {.head_dim = HEAD_DIM};
        struct error err = {0};
        bool accepted = rope_set(&m, &faults[i].rope, "test", &err);
        model_close(&m);
        assert_refused(accepted, &err, faults[i].wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frequencies),
        cmocka_unit_test(test_halves_become_pairs),
        cmocka_unit_test(test_bad_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
