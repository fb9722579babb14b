/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host/protocol.h"
#include "host/random.h"

enum { SEED = 20261124, LONGEST = 4096 };

static void test_frame_bytes(void **state)
{
    /* The CRC is that of zlib.crc32(bytes.fromhex("0100000000")). */
    static const uint8_t identify[] = {0xA7, 0x01, 0, 0, 0, 0, 0xAD, 0xDE, 0x42, 0xFB};
    uint8_t frame[FRAME_OVERHEAD];

    (void)state;
    assert_int_equal(frame_seal(frame, FRAME_IDENTIFY, 0, 0), sizeof identify);
    assert_memory_equal(frame, identify, sizeof identify);
}

static void test_frame_round_trip(void **state)
{
    struct random random;
    uint8_t bytes[LONGEST + FRAME_OVERHEAD];

    (void)state;
    random_seed(&random, SEED);
    for (int n = 0; n < 200; n++) {
        uint32_t length = (uint32_t)(random_next(&random) % 300);
        uint8_t type = (uint8_t)random_next(&random);
        for (uint32_t i = 0; i < length; i++)
            bytes[FRAME_HEAD + i] = (uint8_t)random_next(&random);
        uint8_t tag = (uint8_t)random_next(&random);
        size_t size = frame_seal(bytes, type, tag, length);

        struct frame frame;
        assert_int_equal(frame_parse(bytes, size, LONGEST, &frame), FRAME_GOOD);
        assert_int_equal(frame.type, type);
        assert_int_equal(frame.tag, tag);
        assert_int_equal(frame.length, length);
        assert_ptr_equal(frame.payload, bytes + FRAME_HEAD);
        for (size_t shorter = 0; shorter < size; shorter++)
            assert_int_equal(frame_parse(bytes, shorter, LONGEST, &frame), FRAME_SHORT);
    }
}

/* One wrong bit, wherever it is, is noticed; in the length it may also look
 * like a frame that has more to come. */
