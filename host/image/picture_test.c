/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures and videos: the kinds that are kept in the fuzzers' corpus. */
#include "host/image/picture.h"

#include "host/image/y4m.h"
#include "testbench/test_support.h"

static bool read_kept(const char *name, struct picture *picture, struct error *err)
{
    char path[256];

    snprintf(path, sizeof path, "testbench/corpus/picture/%s", name);
    return picture_read(picture, path, err);
}

static void test_kinds(void **state)
{
    static const struct {
        const char *name;
        uint32_t channels;
    } kinds[] = {
        {"grey.png", 1}, {"bit.png", 1},     {"sixteen.png", 1},     {"grey-alpha.png", 2},
        {"rgb.png", 3},  {"palette.png", 3}, {"rgba.png", 4},        {"transparent.png", 4},
        {"grey.jpg", 1}, {"colour.jpg", 3},  {"progressive.jpg", 3},
    };
    (void)state;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct picture p;
        struct error err = {0};
        if (!read_kept(kinds[i].name, &p, &err))
            fail_msg("%s", err.message);
        if (p.channels != kinds[i].channels)
            fail_msg("%s: %u channels, not %u", kinds[i].name, p.channels, kinds[i].channels);
        picture_free(&p);
    }
}

static void test_bad(void **state)
{
    static const struct {
        const char *name, *wanted;
    } faults[] = {
        {"cmyk.jpg", "cmyk.jpg: 4 components"},
        {"cut-rgb.png", "cut-rgb.png: the file ends too early"},
        {"cut-colour.jpg", "cut-colour.jpg: "},
        {"flipped-rgb.png", "flipped-rgb.png: "},
        {"nothing.png", "nothing.png: "},
    };
    (void)state;

    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct picture p;
        struct error err = {0};
        assert_refused(read_kept(faults[i].name, &p, &err), &err, faults[i].wanted);
    }
}

/* What is written comes back, with as many channels. */
static void test_written(void **state)
{
    const char *folder = make_folder();
    char path[256];
    (void)state;

    snprintf(path, sizeof path, "%s/out.png", folder);
    for (uint32_t channels = 1; channels <= 4; channels++) {
        struct picture p, back;
        struct error err = {0};
        assert_true(picture_alloc(&p, 5, 3, channels, &err));
        for (uint32_t i = 0; i < 15 * channels; i++)
            p.sample[i] = (uint8_t)(i * 37);
        if (!picture_write(&p, path, &err) || !picture_read(&back, path, &err))
            fail_msg("%s", err.message);
        assert_int_equal(back.channels, channels);
        assert_memory_equal(back.sample, p.sample, (size_t)15 * channels);
        picture_free(&p);
        picture_free(&back);
    }
    remove_folder(folder);
}

static void test_video(void **state)
{
    static const char text[] = "YUV4MPEG2 W3 H3 F25:1 C420jpeg\nFRAME Ip\n012345678abcdABCD";
    char *copy = NULL;
    size_t size = 0;
    struct y4m_stream stream = {0};
    struct y4m_frame frame = {0}, none;
    struct error err = {0};
    bool end;
    (void)state;

    FILE *in = fmemopen((void *)(uintptr_t)text, 31 + 9 + 9 + 8, "rb");
    FILE *out = open_memstream(&copy, &size);
    assert_true(in && out);
    if (!y4m_read_stream(&stream, in, "v", &err) ||
        !y4m_read_frame(&stream, in, "v", &frame, &end, &err) || end) {
        fail_msg("%s", err.message);
        return;
    }
    assert_true(frame.luma.value[8] == '8' && frame.chroma.value[4] == 'A');
    assert_true(y4m_read_frame(&stream, in, "v", &none, &end, &err) && end);
    assert_true(y4m_write_stream(&stream, out, "o", &err) &&
                y4m_write_frame(&frame, out, "o", &err));
    fclose(in);
    fclose(out);
    assert_string_equal(copy, "YUV4MPEG2 W3 H3 F25:1 C420jpeg\nFRAME\n012345678abcdABCD");
    free(copy);
    y4m_free_frame(&frame);
}

static void test_bad_video(void **state)
{
    static const struct {
        const char *text, *wanted;
    } faults[] = {
        {"RIFF\n", "v: not a Y4M file"},
        {"YUV4MPEG2 W3\n", "v: frames of 3 x 0 pixels"},
        {"YUV4MPEG2 W-3 H3\n", "v: parameter W-3 is not read"},
        {"YUV4MPEG2 W3 H3 C420p10\n", "v: parameter C420p10 is not read"},
        {"YUV4MPEG2 W3 H3 It\n", "v: parameter It is not read"},
        {"YUV4MPEG2 W3 H3", "v: the file ends in a line"},
        {"YUV4MPEG2 W3 H3\nFRAMES\n", "v: no frame where one begins"},
        {"YUV4MPEG2 W3 H3\nFRAME\n0123", "v: the file ends in a frame"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        FILE *in = fmemopen((void *)(uintptr_t)faults[i].text, strlen(faults[i].text), "rb");
        struct y4m_stream stream;
        struct y4m_frame frame;
        struct error err = {0};
        bool end, ok = y4m_read_stream(&stream, in, "v", &err) &&
                       y4m_read_frame(&stream, in, "v", &frame, &end, &err);
        fclose(in);
        assert_refused(ok, &err, faults[i].wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),     cmocka_unit_test(test_bad),
        cmocka_unit_test(test_written),   cmocka_unit_test(test_video),
        cmocka_unit_test(test_bad_video),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
