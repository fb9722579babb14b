/* SPDX-License-Identifier: Apache-2.0 */
/* GGUF files: written here in every type, read back, damaged. */
#include <math.h>

#include "base/little_endian.h"
#include "gen/import/gguf_file.h"
#include "gen/import/import.h"
#include "host/tokenizer/tokenizer.h"
#include "testbench/test_support.h"

/* U+2581, as SentencePiece writes a space, alone and before an a. */
#define SPACE "\342\226\201"
#define SPACE_A "\342\226\201a"

enum { DIM = 256, HIDDEN = 256, HEADS = 4, KV_HEADS = 2, HEAD = 64, VOCAB = 6, SEED = 4711 };

/* What a test may have otherwise than a good file has it. */
struct variant {
    uint32_t tensor_type; /* of the matrices, in ggml's numbering */
    uint32_t version;
    bool untied, with_factors, without_tokenizer;
    const char *architecture;
    const char *extra_key; /* a uint32 more */
    uint32_t extra_value;
    const char *scaling; /* llama.rope.scaling.type, with a factor of 4 */
};

static const struct variant plain = {.version = 3, .architecture = "llama"};

static void put_string(struct bytes *b, const char *text)
{
    put_u64(b, strlen(text));
    put_text(b, text);
}

static void put_key(struct bytes *b, const char *key, uint32_t type, uint64_t *pairs)
{
    put_string(b, key);
    put_u32(b, type);
    ++*pairs;
}

static void put_tokenizer(struct bytes *b, uint64_t *pairs)
{
    static const char *const tokens[VOCAB] = {"<unk>", "<s>", "</s>", SPACE, "a", SPACE_A};
    static const uint32_t types[VOCAB] = {2, 3, 3, 1, 1, 1};

    put_key(b, "tokenizer.ggml.model", GGUF_STRING, pairs);
    put_string(b, "llama");
    put_key(b, "tokenizer.ggml.tokens", GGUF_ARRAY, pairs);
    put_u32(b, GGUF_STRING);
    put_u64(b, VOCAB);
    for (int i = 0; i < VOCAB; i++)
        put_string(b, tokens[i]);
    put_key(b, "tokenizer.ggml.scores", GGUF_ARRAY, pairs);
    put_u32(b, GGUF_F32);
    put_u64(b, VOCAB);
    for (int i = 0; i < VOCAB; i++)
        put_f32(b, (float)-i);
    put_key(b, "tokenizer.ggml.token_type", GGUF_ARRAY, pairs);
    put_u32(b, GGUF_I32);
    put_u64(b, VOCAB);
    put(b, types, sizeof types);
}

static void put_number(struct bytes *b, const char *key, uint32_t value, uint64_t *pairs)
{
    put_key(b, key, GGUF_U32, pairs);
    put_u32(b, value);
}

static uint64_t put_pairs(struct bytes *b, const struct variant *v)
{
    uint64_t pairs = 0;

    put_key(b, "general.architecture", GGUF_STRING, &pairs);
    put_string(b, v->architecture);
    put_number(b, "llama.embedding_length", DIM, &pairs);
    put_number(b, "llama.feed_forward_length", HIDDEN, &pairs);
    put_number(b, "llama.block_count", 1, &pairs);
    put_number(b, "llama.context_length", 128, &pairs);
    put_number(b, "llama.attention.head_count", HEADS, &pairs);
    put_number(b, "llama.attention.head_count_kv", KV_HEADS, &pairs);
    put_key(b, "llama.attention.layer_norm_rms_epsilon", GGUF_F32, &pairs);
    put_f32(b, 1e-6f);
    put_key(b, "llama.rope.freq_base", GGUF_F32, &pairs);
    put_f32(b, 500000);
    if (v->scaling) {
        put_key(b, "llama.rope.scaling.type", GGUF_STRING, &pairs);
        put_string(b, v->scaling);
        put_key(b, "llama.rope.scaling.factor", GGUF_F32, &pairs);
        put_f32(b, 4);
    }
    if (v->extra_key)
        put_number(b, v->extra_key, v->extra_value, &pairs);
    if (!v->without_tokenizer)
        put_tokenizer(b, &pairs);
    return pairs;
}

