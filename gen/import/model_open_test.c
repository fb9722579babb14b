/* SPDX-License-Identifier: Apache-2.0 */
/* Which format a file is taken for, and which tokenizer goes with it. */
#include "gen/graph/model.h"
#include "host/tokenizer/tokenizer.h"
#include "testbench/test_support.h"

enum { DIM = 2, VOCAB = 4 };

/* The smallest llama2.c checkpoint: one layer, one head of two. */
static void write_checkpoint(const char *folder, const char *name)
{
    const int32_t sizes[] = {DIM, 1, 1, 1, 1, VOCAB, 1};
    struct bytes b = {0};
    put(&b, sizes, sizeof sizes);
    for (int i = 0; i < VOCAB * DIM + 4 * DIM * DIM + 3 * DIM + 3 * DIM + 2; i++)
        put_f32(&b, (float)i);
    write_file(folder, name, b.data, b.size);
    bytes_free(&b);
}

/* Tokens are `last` with a digit, so that a test sees which file was taken. */
static void write_tokenizer(const char *folder, const char *name, uint32_t count, char last)
{
    struct bytes b = {0};
    put_u32(&b, 2);
    for (uint32_t i = 0; i < count; i++) {
        put_f32(&b, 0);
        put_u32(&b, 2);
        put_u8(&b, (uint8_t)last);
        put_u8(&b, (uint8_t)('0' + i));
    }
    write_file(folder, name, b.data, b.size);
    bytes_free(&b);
}

/* Open `name` in the folder; the first letter of token 3 says which tokenizer it has. */
static void check_opens(const char *folder, const char *name, const char *tokenizer, char last)
{
    char path[256], out[TOKEN_TEXT_MAX];
    struct model m;
    struct error err = {0};

    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!model_open(&m, path, tokenizer, &err))
        fail_msg("%s", err.message);
    assert_int_equal(tokenizer_decode(m.tokenizer, 3, 3, out), 2);
    assert_int_equal(out[0], last);
    assert_int_equal(tokenizer_bos(m.tokenizer), 1);
    assert_string_equal(m.name, "model");
    model_close(&m);
}

static void check_refused(const char *folder, const char *name, const char *tokenizer,
                          const char *wanted)
{
    char path[256];
    struct model m;
    struct error err = {0};

    snprintf(path, sizeof path, "%s/%s", folder, name);
    bool accepted = model_open(&m, path, tokenizer, &err);
    if (accepted)
        model_close(&m);
    assert_refused(accepted, &err, wanted);
}

static void test_tokenizer_beside(void **state)
{
    const char *folder = make_folder();
    char other[128];
    (void)state;

    write_checkpoint(folder, "model.bin");
    check_refused(folder, "model.bin", NULL, "model.bin: no tokenizer in it or beside it");
    write_tokenizer(folder, "tok5.bin", 5, 'x');
    check_refused(folder, "model.bin", NULL, "tok5.bin: holds 5 tokens, not 4");
    write_tokenizer(folder, "tok4.bin", 4, 'y');
    check_opens(folder, "model.bin", NULL, 'y');
    write_tokenizer(folder, "tokenizer.bin", 4, 'z');
    check_opens(folder, "model.bin", NULL, 'z');
    snprintf(other, sizeof other, "%s/tok4.bin", folder);
    check_opens(folder, "model.bin", other, 'y');
    snprintf(other, sizeof other, "%s/tok5.bin", folder);
    check_refused(folder, "model.bin", other, "tok5.bin: holds 5 tokens, not 4");
    check_refused(folder, "model.bin", "/nowhere", "/nowhere: No such file");
    remove_folder(folder);
}

static void test_what_is_no_model(void **state)
{
    static const struct {
        const char *data;
        size_t size;
        const char *wanted;
    } files[] = {
        {"", 0, "the file ends in the dimension"},
        {"{\"architectures\":[]}", 20, "is JSON"},
        {"\x14\0\0\0\0\0\0\0{\"a\":1}", 15, "is safetensors"},
        {"PK\3\4 and more", 12, "is a zip archive"},
        {"GGUF\3\0\0\0", 8, "the file ends in the number of tensors"},
        {"24ka\1\0\0\0", 8, "version 1 is not supported"},
        {"Once upon a time there was a file", 33, "no other format's mark"},
    };
    const char *folder = make_folder();
    (void)state;

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        write_file(folder, "file", files[i].data, files[i].size);
        check_refused(folder, "file", NULL, files[i].wanted);
    }
    check_refused(folder, "absent", NULL, "absent: No such file");
    check_refused(folder, "", NULL, "config.json: No such file");
    remove_folder(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokenizer_beside),
        cmocka_unit_test(test_what_is_no_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
