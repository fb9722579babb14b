/* SPDX-License-Identifier: Apache-2.0 */
/* Pickles as PyTorch writes them, opcode by opcode; what they may not name; and
 * damaged ones. */
#include "gen/import/pickle.h"

#include "testbench/test_support.h"

static void put_name(struct bytes *b, const char *text)
{
    put_u8(b, 'X');
    put_u32(b, (uint32_t)strlen(text));
    put_text(b, text);
}

static void put_small(struct bytes *b, uint8_t value)
{
    put_u8(b, 'K');
    put_u8(b, value);
}

/* A tensor [3, 2] of storage `key`, at element 4 of 10. */
static void put_tensor(struct bytes *b, const char *type, const char *key)
{
    put_text(b, "ctorch._utils\n_rebuild_tensor_v2\n((");
    put_name(b, "storage");
    put_text(b, "ctorch\n");
    put_text(b, type);
    put_text(b, "\n");
    put_name(b, key);
    put_name(b, "cpu");
    put_small(b, 10);
    put_text(b, "tQ");
    put_small(b, 4);
    put_small(b, 3), put_small(b, 2), put_u8(b, 0x86);
    put_small(b, 2), put_small(b, 1), put_u8(b, 0x86);
    put_u8(b, 0x89);
    put_text(b, "ccollections\nOrderedDict\n)RtR");
}

/* {"first": a tensor, "step": 7, "second": a parameter} */
static struct bytes make_pickle(void)
{
    struct bytes b = {0};

    put(&b, "\x80\x02", 2);
    put_text(&b, "ccollections\nOrderedDict\n)R");
    put(&b, "q\0(", 3);
    put_name(&b, "first");
    put_tensor(&b, "FloatStorage", "0");
    put_name(&b, "step");
    put(&b, "\x8a\x01\x07", 3);
    put_name(&b, "second");
    put_text(&b, "ctorch._utils\n_rebuild_parameter\n");
    put_tensor(&b, "HalfStorage", "1");
    put_u8(&b, 0x88);
    put(&b, "N\x87R", 3);
    put_text(&b, "u}b.");
    return b;
}

static bool read_bytes(const struct bytes *b, struct pickle *pickle, struct arena *arena,
                       struct error *err)
{
    struct mapped_file file = exact_copy(b->data, b->size);
    bool ok = pickle_read(pickle, file.data, file.size, "a.pt", arena, err);

    free((void *)(uintptr_t)file.data);
    return ok;
}

static void test_good(void **state)
{
    struct bytes b = make_pickle();
    struct arena arena = {0};
    struct pickle pickle;
    struct error err = {0};
    (void)state;

    if (!read_bytes(&b, &pickle, &arena, &err))
        fail_msg("%s", err.message);
    assert_int_equal(pickle.count, 2);
    const struct pickle_tensor *t = &pickle.tensor[1];
    assert_string_equal(pickle.tensor[0].name, "first");
    assert_string_equal(t->name, "second");
    assert_string_equal(t->type, "HalfStorage");
    assert_string_equal(t->storage, "1");
    assert_int_equal(t->elements, 10);
    assert_int_equal(t->offset, 4);
    assert_int_equal(t->dimensions, 2);
    assert_int_equal(t->shape[0], 3);
    assert_int_equal(t->stride[0], 2);
    arena_free(&arena);
    bytes_free(&b);
}

static void test_refused(void **state)
{
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"cos\nsystem\n(X\4", "byte 11: os.system is not supported"},
        {"cbuiltins\neval\n)R.", "builtins.eval is not supported"},
        {"ctorch\nFloatStorage\n)R.", "a call of what is no function"},
        {"ccollections\nOrderedDict\nR.", "the stack is empty"},
        {"ctorch._utils\n_rebuild_tensor_v2\n)R.", "not the parts of a tensor"},
        {"NQ.", "not the name of a storage"},
        {"Nt.", "there is no mark"},
        {"(Nu.", "a key without its value"},
        {"NN\x87.", "a tuple of more than the stack has"},
        {"i", "an opcode that is not supported"},
        {"\x8a\xff", "an integer of more than 64 bits"},
        {"h\x09.", "nothing is remembered there"},
        {"q\x01.", "nothing to remember"},
        {"cno end", "a name without its end"},
        {"N", "stops without its end"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes b = {0};
        struct arena arena = {0};
        struct pickle pickle;
        struct error err = {0};
        put_text(&b, cases[i].text);
        assert_refused(read_bytes(&b, &pickle, &arena, &err), &err, cases[i].wanted);
        arena_free(&arena);
        bytes_free(&b);
    }
}

/* AddressSanitizer sees what is read outside. */
static void test_damaged(void **state)
{
    struct bytes b = make_pickle();
    struct pickle pickle;
    struct error err = {0};
    (void)state;

    for (size_t size = 0; size < b.size; size++) {
        struct arena arena = {0};
        struct bytes cut = {b.data, size, 0};
        assert_refused(read_bytes(&cut, &pickle, &arena, &err), &err, "a.pt");
        arena_free(&arena);
    }
    for (size_t at = 0; at < b.size; at++)
        for (int bit = 0; bit < 8; bit++) {
            struct arena arena = {0};
            b.data[at] ^= (uint8_t)(1 << bit);
            read_bytes(&b, &pickle, &arena, &err);
            b.data[at] ^= (uint8_t)(1 << bit);
            arena_free(&arena);
        }
    bytes_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