static const struct {
    const char *name;
    uint32_t rows, columns; /* rows 0: a vector, always F32 */
} tensors[] = {
    {"token_embd.weight", VOCAB, DIM},
    {"output_norm.weight", 0, DIM},
    {"blk.0.attn_norm.weight", 0, DIM},
    {"blk.0.attn_q.weight", HEADS *HEAD, DIM},
    {"blk.0.attn_k.weight", KV_HEADS *HEAD, DIM},
    {"blk.0.attn_v.weight", KV_HEADS *HEAD, DIM},
    {"blk.0.attn_output.weight", DIM, HEADS *HEAD},
    {"blk.0.ffn_norm.weight", 0, DIM},
    {"blk.0.ffn_gate.weight", HIDDEN, DIM},
    {"blk.0.ffn_up.weight", HIDDEN, DIM},
    {"blk.0.ffn_down.weight", DIM, HIDDEN},
    {"rope_freqs.weight", 0, HEAD / 2},
    {"output.weight", VOCAB, DIM},
};
enum { TENSORS = sizeof tensors / sizeof *tensors };

static const struct {
    uint32_t type;
    enum weight_format format;
} types[] = {
    {0, WEIGHT_F32},       {1, WEIGHT_F16},        {2, WEIGHT_GGUF_Q4_0},  {3, WEIGHT_GGUF_Q4_1},
    {8, WEIGHT_GGUF_Q8_0}, {12, WEIGHT_GGUF_Q4_K}, {14, WEIGHT_GGUF_Q6_K}, {30, WEIGHT_BF16},
};

static uint64_t tensor_bytes(const struct variant *v, int i)
{
    uint64_t bytes = 0;
    for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
        uint32_t elements, block;
        weight_block(types[k].format, &elements, &block);
        if (types[k].type == (tensors[i].rows ? v->tensor_type : 0))
            bytes = (uint64_t)(tensors[i].rows ? tensors[i].rows : 1) * tensors[i].columns /
                    elements * block;
    }
    return bytes;
}

static bool is_left_out(const struct variant *v, int i)
{
    return (i == TENSORS - 1 && !v->untied) || (i == TENSORS - 2 && !v->with_factors);
}

static void put_entries(struct bytes *b, const struct variant *v)
{
    uint64_t offset = 0;
    for (int i = 0; i < TENSORS; i++) {
        if (is_left_out(v, i))
            continue;
        put_string(b, tensors[i].name);
        put_u32(b, tensors[i].rows ? 2 : 1);
        put_u64(b, tensors[i].columns);
        if (tensors[i].rows)
            put_u64(b, tensors[i].rows);
        put_u32(b, tensors[i].rows ? v->tensor_type : 0);
        put_u64(b, offset);
        offset += (tensor_bytes(v, i) + 31) / 32 * 32;
    }
}

/* Values are bytes at random, but for rope_freqs.weight, which has 2. */
static struct bytes make_file(const struct variant *v)
{
    struct bytes b = {0}, pairs = {0};
    uint64_t seed = SEED, count = put_pairs(&pairs, v);
    uint64_t left_out = (uint64_t)!v->untied + !v->with_factors;

    put_text(&b, "GGUF");
    put_u32(&b, v->version);
    put_u64(&b, TENSORS - left_out);
    put_u64(&b, count);
    put(&b, pairs.data, pairs.size);
    put_entries(&b, v);
    for (int i = 0; i < TENSORS; i++) {
        if (is_left_out(v, i))
            continue;
        while (b.size % 32 != 0)
            put_u8(&b, 0);
        for (uint64_t n = 0; n < tensor_bytes(v, i); n++)
            if (i != TENSORS - 2)
                put_u8(&b, (uint8_t)next_random(&seed));
        for (uint32_t n = 0; n < tensors[i].columns && i == TENSORS - 2; n++)
            put_f32(&b, 2);
    }
    bytes_free(&pairs);
    return b;
}

static void open_good(struct model *m, const struct variant *v, struct mapped_file *file)
{
    struct bytes b = make_file(v);
    struct error err = {0};

    *file = exact_copy(b.data, b.size);
    *m = (struct model){0};
    if (!import_gguf(m, file, "good.gguf", true, &err))
        fail_msg("type %u: %s", v->tensor_type, err.message);
    bytes_free(&b);
}

