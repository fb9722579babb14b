/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/candidates.h"
#include "host/sampler.h"

enum { VOCAB = 50, SEED = 42 };

static void random_logits(struct random *random, float *logits)
{
    for (int i = 0; i < VOCAB; i++)
        logits[i] = (float)(random_next(random) % 16) / 4; /* many ties */
}

/* Against sorting by hand: each next one is the best of what is left. */
static void test_candidates(void **state)
{
    struct random random;
    float logits[VOCAB];
    struct candidate top[VOCAB];

    (void)state;
    random_seed(&random, SEED);
    for (uint32_t count = 1; count <= VOCAB; count++) {
        random_logits(&random, logits);
        candidates_select(logits, VOCAB, count, top);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t best = 0;
            for (uint32_t t = 1; t < VOCAB; t++)
                best = logits[t] > logits[best] ? t : best;
            if (top[i].token != best || top[i].logit != logits[best])
                fail_msg("seed %d, %u of %d: entry %u is token %u, not %u", SEED, count, VOCAB, i,
                         top[i].token, best);
            logits[best] = -1;
        }
    }
}

static void test_needs(void **state)
{
    (void)state;
    assert_int_equal(sampler_needs(&(struct sampler){.temperature = 0}, 1), RESULT_TOP);
    assert_int_equal(sampler_needs(&(struct sampler){.temperature = 1, .top_k = 4}, 4), RESULT_TOP);
    assert_int_equal(sampler_needs(&(struct sampler){.temperature = 1, .top_k = 5}, 4),
                     RESULT_LOGITS);
    assert_int_equal(sampler_needs(&(struct sampler){.temperature = 1}, 4), RESULT_LOGITS);
}

static void test_greedy_takes_the_lower_of_equals(void **state)
{
    float logits[VOCAB] = {[7] = 2, [9] = 2};
    struct candidate scratch[VOCAB];
    struct sampler sampler = {.temperature = 0};

    (void)state;
    assert_int_equal(sampler_from_logits(&sampler, logits, VOCAB, scratch), 7);
}

/* A seed gives one text, whichever side ranks, and more candidates than are
 * wanted change nothing. */
static void test_both_ways_choose_alike(void **state)
{
    struct sampler a = {.temperature = 0.7, .top_k = 5}, b = a;
    struct random random;
    float logits[VOCAB];
    struct candidate scratch[VOCAB], top[8];

    (void)state;
    random_seed(&random, SEED);
    random_seed(&a.random, 9);
    random_seed(&b.random, 9);
    for (int n = 0; n < 500; n++) {
        random_logits(&random, logits);
        candidates_select(logits, VOCAB, 8, top);
        uint32_t from_logits = sampler_from_logits(&a, logits, VOCAB, scratch);
        uint32_t from_top = sampler_from_candidates(&b, top, 8);
        if (from_logits != from_top)
            fail_msg("seed %d, draw %d: token %u and %u", SEED, n, from_logits, from_top);
    }
}

/* Frequencies of three tokens against the softmax, within 5 deviations. */
static void test_distribution(void **state)
{
    enum { DRAWS = 30000 };
    const float logits[3] = {0, 1, -1};
    struct sampler sampler = {.temperature = 0.5};
    struct candidate scratch[3];
    int seen[3] = {0};
    double sum = 0;

    (void)state;
    random_seed(&sampler.random, 1);
    for (int i = 0; i < DRAWS; i++)
        seen[sampler_from_logits(&sampler, logits, 3, scratch)]++;
    for (int i = 0; i < 3; i++)
        sum += exp(logits[i] / 0.5);
    for (int i = 0; i < 3; i++) {
        double p = exp(logits[i] / 0.5) / sum;
        if (fabs(seen[i] - p * DRAWS) > 5 * sqrt(p * (1 - p) * DRAWS))
            fail_msg("token %d was drawn %d times, %.0f were to be expected", i, seen[i],
                     p * DRAWS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_candidates),
        cmocka_unit_test(test_needs),
        cmocka_unit_test(test_greedy_takes_the_lower_of_equals),
        cmocka_unit_test(test_both_ways_choose_alike),
        cmocka_unit_test(test_distribution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
