/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's side of the protocol against a device in the same process, which
 * computes with the reference and can be told to damage what it says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gen/compile/compile.h"
#include "gen/mill/fingerprint.h"
#include "gen/op/reference.h"
#include "host/device_backend.h"
#include "host/exchange.h"
#include "testbench/fake_device.h"

/* A shipped model, and a fake that plays it. */
struct fixture {
    struct model model;
    struct mill mill;
    struct fake fake;
};

static int set_up(void **state, const char *path)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct compile_options options = {.weight_bits = 8, .act_bits = 8, .max_seq = 32};
    struct error err;

    assert_non_null(f);
    if (!model_open(&f->model, path, NULL, &err) ||
        !compile_model(&f->model, &options, &f->mill, &err))
        fail_msg("%s", err.message);
    f->fake.transport = (struct transport){.ops = &fake_ops, .load_lines = 500, .window = 3};
    if (!protocol_server_open(&f->fake.server, &f->mill, &err))
        fail_msg("%s", err.message);
    *state = f;
    return 0;
}

static int set_up_llama(void **state)
{
    return set_up(state, "models/stories260K/stories260K.bin");
}

/* Each pass takes its state a step further: none may be done twice. */
static int set_up_mamba(void **state)
{
    return set_up(state, "models/mamba2-500k");
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    protocol_server_close(&f->fake.server);
    compiled_free(&f->mill);
    model_close(&f->model);
    free(f);
    return 0;
}

static const struct pass_column prompt[] = {{1, 0}, {403, 1}, {407, 2}};
static const struct pass_column next = {261, 3};

/* A prompt and one token more, on the device and on a reference beside it. */
static bool play(struct fixture *f, struct device *device, struct error *err)
{
    const struct pass passes[] = {{PASS_PREFILL, RESULT_LOGITS, 0, 3, prompt},
                                  {PASS_DECODE, RESULT_TOP, 0, 1, &next}};
    float logits[2][SERVER_COLUMNS * 512];
    struct candidate top[2][SERVER_COLUMNS * SERVER_TOP_K];
    struct reference *beside = reference_open(&f->mill, SERVER_COLUMNS, err);
    bool done = true;

    assert_non_null(beside);
    for (int i = 0; done && i < 2; i++) {
        struct pass_output got = {logits[0], top[0]}, expected = {logits[1], top[1]};
        assert_true(reference_run(beside, &passes[i], SERVER_TOP_K, &expected, err));
        done = device_run(device, &passes[i], &got, err);
        if (done && i == 0)
            assert_memory_equal(logits[0], logits[1], sizeof(float) * 3 * f->mill.shape.vocab);
        if (done && i == 1)
            assert_memory_equal(top[0], top[1], SERVER_TOP_K * sizeof(struct candidate));
    }
    reference_close(beside);
    return done;
}

static const struct device_options usual = {.load = LOAD_IF_NEEDED};

/* With the tape in its memory, so that replies are: identify, verify, then passes'. */
static struct device *open_fake(struct fixture *f, struct error *err)
{
    memcpy(f->fake.server.memory, f->mill.tape, f->mill.tape_size);
    f->fake.server.tape_state = TAPE_UNKNOWN;
    return device_stream_open("fake", &f->fake.transport, &f->mill, &usual, err);
}

static void test_answers_are_the_references(void **state)
{
    struct fixture *f = *state;
    struct error err;
    struct device *device = open_fake(f, &err);

    assert_non_null(device);
    assert_int_equal(device_info(device)->columns, SERVER_COLUMNS);
    assert_int_equal(device_info(device)->tape_word_bytes, 8);
    if (!play(f, device, &err))
        fail_msg("%s", err.message);
    const struct device_counters *counters = device_counters(device);
    assert_int_equal(counters->passes, 2);
    assert_int_equal(counters->cycles, 2 * SERVER_CYCLES);
    assert_int_equal(counters->tape_words, 2 * (SERVER_CYCLES + 1));
    assert_int_equal(counters->matrix_beats, 2 * (SERVER_CYCLES + 4));
    device_close(device);
}