static void close_good(struct model *m, struct mapped_file *file)
{
    model_close(m);
    free((void *)(uintptr_t)file->data);
}

/* weight_test.c has shown that rows of a format are right; here, that each
 * weight is where the file has its tensor, and of its format. */
static void check_weights(const struct model *m, const struct variant *v, enum weight_format format)
{
    const struct llama_layer *l = &m->layer[0];
    const struct weight *weights[TENSORS - 2] = {
        &m->embedding, &m->final_norm, &l->attention_norm, &l->wq,   &l->wk,    &l->wv,
        &l->wo,        &l->ffn_norm,   &l->w_gate,         &l->w_up, &l->w_down};
    const uint8_t *data = m->embedding.data;

    for (size_t i = 0; i < TENSORS - 2; i++) {
        assert_int_equal(weights[i]->rows, tensors[i].rows ? tensors[i].rows : 1);
        assert_int_equal(weights[i]->columns, tensors[i].columns);
        assert_int_equal(weights[i]->format, tensors[i].rows ? format : WEIGHT_F32);
        assert_ptr_equal(weights[i]->data, data);
        assert_null(weights[i]->row_order); /* pairs are adjacent already */
        data += (tensor_bytes(v, (int)i) + 31) / 32 * 32;
    }
}

static void test_types(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof types / sizeof *types; k++)
        for (uint32_t version = 2; version <= 3; version++) {
            struct variant v = plain;
            struct mapped_file file;
            struct model m;
            v.tensor_type = types[k].type;
            v.version = version;
            v.untied = k % 2;
            open_good(&m, &v, &file);
            assert_int_equal(m.head_dim, HEAD);
            assert_int_equal(m.vocab, VOCAB);
            assert_int_equal(m.tied_head, !v.untied);
            assert_true(m.norm_eps == 1e-6f);
            check_weights(&m, &v, types[k].format);
            close_good(&m, &file);
        }
}

static void test_rope(void **state)
{
    static const struct {
        bool factors;
        const char *scaling;
        float factor, attention;
    } cases[] = {
        {false, NULL, 1, 1},
        {true, NULL, 2, 1},
        {false, "linear", 4, 1},
        {false, "none", 1, 1},
        {false, "yarn", 1 / 0.90625f, 1.2965f}, /* 1/8 up the ramp; (1 + 0.1 ln 4)^2 */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct variant v = plain;
        struct mapped_file file;
        struct model m;
        v.with_factors = cases[i].factors;
        v.scaling = cases[i].scaling;
        open_good(&m, &v, &file);
        float want = powf(500000, -2.0f / HEAD) / cases[i].factor;
        assert_true(fabsf(m.rope_frequency[1] - want) < 1e-6f * want);
        assert_true(fabsf(m.rope_attention_scale - cases[i].attention) < 1e-4f);
        close_good(&m, &file);
    }
}

static void test_tokenizer(void **state)
{
    struct mapped_file file;
    struct model m;
    struct error err = {0};
    uint32_t *ids;
    size_t count;
    (void)state;

    open_good(&m, &plain, &file);
    assert_int_equal(m.bos_token, 1);
    assert_true(tokenizer_encode(m.tokenizer, "aa a", 4, &ids, &count, &err));
    assert_int_equal(count, 3);
    assert_int_equal(ids[0], 5);
    assert_int_equal(ids[1], 4);
    assert_int_equal(ids[2], 5);
    free(ids);
    close_good(&m, &file);
}

static void refuse(const void *data, size_t size, const char *wanted)
{
    struct model m = {0};
    struct error err = {0};
    struct mapped_file file = exact_copy(data, size);

    bool accepted = import_gguf(&m, &file, "bad.gguf", true, &err);
    model_close(&m);
    free((void *)(uintptr_t)file.data);
    assert_refused(accepted, &err, "bad.gguf: ");
    assert_refused(accepted, &err, wanted);
}

