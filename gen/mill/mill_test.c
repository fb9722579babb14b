/* SPDX-License-Identifier: Apache-2.0 */
/* The .mill file: written, read back, damaged. */
#include "base/little_endian.h"
#include "gen/mill/mill.h"
#include "gen/mill/mill_layout.h"
#include "gen/mill/mill_write.h"
#include "testbench/model_support.h"

enum { SEED = 31 };

/* One compiled model and its file. */
struct fixture {
    struct model model;
    struct mill mill;
    char folder[64], path[128];
    struct bytes file;
};

static int set_up(void **state)
{
    static struct fixture f;
    uint64_t random = SEED;
    struct error err = {0};

    f = (struct fixture){.model = {.dim = 20,
                                   .hidden_dim = 9,
                                   .layers = 2,
                                   .heads = 2,
                                   .kv_heads = 1,
                                   .head_dim = 10,
                                   .vocab = 13,
                                   .max_seq = 7}};
    make_model(&f.model, &random);
    compile_or_fail(&f.model,
                    &(struct compile_options){.weight_bits = 4, .act_bits = 8, .floats = true},
                    &f.mill);
    snprintf(f.folder, sizeof f.folder, "%s", make_folder());
    snprintf(f.path, sizeof f.path, "%s/model.mill", f.folder);
    if (!mill_write(&f.mill, f.path, &err))
        fail_msg("%s", err.message);
    f.file.data = (uint8_t *)read_all(f.path, &f.file.size);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    bytes_free(&f->file);
    remove_folder(f->folder);
    compiled_free(&f->mill);
    model_close(&f->model);
    return 0;
}

static void test_round_trip(void **state)
{
    const struct fixture *f = *state;
    const struct mill *wrote = &f->mill;
    struct mill m;
    struct error err = {0};

    if (!mill_open(&m, f->path, &err))
        fail_msg("%s", err.message);
    assert_string_equal(m.name, "random");
    assert_memory_equal(&m.shape, &wrote->shape, sizeof m.shape);
    assert_int_equal(m.bos_token, 1);
    assert_int_equal(m.eos_token, 2);
    assert_int_equal(m.embed_shift, wrote->embed_shift);
    assert_int_equal(m.logit_fraction, wrote->logit_fraction);
    assert_int_equal(m.parameters, model_parameters(&f->model));
    assert_int_equal(m.tape_size, wrote->tape_size);
    assert_memory_equal(m.tape, wrote->tape, m.tape_size);
    assert_int_equal(m.op_count, wrote->op_count);
    assert_memory_equal(m.embedding, wrote->embedding, (size_t)13 * 20);
    assert_int_equal(m.embedding_group, wrote->embedding_group);
    assert_memory_equal(m.embedding_scale, wrote->embedding_scale, (size_t)13 * 2);
    assert_memory_equal(m.rope, wrote->rope, (size_t)7 * 10 * sizeof *m.rope);
    assert_int_equal(m.float_count, wrote->float_count);
    assert_memory_equal(m.floats, wrote->floats, m.float_count * sizeof *m.floats);
    assert_int_equal(tokenizer_vocab(m.tokenizer), 13);
    mill_close(&m);
}

/* An embedding comes back within half a step of the model's. */
static void test_embedding(void **state)
{
    const struct fixture *f = *state;
    const float *value = (const float *)(const void *)f->model.embedding.data;
    double unit = ldexp(1, (int)f->mill.embed_shift - 18);
    int16_t row[20];

    for (uint32_t token = 0; token < 13; token++) {
        mill_embedding(&f->mill, token, row);
        for (uint32_t i = 0; i < 20; i++) {
            uint32_t group = token * 2 + i / f->mill.embedding_group;
            double step = f->mill.embedding_scale[group] * unit;
            double error = fabs(row[i] * unit - value[token * 20 + i]);
            if (error > step / 2 * 1.0001)
                fail_msg("seed %d, token %u, value %u: off by %g, a step is %g", SEED, token, i,
                         error, step);
        }
    }
}

/* The file with `size` bytes is refused; the message names its path. */
static void refuse(const struct fixture *f, const uint8_t *data, size_t size, const char *wanted)
{
    char path[160];
    struct mill m;
    struct error err = {0};

    write_file(f->folder, "damaged.mill", data, size);
    snprintf(path, sizeof path, "%s/damaged.mill", f->folder);
    assert_refused(mill_open(&m, path, &err), &err, wanted);
    assert_memory_equal(err.message, path, strlen(path));
}

/* Those of a Llama model. */
enum { SECTIONS = SECTION_FLOATS + 1 };

