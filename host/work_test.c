/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/work.h"

/* stories260K has 260032 parameters, its head tied to the embedding.  But for
 * the norms' weights each is multiplied once a token. */
static void test_matrices_are_the_parameters(void **state)
{
    const struct mill_shape shape = {.dim = 64,
                                     .hidden_dim = 172,
                                     .layers = 5,
                                     .heads = 8,
                                     .kv_heads = 4,
                                     .head_dim = 8,
                                     .vocab = 512};

    (void)state;
    assert_int_equal(work_matrix_macs(&shape), 260032 - (2 * 5 + 1) * 64);
}

/* Each of 3 positions is met twice by each of 2 heads of 4 in 5 layers. */
static void test_attention(void **state)
{
    const struct mill_shape shape = {.layers = 5, .heads = 2, .head_dim = 4};

    (void)state;
    assert_int_equal(work_attention_macs(&shape, 2), 3 * 2 * 2 * 4 * 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matrices_are_the_parameters),
        cmocka_unit_test(test_attention),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