static void test_truncated(void **state)
{
    struct bytes b = make_file(&plain);
    size_t data = b.size;
    (void)state;

    for (int i = 0; i < TENSORS; i++)
        if (!is_left_out(&plain, i))
            data -= tensor_bytes(&plain, i); /* all are multiples of 32 */
    for (size_t size = 0; size < data + 64; size++)
        refuse(b.data, size, "");
    for (size_t size = data; size < b.size; size += 4093)
        refuse(b.data, size, "");
    refuse(b.data, b.size - 1, "tensor blk.0.ffn_down.weight: ends at");
    bytes_free(&b);
}

static void test_bad_keys(void **state)
{
    static const struct {
        struct variant v;
        const char *wanted;
    } faults[] = {
        {{.version = 1, .architecture = "llama"}, "byte 4: GGUF version 1 is not supported"},
        {{.version = 0x03000000, .architecture = "llama"}, "big-endian"},
        {{.version = 3, .architecture = "gemma"}, "architecture \"gemma\" is not supported"},
        {{.version = 3, .architecture = ""}, "architecture \"\" is not supported"},
        {{.version = 3, .architecture = "llama", .scaling = "longrope"}, "\"longrope\" is not"},
        {{.version = 3, .architecture = "llama", .tensor_type = 13}, "type Q5_K is not supported"},
        {{.version = 3, .architecture = "llama", .tensor_type = 999}, "type unknown to us"},
#define EXTRA(key, value)                                                                          \
    {.version = 3, .architecture = "llama", .extra_key = (key), .extra_value = (value)}
        {EXTRA("llama.expert_count", 8), "8 experts are not supported"},
        {EXTRA("llama.attention.key_length", 32), "tensor blk.0.attn_q.weight: shape [256, 256]"},
        {EXTRA("llama.attention.value_length", 32), "keys of 64 with values of 32"},
        {EXTRA("llama.rope.dimension_count", 32), "32 elements rotated"},
        {EXTRA("general.alignment", 0), "general.alignment is 0"},
        {EXTRA("general.alignment", 48), "general.alignment is 48"},
        {EXTRA("general.alignment", 1u << 31), "general.alignment is 2147483648"},
        {EXTRA("general.alignment", 1u << 20), "its offset is not aligned"},
        {EXTRA("llama.rope.scaling.type", 1), "llama.rope.scaling.type is not a string"},
        {EXTRA("llama.rope.scaling.factor", 1), "factor is not one real number"},
        {EXTRA("tokenizer.ggml.bos_token_id", 6), "BOS is token 6 of a vocabulary of 6"},
        {EXTRA("tokenizer.ggml.add_space_prefix", 1), "is not true or false"},
        {EXTRA("tokenizer.ggml.merges", 1), "is not an array of the right type"},
#undef EXTRA
    };
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct variant v = faults[i].v;
        /* Only the pairs and entries count: types that cannot be written have no data. */
        struct bytes b = make_file(&v);
        refuse(b.data, b.size, faults[i].wanted);
        bytes_free(&b);
    }
}

/* Overwrite `size` bytes at `shift` from the end of the first `key` in the file. */
static void patch(struct bytes *b, const char *key, size_t shift, const void *value, size_t size)
{
    uint8_t *found = memmem(b->data, b->size, key, strlen(key));
    assert_non_null(found);
    memcpy(found + strlen(key) + shift, value, size);
}

