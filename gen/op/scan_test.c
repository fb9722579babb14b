/* SPDX-License-Identifier: Apache-2.0 */
/* The scan, the convolution and the gate of one layer against their plain
 * definitions in double, over some tokens, with a state of 16 bits. */
#include "gen/mill/mixer_payload.h"
#include "testbench/operator_support.h"

enum {
    SEED = 181,
    TOKENS = 24,
    INNER = 48,
    STATE = 32,
    HEADS = 3,
    X = 16,
    B = X + INNER,
    C = B + STATE,
    Z = C + STATE,
    WIDE = Z + INNER,
    STATE_FRACTION = 20,
    SCANNED_FRACTION = 16,
};

static const struct mill_shape shape2 = {
    .dim = 2,
    .layers = 1,
    .vocab = 1,
    .max_seq = 64,
    .weight_bits = 8,
    .act_bits = 8,
    .architecture = ARCHITECTURE_MAMBA2,
    .mixer = {.inner = INNER, .state = STATE, .conv_width = 4, .heads = HEADS},
    .state_bits = 16,
};

/* One column's state in double. */
struct plain {
    double state[INNER][STATE], past[3][INNER + 2 * STATE];
};

static void plain_scan(struct plain *p, const struct rig *rig, const uint8_t *payload, double *y)
{
    for (int i = 0; i < INNER; i++) {
        uint32_t at = (uint32_t)i / (INNER / HEADS);
        struct scan_head head = scan_head_read(payload, scan_record(&shape2), at);
        double step = log2(1 + exp2(ldexp(rig->tile->wide[at][0] + head.bias, -12)));
        double decay = ldexp(load_u16(head.decay), -head.decay_shift);
        double x = ldexp(rig->tile->wide[X + i][0], -12);
        y[i] = ldexp(head.d, -12) * x;
        for (int n = 0; n < STATE; n++) {
            p->state[i][n] = p->state[i][n] * exp2(-step * decay) +
                             step * x * ldexp(rig->tile->wide[B + n][0], -12);
            y[i] += p->state[i][n] * ldexp(rig->tile->wide[C + n][0], -12);
        }
    }
}

static void fill_wide(const struct rig *rig, uint64_t *random)
{
    for (int i = 0; i < HEADS; i++)
        rig->tile->wide[i][0] = (int32_t)(next_float(random) * 8192) - 8192;
    for (int i = X; i < WIDE; i++)
        rig->tile->wide[i][0] = (int32_t)(next_float(random) * 8192);
}

static void test_scan(void **state)
{
    struct tape_op matrix = {.weight_bits = 8, .blocks = 1, .rows = WIDE};
    struct tape_op op = {.opcode = OP_SCAN,
                         .variant = 1,
                         .source = X,
                         .target = B,
                         .count = INNER,
                         .shift = STATE_FRACTION + 12 - SCANNED_FRACTION + ACCUMULATOR_LEFT,
                         .constant = scan_constant_encode(
                             (struct scan_formats){12, STATE_FRACTION, STATE_FRACTION + 12 - 24})};
    uint8_t payload[256] = {0};
    uint64_t random = SEED;
    struct plain *plain = calloc(1, sizeof *plain);
    struct rig rig;
    double squares = 0, errors = 0;
    (void)state;

    assert_non_null(plain);
    for (uint32_t h = 0; h < HEADS; h++) {
        struct scan_head head = {.bias = (int32_t)(next_float(&random) * 4096),
                                 .d = (int16_t)(next_float(&random) * 8192),
                                 .decay_shift = 14};
        uint8_t *decay = scan_head_write(payload, scan_record(&shape2), h, &head);
        store_u16(decay, (uint16_t)(1000 + next_random(&random) % 60000));
    }
    op.payload = payload;
    rig_open(&rig, &shape2, &matrix, &random);
    rig.tile->active = 1;
    for (uint32_t t = 0; t < TOKENS; t++) {
        double y[INNER];
        fill_wide(&rig, &random);
        rig.tile->position[0] = t;
        scan_operator.run(rig.reference, rig.tile, &op, 0);
        plain_scan(plain, &rig, payload, y);
        for (int i = 0; i < INNER; i++) {
            double found = ldexp(rig.tile->gated[i][0], -SCANNED_FRACTION);
            squares += y[i] * y[i];
            errors += (found - y[i]) * (found - y[i]);
        }
    }
    /* x, B and C have 8 bits: about 3 parts in 1000 each. */
    if (!(sqrt(errors / squares) < 0.012))
        fail_msg("seed %d: an error of %.4f of the result", SEED, sqrt(errors / squares));
    rig_close(&rig);
    free(plain);
}