/* Whatever reply is damaged, and however, the answers stay right, and only
 * passes that were answered are counted. */
static void test_damage_is_mended(void **state)
{
    static const enum fault faults[] = {FAULT_PAYLOAD, FAULT_HEAD, FAULT_REFUSAL, FAULT_SILENCE,
                                        FAULT_LATE};
    struct fixture *f = *state;
    struct error err;

    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        for (int at = 0; at < 8; at++) { /* identify, verify, 3 columns, run, ... */
            f->fake.replies = f->fake.server.runs = 0;
            f->fake.fault = faults[i];
            f->fake.at = at;
            f->fake.times = 2;
            struct device *device = open_fake(f, &err);
            if (!device || !play(f, device, &err))
                fail_msg("fault %d of reply %d: %s", faults[i], at, err.message);
            assert_true(f->fake.replies > 8);
            assert_int_equal(device_counters(device)->cycles, 2 * SERVER_CYCLES);
            device_close(device);
        }
    }
}

static void test_giving_up(void **state)
{
    static const struct {
        enum fault fault;
        const char *message;
    } cases[] = {
        {FAULT_PAYLOAD, "fake: a reply has a wrong CRC"},
        {FAULT_HEAD, "fake: a reply begins with a damaged head"},
        {FAULT_REFUSAL, "fake: the device refuses a request: a wrong CRC"},
        {FAULT_SILENCE, "fake: the device does not answer"},
        {FAULT_STATUS, "fake: the device read a damaged tape: the tape's CRC is wrong"},
        {FAULT_DEAD, "fake: the fake stays dead"},
    };
    struct fixture *f = *state;
    struct error err;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        f->fake.replies = 0;
        f->fake.fault = cases[i].fault;
        f->fake.at = 5; /* the first RUN */
        f->fake.times = 1000;
        struct device *device = open_fake(f, &err);
        assert_non_null(device);
        assert_false(play(f, device, &err));
        assert_int_equal(err.code, ERROR_FAILED);
        assert_string_equal(err.message, cases[i].message);
        assert_int_equal(device_counters(device)->passes, 0);
        device_close(device);
    }
}

/* Wherever a device goes away and comes back empty, the answers stay right. */
static void test_unplugging(void **state)
{
    struct fixture *f = *state;
    struct error err;

    for (int at = 2; at < 8; at++) { /* 3 columns, run, column, run */
        f->fake.replies = f->fake.server.loads = 0;
        f->fake.fault = FAULT_UNPLUG;
        f->fake.at = at;
        f->fake.times = 1;
        struct device *device = open_fake(f, &err);
        assert_non_null(device);
        if (!play(f, device, &err))
            fail_msg("reply %d: %s", at, err.message);
        assert_true(f->fake.server.loads > 0);
        device_close(device);
    }
}

static const struct device_options streams = {.load = LOAD_STREAM};

/* The tape with every pass, to a device whose memory is empty: whatever befalls a frame
 * on its way or the reply, the answers stay right. */
static void test_streaming(void **state)
{
    static const struct {
        enum fault fault;
        int times;
    } cases[] = {
        {FAULT_NONE, 0},           {FAULT_PAYLOAD, 2},       {FAULT_HEAD, 2},
        {FAULT_REFUSAL, 2},        {FAULT_SILENCE, 2},       {FAULT_LATE, 2},
        {FAULT_UNPLUG, 1},         {FAULT_STREAM_LOST, 2},   {FAULT_STREAM_TWICE, 2},
        {FAULT_STREAM_DAMAGED, 2}, {FAULT_STREAM_UNPLUG, 1},
    };
    struct fixture *f = *state;
    struct protocol_server *server = &f->fake.server;
    struct error err;

    memset(server->memory, 0, f->mill.tape_size);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int at = 1; at < 12; at++) {
            server->tape_state = TAPE_UNKNOWN;
            server->loads = server->streams = f->fake.replies = f->fake.frames = 0;
            f->fake.fault = cases[i].fault;
            f->fake.at = at;
            f->fake.times = cases[i].times;
            struct device *device =
                device_stream_open("fake", &f->fake.transport, &f->mill, &streams, &err);
            if (!device || !play(f, device, &err))
                fail_msg("fault %d of %d: %s", cases[i].fault, at, err.message);
            assert_true(server->streams >= 2);
            assert_int_equal(server->loads, 0);
            assert_int_equal(device_counters(device)->cycles, 2 * SERVER_CYCLES);
            device_close(device);
        }
    }
}