static void test_patched(void **state)
{
    static const struct {
        const char *key;
        size_t shift;
        uint64_t value;
        size_t size;
        const char *wanted;
    } faults[] = {
        {"GGUF", 4, UINT64_MAX, 8, "byte 8: 18446744073709551615 tensors"},
        {"GGUF", 12, UINT64_MAX, 8, "byte 16: 18446744073709551615 key/value pairs"},
        {"GGUF", 12, 1, 8, ""},
        {"general.architecture", 0, 13, 4, "a value of type 13"},
        {"general.architecture", 4, UINT64_MAX, 8, "the file ends in the"},
        {"llama.block_count", 4, 0, 4, "the number of layers is 0"},
        {"llama.block_count", 4, 2, 4, "tensor blk.1.attn_norm.weight is missing"},
        {"llama.block_count", 4, 0xffffffff, 4, "4294967295 layers"},
        {"llama.context_length", 4, 0, 4, "the context length is 0"},
        {"llama.embedding_length", 4, 0xffffffff, 4, "is too large"},
        {"llama.attention.head_count", 4, 0, 4, "the number of heads is 0"},
        {"rms_epsilon", 4, 0x7fc00000, 4, "epsilon nan"},
        {"freq_base", 4, 0, 4, "base is 0"},
        {"ggml.model", 12, 0x6d6d6d6d, 4, "a tokenizer \"mmmma\" is not supported"},
        {"ggml.tokens", 0, GGUF_U8, 4, ""},
        {"ggml.tokens", 4, GGUF_ARRAY, 4, "a value of type 9"},
        {"ggml.tokens", 8, UINT64_MAX, 8, "the file ends in the"},
        {"ggml.tokens", 8, 5, 8, ""},
        {"ggml.tokens", 16, UINT64_MAX - 8, 8, "the file ends in the string"},
        {"ggml.scores", 4, GGUF_I32, 4, "scores is not an array of the right type"},
        {"ggml.scores", 16, 0x7f800000, 4, "token 0: its score is not a number"},
        {"ggml.scores", 8, UINT64_MAX / 2, 8, "overflow"},
        {"token_type", 16, 7, 4, "token 0: its type is none"},
        {"token_type", 16, 6, 4, "token 0: it is no byte"},
        {"token_embd.weight", 0, 5, 4, "tensor token_embd.weight: too many dimensions"},
        {"token_embd.weight", 0, 1, 4, ""},
        {"token_embd.weight", 0, 0, 4, ""},
        {"token_embd.weight", 12, 5, 8, "tokens has 6 strings for a vocabulary of 5"},
        {"token_embd.weight", 12, UINT64_MAX / 256 + 1, 8, "tensor token_embd.weight: shape ove"},
        {"token_embd.weight", 12, UINT64_MAX / 1024 + 1, 8, "token_embd.weight: size overflows"},
        {"token_embd.weight", 12, 0, 8, "the vocabulary is 0"},
        {"token_embd.weight", 20, 13, 4, "type Q5_K is not supported"},
        {"token_embd.weight", 24, 32, 8, "overlap"},
        {"token_embd.weight", 24, 33, 8, "its offset is not aligned"},
        {"token_embd.weight", 24, UINT64_MAX - 31, 8, "its offset overflows"},
        {"token_embd.weight", 24, 1u << 30, 8, "begins behind the end"},
        {"output_norm.weight", 4, 255, 8, "output_norm.weight: shape [255], not [1, 256]"},
        {"output_norm.weight", 12, 4, 4, "type unknown to us is not"},
        {"blk.0.attn_q", 0, 0x6161, 1, "tensor blk.0.attn_q.weight is missing"},
        {"blk.0.ffn_u", 0, 0x7878, 1, "tensor blk.0.ffn_up.weight is missing"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct bytes b = make_file(&plain);
        patch(&b, faults[i].key, faults[i].shift, &faults[i].value, faults[i].size);
        struct model m = {0};
        struct error err = {0};
        struct mapped_file file = exact_copy(b.data, b.size);
        bool accepted = import_gguf(&m, &file, "bad.gguf", true, &err);
        model_close(&m);
        free((void *)(uintptr_t)file.data);
        bytes_free(&b);
        if (accepted || !strstr(err.message, faults[i].wanted))
            fail_msg("fault %zu (%s): %s \"%s\", not \"%s\"", i, faults[i].key,
                     accepted ? "accepted" : "refused with", err.message, faults[i].wanted);
        assert_refused(accepted, &err, "bad.gguf: ");
    }
}

static void test_left_over_tensor(void **state)
{
    struct variant v = plain;
    struct bytes b;
    (void)state;

    v.with_factors = true;
    b = make_file(&v);
    memcpy(memmem(b.data, b.size, "rope_freqs.weight", 17), "rope_bias.weight.", 17);
    refuse(b.data, b.size, "tensor rope_bias.weight. has no place in a Llama model");
    memcpy(memmem(b.data, b.size, "blk.0.attn_k", 12), "blk.0.attn_v", 12);
    refuse(b.data, b.size, "tensor blk.0.attn_v.weight: its name is taken already");
    bytes_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_rope),
        cmocka_unit_test(test_tokenizer),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_bad_keys),
        cmocka_unit_test(test_patched),
        cmocka_unit_test(test_left_over_tensor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