static void test_conv(void **state)
{
    enum { CHANNELS = INNER + 2 * STATE, IN = 12, TAP = 6, OUT = 12 };
    struct tape_op matrix = {.weight_bits = 8, .blocks = 1, .rows = WIDE};
    struct tape_op op = {.opcode = OP_CONV, .source = X, .count = CHANNELS, .shift = 1};
    uint8_t payload[CHANNELS * CONV_RECORD] = {0};
    uint64_t random = SEED + 1;
    struct plain *plain = calloc(1, sizeof *plain);
    struct rig rig;
    (void)state;

    assert_non_null(plain);
    for (uint32_t i = 0; i < CHANNELS; i++) {
        struct conv_channel c = {.bias = (int16_t)(next_float(&random) * 2000),
                                 .shift = IN + TAP - OUT + ACCUMULATOR_LEFT};
        for (int k = 0; k < CONV_TAPS; k++)
            c.tap[k] = (int8_t)(next_float(&random) * 127);
        conv_channel_write(payload, i, &c);
    }
    op.payload = payload;
    rig_open(&rig, &shape2, &matrix, &random);
    rig.tile->active = 1;
    for (uint32_t t = 0; t < TOKENS; t++) {
        double wanted[CHANNELS];
        fill_wide(&rig, &random);
        for (int i = 0; i < CHANNELS; i++) {
            struct conv_channel c = conv_channel_read(payload, (uint32_t)i);
            double x = ldexp(rig.tile->wide[X + i][0], -IN);
            double sum = ldexp(c.bias, 1 - OUT) + ldexp(c.tap[3], -TAP) * x;
            for (int k = 0; k < 3; k++)
                sum += ldexp(c.tap[k], -TAP) * plain->past[k][i];
            wanted[i] = sum / (1 + exp(-sum));
            plain->past[0][i] = plain->past[1][i];
            plain->past[1][i] = plain->past[2][i];
            plain->past[2][i] = x;
        }
        rig.tile->position[0] = t;
        conv_operator.run(rig.reference, rig.tile, &op, 0);
        for (int i = 0; i < CHANNELS; i++) {
            double found = ldexp(rig.tile->wide[X + i][0], -12);
            if (!(fabs(found - wanted[i]) < 0.08)) /* four inputs below 2, in steps of 1/64 */
                fail_msg("seed %d, token %u, channel %d: %g, not %g", SEED + 1, t, i, found,
                         wanted[i]);
        }
    }
    rig_close(&rig);
    free(plain);
}

static void test_gate(void **state)
{
    struct tape_op matrix = {.weight_bits = 8, .blocks = 1, .rows = WIDE};
    struct tape_op op = {
        .opcode = OP_GATE, .variant = GATE_TO_GATED, .source = Z, .count = INNER, .shift = 12};
    uint64_t random = SEED + 2;
    struct rig rig;
    (void)state;

    rig_open(&rig, &shape2, &matrix, &random);
    for (int round = 0; round < 50; round++) {
        double wanted[INNER], largest = 0;
        fill_wide(&rig, &random);
        rig.tile->active = 1;
        for (int i = 0; i < INNER; i++) {
            double z = ldexp(rig.tile->wide[Z + i][0], -12);
            rig.tile->gated[i][0] = draw_value(&random, 30);
            wanted[i] = rig.tile->gated[i][0] * (z / (1 + exp(-z)));
            largest = fmax(largest, fabs((double)rig.tile->gated[i][0]));
        }
        gate_operator.run(rig.reference, rig.tile, &op, 0);
        for (int i = 0; i < INNER; i++) {
            double tolerance = 2 + largest * 2e-5 + fabs(wanted[i]) * 0.01 + largest * 5e-4;
            if (!(fabs(rig.tile->gated[i][0] - wanted[i]) < tolerance))
                fail_msg("seed %d, round %d, value %d: %d, not %g", SEED + 2, round, i,
                         (int)rig.tile->gated[i][0], wanted[i]);
        }
    }
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scan),
        cmocka_unit_test(test_conv),
        cmocka_unit_test(test_gate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