/* More than the memory holds can be streamed, and not loaded. */
static void test_a_tape_larger_than_the_memory(void **state)
{
    struct fixture *f = *state;
    struct protocol_server *server = &f->fake.server;
    struct error err;

    memset(server->memory, 0, f->mill.tape_size);
    server->tape_state = TAPE_UNKNOWN;
    server->loads = 0;
    server->lines_short = 1;
    f->fake.fault = FAULT_NONE;
    assert_null(device_stream_open("fake", &f->fake.transport, &f->mill, &usual, &err));
    assert_int_equal(err.code, ERROR_INPUT);
    assert_non_null(strstr(err.message, "; --stream sends it with every pass"));
    assert_int_equal(server->loads, 0);
    struct device *device =
        device_stream_open("fake", &f->fake.transport, &f->mill, &streams, &err);
    if (!device || !play(f, device, &err))
        fail_msg("%s", err.message);
    device_close(device);
    server->lines_short = 0;
}

static void test_streaming_that_fails(void **state)
{
    struct fixture *f = *state;
    struct error err;

    f->fake.fault = FAULT_STREAM_DAMAGED;
    f->fake.at = f->fake.frames = 0;
    f->fake.times = 1000;
    struct device *device =
        device_stream_open("fake", &f->fake.transport, &f->mill, &streams, &err);
    assert_non_null(device);
    assert_false(play(f, device, &err));
    assert_string_equal(err.message, "fake: the tape did not arrive whole");
    device_close(device);
}

static void test_another_models_device(void **state)
{
    struct fixture *f = *state;
    struct mill other = f->mill;
    struct error err;

    f->fake.fault = FAULT_NONE;
    other.shape.max_seq = 64;
    assert_null(device_stream_open("fake", &f->fake.transport, &other, &usual, &err));
    assert_int_equal(err.code, ERROR_INPUT);
    assert_non_null(strstr(err.message, "made for another model"));

    other = f->mill;
    other.tape_size -= TAPE_LINE; /* a fingerprint's part */
    assert_null(device_stream_open("fake", &f->fake.transport, &other, &usual, &err));
    assert_non_null(strstr(err.message, "made for another model"));
}

static void count_progress(void *user, uint64_t done, uint64_t total)
{
    uint64_t *last = user;
    assert_true(done >= *last && done <= total);
    *last = done;
}

/* Whatever the memory holds and whichever replies are damaged, it ends up with
 * the tape, and a pass on it gives what the reference does. */
static void test_loading(void **state)
{
    static const enum fault faults[] = {FAULT_NONE,    FAULT_PAYLOAD, FAULT_HEAD,
                                        FAULT_REFUSAL, FAULT_SILENCE, FAULT_LATE};
    struct fixture *f = *state;
    struct error err;
    uint64_t loaded;
    const struct device_options options = {LOAD_IF_NEEDED, count_progress, NULL, &loaded};

    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        for (int at = 0; at < 14; at++) {
            memset(f->fake.server.memory, 0x5A, f->mill.tape_size);
            loaded = f->fake.replies = f->fake.server.loads = 0;
            f->fake.server.tape_state = TAPE_UNKNOWN;
            f->fake.fault = faults[i];
            f->fake.at = at;
            f->fake.times = 2;
            struct device *device =
                device_stream_open("fake", &f->fake.transport, &f->mill, &options, &err);
            if (!device || !play(f, device, &err))
                fail_msg("fault %d of reply %d: %s", faults[i], at, err.message);
            assert_memory_equal(f->fake.server.memory, f->mill.tape, f->mill.tape_size);
            assert_int_equal(loaded, f->mill.tape_size);
            device_close(device);
        }
    }
}