/* Cut at each byte of the head, and around each section's ends. */
static void test_truncated(void **state)
{
    const struct fixture *f = *state;
    const size_t head = MILL_HEADER_BYTES + (size_t)SECTIONS * MILL_SECTION_BYTES;

    for (size_t size = 0; size < head; size += 5)
        refuse(f, f->file.data, size, "");
    for (uint32_t i = 0; i < load_u32((const uint8_t *)f->file.data + 12); i++) {
        const uint8_t *entry = f->file.data + MILL_HEADER_BYTES + (size_t)i * MILL_SECTION_BYTES;
        size_t first = (size_t)load_u64(entry + 8), size = (size_t)load_u64(entry + 16);
        refuse(f, f->file.data, first, "are not in the file");
        refuse(f, f->file.data, first + 1, "are not in the file");
        refuse(f, f->file.data, first + size - 1, "are not in the file");
    }
}

/* A section one byte short of what the shape needs. */
static void test_section_sizes(void **state)
{
    static const char *const wanted[SECTION_KINDS] = {
        [SECTION_SHAPE] = "shape: 135 bytes, must be 136",
        [SECTION_TAPE] = "are not a tape's size",
        [SECTION_EMBEDDING] = "embedding: 259 bytes, the shape needs 260",
        [SECTION_EMBEDDING_SCALE] = "embedding scales: 25 bytes, the shape needs 26",
        [SECTION_ROPE] = "rope: 139 bytes, the shape needs 140",
        [SECTION_TOKENIZER] = "",
    };
    struct fixture *f = *state;

    for (int i = 0; i < SECTION_FLOATS; i++) {
        uint8_t *entry = f->file.data + MILL_HEADER_BYTES + (size_t)i * MILL_SECTION_BYTES;
        uint64_t size = load_u64(entry + 16);
        store_u64(entry + 16, size - 1);
        refuse(f, f->file.data, f->file.size, wanted[i]);
        store_u64(entry + 16, size);
    }
}

/* One 32-bit word of the file set to something wrong. */
static void test_wrong_words(void **state)
{
    struct fixture *f = *state;
    size_t first = MILL_HEADER_BYTES;
    size_t shape = (size_t)load_u64(f->file.data + first + 8);
    const struct {
        size_t at;
        uint32_t value;
        const char *wanted;
    } fault[] = {
        {0, 0, "not a .mill file"},
        {8, 2, "version 2 of the format; this program reads 1"},
        {12, SECTION_KINDS + 1, "12 sections do not fit"},
        {first, SECTION_KINDS, "section 0: kind 11 is unknown"},
        {first, SECTION_TAPE, "section 1: kind 1 is unknown or twice"},
        {first + 8, 1, "section 0: bytes 1+136"},
        {first + 12, UINT32_MAX, "section 0: bytes"},
        {first + 20, UINT32_MAX, "section 0: bytes"},
        {shape + shape_offset(SHAPE_DIM), 0, "dim is 0"},
        {shape + shape_offset(SHAPE_DIM), 1u << 31, "dim is 2147483648"},
        {shape + shape_offset(SHAPE_LAYERS), 0, "layers is 0"},
        {shape + shape_offset(SHAPE_HEADS), 3, "does not fit the model's shape"},
        {shape + shape_offset(SHAPE_KV_HEADS), 3, "a multiple of kv_heads 3"},
        {shape + shape_offset(SHAPE_HEAD_DIM), 5, "head_dim 5 must be even"},
        {shape + shape_offset(SHAPE_HEAD_DIM), 130, "head_dim is 130"},
        {shape + shape_offset(SHAPE_VOCAB), 65535, "vocab is 65535"},
        {shape + shape_offset(SHAPE_MAX_SEQ), 0, "max_seq is 0"},
        {shape + shape_offset(SHAPE_WEIGHT_BITS), 9, "weight_bits is 9"},
        {shape + shape_offset(SHAPE_EMBED_SHIFT), 16, "fixed-point format"},
        {shape + shape_offset(SHAPE_LOGIT_FRACTION), 31, "fixed-point format"},
        {shape + shape_offset(SHAPE_EMBEDDING_GROUP), 0, "fixed-point format"},
    };

    for (size_t i = 0; i < sizeof fault / sizeof *fault; i++) {
        uint32_t right = load_u32(f->file.data + fault[i].at);
        print_message("byte %zu: %u\n", fault[i].at, fault[i].value);
        store_u32(f->file.data + fault[i].at, fault[i].value);
        refuse(f, f->file.data, f->file.size, fault[i].wanted);
        store_u32(f->file.data + fault[i].at, right);
    }
}

static void test_write_fails(void **state)
{
    const struct fixture *f = *state;
    struct error err = {0};
    char path[160];

    snprintf(path, sizeof path, "%s/absent/model.mill", f->folder);
    assert_false(mill_write(&f->mill, path, &err));
    assert_int_equal(err.code, ERROR_FAILED);
    assert_non_null(strstr(err.message, path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),  cmocka_unit_test(test_embedding),
        cmocka_unit_test(test_truncated),   cmocka_unit_test(test_section_sizes),
        cmocka_unit_test(test_wrong_words), cmocka_unit_test(test_write_fails),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