static void test_damage_is_noticed(void **state)
{
    uint8_t bytes[64];
    struct frame frame;

    (void)state;
    memset(bytes, 0x5A, sizeof bytes);
    size_t size = frame_seal(bytes, FRAME_COLUMN, 9, 20);
    for (size_t bit = 0; bit < size * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        enum frame_state got = frame_parse(bytes, size, LONGEST, &frame);
        bool in_length = bit / 8 >= 3 && bit / 8 < 6;
        if (got != FRAME_DAMAGED && !(in_length && got == FRAME_SHORT))
            fail_msg("bit %zu flipped: state %d", bit, got);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void test_long_frame_is_damage(void **state)
{
    uint8_t bytes[FRAME_OVERHEAD] = {FRAME_MAGIC, FRAME_RUN, 0xFF, 0xFF, 0xFF, 0xFF};
    struct frame frame;

    (void)state;
    assert_int_equal(frame_parse(bytes, sizeof bytes, LONGEST, &frame), FRAME_DAMAGED);
}

static struct frame frame_of(uint8_t type, const uint8_t *payload, size_t length)
{
    return (struct frame){type, 0, (uint32_t)length, payload};
}

static void test_identity_round_trip(void **state)
{
    struct identity identity = {2,      8,          16,        4,  32000,         2048,
                                123456, 0xDEADBEEF, 288,       48, 256,           0x00200000,
                                77,     0,          TAPE_GOOD, 1,  "a board name"};
    struct identity got;
    uint8_t payload[IDENTITY_BYTES];

    (void)state;
    memset(&got, 0, sizeof got);
    assert_int_equal(identity_encode(&identity, payload), IDENTITY_BYTES);
    assert_int_equal(payload[2], 8);
    assert_int_equal(payload[16] | payload[17] << 8 | payload[18] << 16, 123456);
    struct frame frame = frame_of(0x81, payload, sizeof payload);
    assert_true(identity_decode(&frame, &got));
    assert_memory_equal(&got, &identity, sizeof got);
    assert_string_equal(got.board, "a board name");
    frame.type = 0x86; /* VERIFY says the same */
    assert_true(identity_decode(&frame, &got));
    payload[41] = TAPE_BAD_CRC + 1;
    assert_false(identity_decode(&frame, &got));
    payload[41] = TAPE_GOOD;
    payload[42] = 2;
    assert_false(identity_decode(&frame, &got));
    payload[42] = 1;
    frame.length--;
    assert_false(identity_decode(&frame, &got));
    frame = frame_of(0x82, payload, sizeof payload);
    assert_false(identity_decode(&frame, &got));
}

static void test_column_bytes(void **state)
{
    const int16_t rope[2] = {16384, -2}, embedding[3] = {1, -1, 256};
    static const uint8_t expected[] = {3,    0,    0,    0, 0x39, 0x30, 0,    0, 0,
                                       0x40, 0xFE, 0xFF, 1, 0,    0xFF, 0xFF, 0, 1};
    uint8_t payload[sizeof expected];

    (void)state;
    assert_int_equal(column_bytes(2, 3), sizeof expected);
    assert_int_equal(column_encode(3, 12345, rope, 2, embedding, 3, payload), sizeof expected);
    assert_memory_equal(payload, expected, sizeof expected);
}

static void test_run_round_trip(void **state)
{
    uint8_t payload[RUN_REQUEST_BYTES];
    struct run_request got;

    (void)state;
    for (int mode = 0; mode < 4; mode++) {
        for (int result = 0; result < 3; result++) {
            struct run_request run = {mode % 2 ? PASS_PREFILL : PASS_DECODE,
                                      (enum pass_result)result, 3, 258, mode >= 2};
            assert_int_equal(run_encode(&run, payload), RUN_REQUEST_BYTES);
            struct frame frame = frame_of(FRAME_RUN, payload, sizeof payload);
            assert_true(run_decode(&frame, &got));
            assert_int_equal(payload[0], mode);
            assert_int_equal(got.mode, run.mode);
            assert_int_equal(got.streams, run.streams);
            assert_int_equal(got.result, run.result);
            assert_int_equal(got.slot, 3);
            assert_int_equal(got.count, 258);
        }
    }
    struct frame frame = frame_of(FRAME_RUN, payload, sizeof payload);
    payload[1] = 3;
    assert_false(run_decode(&frame, &got));
    payload[1] = 0;
    payload[0] = 4;
    assert_false(run_decode(&frame, &got));
}

/* Two columns, three tokens, six fraction bits. */
static const uint8_t logits_reply[] = {
    0,  2, 2, 0,                                        /* head */
    64, 0, 0, 0, 0xC0, 0xFF, 0xFF, 0xFF,                /* token 0: 1, -1 */
    32, 0, 0, 0, 0,    0,    0,    0,                   /* token 1: 0.5, 0 */
    1,  0, 0, 0, 0x80, 0,    0,    0,                   /* token 2: 1/64, 2 */
    1,  0, 0, 0, 2,    0,    0,    0,    3, 0, 0, 0,    /* counters */
    4,  0, 0, 0, 5,    0,    0,    0,    6, 0, 0, 0, 0, /* status */
};

static void test_logits(void **state)
{
    struct run_request run = {PASS_PREFILL, RESULT_LOGITS, 0, 2, false};
    const float expected[] = {1, 0.5f, 1.0f / 64, -1, 0, 2};
    float logits[6];
    struct pass_output output = {.logits = logits};
    struct run_counters counters;
    enum run_status status;

    (void)state;
    assert_int_equal(result_bytes(&run, 3, 4), sizeof logits_reply);
    struct frame frame = frame_of(0x83, logits_reply, sizeof logits_reply);
    assert_true(result_decode(&frame, &run, 3, 4, 6, &output, &counters, &status));
    assert_memory_equal(logits, expected, sizeof logits);
    assert_int_equal(status, RUN_DONE);
    assert_int_equal(counters.cycles, 1);
    assert_int_equal(counters.stall_cycles, 6);

    run.count = 1; /* not what was asked for */
    assert_false(result_decode(&frame, &run, 3, 4, 6, &output, &counters, &status));
}

static void test_top_and_status(void **state)
{
    struct run_request run = {PASS_DECODE, RESULT_TOP, 0, 1, false};
    uint8_t payload[4 + 2 * 8 + 25] = {0, 1, 1, 0, 7, 0, 0, 0, 64, 0, 0, 0, 2, 0, 0, 0, 32};
    struct candidate top[2];
    struct pass_output output = {.top = top};
    struct run_counters counters;
    enum run_status status;
    struct frame frame = frame_of(0x83, payload, sizeof payload);

    (void)state;
    assert_int_equal(result_bytes(&run, 8, 2), sizeof payload);
    assert_true(result_decode(&frame, &run, 8, 2, 6, &output, &counters, &status));
    assert_int_equal(top[0].token, 7);
    assert_true(top[0].logit == 1.0f);
    assert_int_equal(top[1].token, 2);
    assert_true(top[1].logit == 0.5f);
    assert_false(result_decode(&frame, &run, 7, 2, 6, &output, &counters, &status));

    payload[sizeof payload - 1] = RUN_BAD_TAPE;
    assert_true(result_decode(&frame, &run, 8, 2, 6, &output, &counters, &status));
    assert_int_equal(status, RUN_BAD_TAPE);
    payload[sizeof payload - 1] = RUN_BROKEN;
    assert_true(result_decode(&frame, &run, 8, 2, 6, &output, &counters, &status));
    assert_int_equal(status, RUN_BROKEN);
    payload[sizeof payload - 1] = RUN_BROKEN + 1;
    assert_false(result_decode(&frame, &run, 8, 2, 6, &output, &counters, &status));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frame_bytes),         cmocka_unit_test(test_frame_round_trip),
        cmocka_unit_test(test_damage_is_noticed),   cmocka_unit_test(test_long_frame_is_damage),
        cmocka_unit_test(test_identity_round_trip), cmocka_unit_test(test_column_bytes),
        cmocka_unit_test(test_run_round_trip),      cmocka_unit_test(test_logits),
        cmocka_unit_test(test_top_and_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
