/* SPDX-License-Identifier: Apache-2.0 */
/* A rate of frames kept by thresholds: the rule, and a video whose detail changes. */
#include "host/image/frame_pace.h"

#include "gen/image/compile.h"
#include "gen/image/picture_fit.h"
#include "host/image/upscaler.h"
#include "testbench/test_support.h"

static void test_rule(void **state)
{
    struct frame_pace pace = {.cycles = 1000};
    (void)state;

    assert_int_equal(frame_pace_first(&pace), 0);
    frame_pace_take(&pace, 5, 1000);
    assert_int_equal(frame_pace_first(&pace), 4);
    assert_int_equal(frame_pace_limit(&pace), 1000);
    assert_int_equal(pace.late, 0);
    frame_pace_take(&pace, 4, 1250); /* the next has less time, and pays it back */
    assert_int_equal(frame_pace_limit(&pace), 750);
    assert_int_equal(pace.late, 1);
    frame_pace_take(&pace, 3, 700);
    assert_int_equal(frame_pace_limit(&pace), 1000);
    assert_int_equal(pace.late, 1);
    frame_pace_take(&pace, 2, 9000); /* no more is owed than a frame */
    assert_int_equal(frame_pace_limit(&pace), 0);
    assert_int_equal(pace.frames, 4);
}

/* A threshold rises by an eighth a step, and at last above any patch's score. */
static void test_thresholds(void **state)
{
    (void)state;
    assert_int_equal(patches_threshold(6400, 0), 6400);
    assert_int_equal(patches_threshold(6400, 1), 7200);
    assert_int_equal(patches_threshold(6400, 2), 8100);
    assert_true(patches_threshold(4, THRESHOLD_STEPS) > UINT64_C(64) * 64 * 255);
}

enum { WIDTH = 64, HEIGHT = 32, FRAMES = 9 };

/* Frame n: flat, or noise in the middle of the video. */
static bool is_noisy(uint32_t n)
{
    return n >= 2 && n < 5;
}

static void make_frame(struct planes *planes, uint32_t n)
{
    struct error err = {0};
    uint64_t random = n;

    if (!planes_alloc(planes, WIDTH, HEIGHT, 3, &err))
        fail_msg("%s", err.message);
    for (size_t i = 0; i < (size_t)3 * WIDTH * HEIGHT; i++)
        planes->value[i] = is_noisy(n) ? next_random(&random) % 256 : 90;
}

static uint64_t cycles_of(const struct picture_program *program, const struct image_network *net,
                          enum image_subnet subnet)
{
    struct picture_frame frame;
    struct error err = {0};

    if (!picture_frame_of(program, net, subnet, (struct image_size){HEIGHT, WIDTH}, &frame, &err))
        fail_msg("%s", err.message);
    return frame.cycles;
}

/* Steps of all frames at a rate that has time for the half subnet, not for the full one. */
static void play(uint32_t step[FRAMES])
{
    const struct image_compile_options options = {.quantise = {8, 8}};
    const struct picture_design design = {4, 16, 2, true};
    struct integer_network network;
    struct picture_program program;
    struct upscaler u;
    struct error err = {0};

    if (!image_compile(&network, "models/essr/essr_x2.safetensors", &options, &err) ||
        !picture_program_make(&program, &network, &design, &err) ||
        !upscaler_open(&u, &network, "ref", "auto", &err))
        fail_msg("%s", err.message);
    uint64_t half = cycles_of(&program, &network.network, SUBNET_HALF);
    uint64_t full = cycles_of(&program, &network.network, SUBNET_FULL);
    struct frame_pace pace = {.cycles = (half + full) / 2};
    u.program = &program;
    u.pace = &pace;
    for (uint32_t n = 0; n < FRAMES; n++) {
        struct planes in = {0}, out = {0};
        struct upscale_counts counts;
        make_frame(&in, n);
        if (!upscale_planes(&u, &in, &out, &counts, &err))
            fail_msg("%s", err.message);
        if (counts.cycles > pace.cycles)
            fail_msg("frame %u takes %lu of %lu cycles", n, (unsigned long)counts.cycles,
                     (unsigned long)pace.cycles);
        assert_int_equal(counts.patches[is_noisy(n) ? SUBNET_HALF : SUBNET_BILINEAR], 2);
        step[n] = counts.step;
        planes_free(&in);
        planes_free(&out);
    }
    assert_int_equal(pace.late, 0);
    upscaler_close(&u);
    image_network_free(&network.network);
}

/* Thresholds rise with the first noisy frame, and fall by a step a frame once they may. */
static void test_video(void **state)
{
    uint32_t step[FRAMES], again[FRAMES];
    (void)state;

    play(step);
    assert_int_equal(step[0], 0);
    assert_int_equal(step[1], 0);
    assert_true(step[2] > 4);
    for (uint32_t n = 5; n < FRAMES; n++)
        assert_int_equal(step[n], step[n - 1] - 1);
    play(again);
    assert_memory_equal(step, again, sizeof step);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rule),
        cmocka_unit_test(test_thresholds),
        cmocka_unit_test(test_video),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