static void test_when_it_loads(void **state)
{
    static const struct {
        enum device_load load;
        bool there, loadable;
        const char *message; /* NULL: it opens */
    } cases[] = {
        {LOAD_IF_NEEDED, true, true, NULL},
        {LOAD_IF_NEEDED, false, true, NULL},
        {LOAD_ALWAYS, true, true, NULL},
        {LOAD_NEVER, true, true, NULL},
        {LOAD_IF_NEEDED, true, false, NULL},
        {LOAD_NEVER, false, true, "holds another tape"},
        {LOAD_IF_NEEDED, false, false, "holds another tape than that of"},
        {LOAD_ALWAYS, true, false, "and cannot be loaded"},
    };
    struct fixture *f = *state;
    struct error err;

    f->fake.fault = FAULT_NONE;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct device_options options = {.load = cases[i].load};
        memcpy(f->fake.server.memory, f->mill.tape, f->mill.tape_size);
        f->fake.server.memory[100] ^= !cases[i].there;
        f->fake.server.loadable = cases[i].loadable;
        f->fake.server.tape_state = TAPE_UNKNOWN;
        f->fake.server.loads = 0;
        struct device *device =
            device_stream_open("fake", &f->fake.transport, &f->mill, &options, &err);
        assert_int_equal(device != NULL, cases[i].message == NULL);
        assert_int_equal(f->fake.server.loads > 0,
                         device && (cases[i].load == LOAD_ALWAYS || !cases[i].there));
        if (cases[i].message)
            assert_non_null(strstr(err.message, cases[i].message));
        device_close(device);
    }
    f->fake.server.loadable = true;
}

/* device_run itself keeps what makes no sense from a device. */
static void test_bad_passes(void **state)
{
    static const struct pass_column beyond = {512, 0}, far = {1, 32}, skips[] = {{1, 0}, {1, 2}};
    static const struct {
        struct pass pass;
        const char *message;
    } cases[] = {
        {{PASS_DECODE, RESULT_NONE, 0, 0, &next}, "a pass of 0 columns on a device of 3"},
        {{PASS_DECODE, RESULT_NONE, 0, 4, &next}, "a pass of 4 columns on a device of 3"},
        {{PASS_PREFILL, RESULT_NONE, 3, 1, &next}, "slot 3 on a device of 3"},
        {{PASS_DECODE, RESULT_NONE, 0, 1, &beyond}, "token 512 is beyond the vocabulary of 512"},
        {{PASS_DECODE, RESULT_NONE, 0, 1, &far}, "position 32 is beyond the context of 32"},
        {{PASS_PREFILL, RESULT_NONE, 0, 2, skips}, "a prefill pass skips from position 0 to 2"},
    };
    struct fixture *f = *state;
    struct error err;

    f->fake.fault = FAULT_NONE;
    struct device *device = open_fake(f, &err);
    assert_non_null(device);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_false(device_run(device, &cases[i].pass, NULL, &err));
        assert_int_equal(err.code, ERROR_INPUT);
        assert_string_equal(err.message, cases[i].message);
    }
    device_close(device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_are_the_references),
        cmocka_unit_test(test_damage_is_mended),
        cmocka_unit_test(test_giving_up),
        cmocka_unit_test(test_unplugging),
        cmocka_unit_test(test_streaming),
        cmocka_unit_test(test_streaming_that_fails),
        cmocka_unit_test(test_a_tape_larger_than_the_memory),
        cmocka_unit_test(test_another_models_device),
        cmocka_unit_test(test_loading),
        cmocka_unit_test(test_when_it_loads),
        cmocka_unit_test(test_bad_passes),
    };
    return cmocka_run_group_tests_name("Llama", tests, set_up_llama, tear_down) +
           cmocka_run_group_tests_name("Mamba-2", tests, set_up_mamba, tear_down);
}
