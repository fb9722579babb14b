/* SPDX-License-Identifier: Apache-2.0 */
/* Mamba models as mamba_ssm, Hugging Face and llama.cpp write them: written
 * here, read back, with sizes and variants that are refused. */
#include <jansson.h>
#include <math.h>

#include "gen/import/gguf_file.h"
#include "gen/import/import.h"
#include "testbench/test_support.h"

enum { DIM = 8, LAYERS = 2, INNER = 16, STATE = 4, TAPS = 4, RANK = 3, HEADS = 2, VOCAB = 16 };

/* A tensor by mamba_ssm's name and by llama.cpp's; of both architectures, or of
 * one: 1 or 2. */
struct part {
    const char *name, *gguf_name;
    int of;
    uint32_t shape[3]; /* outermost first, 0 ends */
};

static const struct part outer[] = {
    {"backbone.embedding.weight", "token_embd.weight", 0, {VOCAB, DIM}},
    {"backbone.norm_f.weight", "output_norm.weight", 0, {DIM}},
};
static const struct part inner[] = {
    {"norm.weight", "attn_norm.weight", 0, {DIM}},
    {"mixer.in_proj.weight", "ssm_in.weight", 1, {2 * INNER, DIM}},
    {"mixer.in_proj.weight", "ssm_in.weight", 2, {2 * INNER + 2 * STATE + HEADS, DIM}},
    {"mixer.conv1d.weight", "ssm_conv1d.weight", 1, {INNER, 1, TAPS}},
    {"mixer.conv1d.weight", "ssm_conv1d.weight", 2, {INNER + 2 * STATE, 1, TAPS}},
    {"mixer.conv1d.bias", "ssm_conv1d.bias", 1, {INNER}},
    {"mixer.conv1d.bias", "ssm_conv1d.bias", 2, {INNER + 2 * STATE}},
    {"mixer.x_proj.weight", "ssm_x.weight", 1, {RANK + 2 * STATE, INNER}},
    {"mixer.dt_proj.weight", "ssm_dt.weight", 1, {INNER, RANK}},
    {"mixer.dt_proj.bias", "ssm_dt.bias", 1, {INNER}},
    {"mixer.dt_bias", "ssm_dt.bias", 2, {HEADS}},
    {"mixer.A_log", "ssm_a", 1, {INNER, STATE}},
    {"mixer.A_log", "ssm_a", 2, {HEADS}},
    {"mixer.D", "ssm_d", 1, {INNER}},
    {"mixer.D", "ssm_d", 2, {HEADS}},
    {"mixer.norm.weight", "ssm_norm.weight", 2, {INNER}},
    {"mixer.out_proj.weight", "ssm_out.weight", 0, {DIM, INNER}},
};
enum { OUTER = sizeof outer / sizeof *outer, INNER_PARTS = sizeof inner / sizeof *inner };

static uint32_t count_of(const struct part *p)
{
    uint32_t count = 1;
    for (int i = 0; i < 3 && p->shape[i]; i++)
        count *= p->shape[i];
    return count;
}

static float value_of(uint32_t i)
{
    return (float)(i % 61) / 64 - 0.25F;
}

static void put_values(struct bytes *b, const struct part *p)
{
    for (uint32_t i = 0; i < count_of(p); i++)
        put_f32(b, value_of(i));
}

/* The parts of a model, one after the other: name and part to `visit`. */
static void each_part(int which, bool gguf, void *context,
                      void (*visit)(void *context, const char *name, const struct part *p))
{
    for (int i = 0; i < OUTER; i++)
        visit(context, gguf ? outer[i].gguf_name : outer[i].name, &outer[i]);
    for (int layer = 0; layer < LAYERS; layer++)
        for (int i = 0; i < INNER_PARTS; i++) {
            char name[128];
            snprintf(name, sizeof name, "%s%d.%s", gguf ? "blk." : "backbone.layers.", layer,
                     gguf ? inner[i].gguf_name : inner[i].name);
            if (!inner[i].of || inner[i].of == which)
                visit(context, name, &inner[i]);
        }
}

struct safetensors {
    json_t *header;
    struct bytes data;
    const char *rename; /* the embedding's name, or NULL */
};

static void add_to_safetensors(void *context, const char *name, const struct part *p)
{
    struct safetensors *s = context;
    json_t *shape = json_array();
    size_t begin = s->data.size;

    put_values(&s->data, p);
    for (int i = 0; i < 3 && p->shape[i]; i++)
        json_array_append_new(shape, json_integer(p->shape[i]));
    if (s->rename && p == &outer[0])
        name = s->rename;
    json_object_set_new(s->header, name,
                        json_pack("{s:s, s:o, s:[I, I]}", "dtype", "F32", "shape", shape,
                                  "data_offsets", (json_int_t)begin, (json_int_t)s->data.size));
}

static void write_folder(const char *folder, int which, const char *rename, const char *config)
{
    struct safetensors s = {.header = json_object(), .rename = rename};
    struct bytes file = {0};

    each_part(which, false, &s, add_to_safetensors);
    char *text = json_dumps(s.header, JSON_COMPACT);
    put_u64(&file, strlen(text));
    put_text(&file, text);
    put(&file, s.data.data, s.data.size);
    write_file(folder, "model.safetensors", file.data, file.size);
    write_file(folder, "config.json", config, strlen(config));
    free(text);
    json_decref(s.header);
    bytes_free(&s.data);
    bytes_free(&file);
}

static void check_model(const struct model *m, int which, bool log)
{
    float row[INNER], decay[INNER];

    assert_int_equal(m->architecture, which == 1 ? ARCHITECTURE_MAMBA : ARCHITECTURE_MAMBA2);
    assert_int_equal(m->dim, DIM);
    assert_int_equal(m->layers, LAYERS);
    assert_int_equal(m->vocab, VOCAB);
    assert_int_equal(m->mixer.inner, INNER);
    assert_int_equal(m->mixer.state, STATE);
    assert_int_equal(m->mixer.heads, which == 1 ? INNER : HEADS);
    assert_int_equal(m->mixer.dt_rank, which == 1 ? RANK : 0);
    assert_true(m->tied_head);
    weight_row(&m->mamba_layer[1].out_proj, 2, row);
    assert_true(row[3] == value_of(2 * INNER + 3));
    weight_row(&m->mamba_layer[1].conv, 5, row);
    assert_true(row[3] == value_of(5 * TAPS + 3));
    model_decay_row(m, 1, 0, decay);
    assert_true(decay[1] == (log ? expf(value_of(1)) : -value_of(1)));
}

#define STATE_SPACES                                                                               \
    "{\"d_model\":8,\"n_layer\":2,\"vocab_size\":11,\"pad_vocab_size_multiple\":16,\"ssm_cfg\":{"
#define OF_MAMBA "\"d_state\":4,\"dt_rank\":3}"
#define OF_MAMBA2 "\"layer\":\"Mamba2\",\"d_state\":4,\"headdim\":8}"
#define HUGGING_FACE                                                                               \
    "{\"hidden_size\":8,\"num_hidden_layers\":2,\"vocab_size\":16,\"state_size\":4,"               \
    "\"tie_word_embeddings\":true,"
#define HF_MAMBA HUGGING_FACE "\"model_type\":\"mamba\",\"time_step_rank\":3"
#define HF_MAMBA2 HUGGING_FACE "\"model_type\":\"mamba2\",\"head_dim\":8,\"n_groups\":1"

static void test_folders(void **state)
{
    static const struct {
        int which;
        const char *rename, *config;
    } cases[] = {
        {1, NULL, STATE_SPACES OF_MAMBA "}"},
        {2, NULL, STATE_SPACES OF_MAMBA2 "}"},
        {1, "backbone.embeddings.weight", HF_MAMBA "}"},
        {2, "backbone.embeddings.weight", HF_MAMBA2 "}"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *folder = make_folder();
        struct model m = {0};
        struct error err = {0};
        write_folder(folder, cases[i].which, cases[i].rename, cases[i].config);
        if (!import_huggingface(&m, folder, &err))
            fail_msg("case %zu: %s", i, err.message);
        check_model(&m, cases[i].which, true);
        model_close(&m);
        remove_folder(folder);
    }
}

static void test_refused(void **state)
{
    static const struct {
        int which;
        const char *config, *wanted;
    } cases[] = {
        {1, STATE_SPACES OF_MAMBA ",\"rms_norm\":false}", "rms_norm false is not supported"},
        {1, STATE_SPACES OF_MAMBA ",\"d_intermediate\":9}", "d_intermediate is not supported"},
        {1, STATE_SPACES OF_MAMBA ",\"attn_layer_idx\":[1]}", "attn_layer_idx is not supported"},
        {1, STATE_SPACES "\"d_state\":4,\"dt_rank\":4}}", "x_proj.weight: shape [11, 16]"},
        {1, STATE_SPACES "\"d_state\":4096}}", "the state size is 4096"},
        {1, STATE_SPACES "\"d_conv\":9}}", "the convolution is 9"},
        {1, STATE_SPACES "\"layer\":\"Mamba3\"}}", "ssm_cfg.layer is not supported"},
        {2, STATE_SPACES "\"layer\":\"Mamba2\",\"headdim\":7}}", "no heads of 7"},
        {2, STATE_SPACES "\"layer\":\"Mamba2\",\"ngroups\":2}}", "ngroups 2 is not supported"},
        {1, STATE_SPACES "\"expand\":4294967295}}", "the inner size is too large"},
        {1, HF_MAMBA ",\"use_bias\":true}", "use_bias true is not supported"},
        {1, HF_MAMBA ",\"hidden_act\":\"gelu\"}", "hidden_act is not supported"},
        {2, HF_MAMBA2 ",\"expand\":0}", "the inner size is 0"},
        {1, HF_MAMBA ",\"bos_token_id\":16}", "BOS is token 16"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *folder = make_folder();
        struct model m = {0};
        struct error err = {0};
        write_folder(folder, cases[i].which, NULL, cases[i].config);
        assert_refused(import_huggingface(&m, folder, &err), &err, cases[i].wanted);
        model_close(&m);
        remove_folder(folder);
    }
}

static void put_string(struct bytes *b, const char *text)
{
    put_u64(b, strlen(text));
    put_text(b, text);
}

struct gguf_writer {
    struct bytes head, data;
    uint64_t tensors;
};

static void add_to_gguf(void *context, const char *name, const struct part *p)
{
    struct gguf_writer *w = context;
    uint32_t dimension[3], count = 0;

    for (int i = 3; i-- > 0;) /* innermost first, and llama.cpp keeps no 1 */
        if (p->shape[i] > 1)
            dimension[count++] = p->shape[i];
    put_string(&w->head, name);
    put_u32(&w->head, count);
    for (uint32_t i = 0; i < count; i++)
        put_u64(&w->head, dimension[i]);
    put_u32(&w->head, 0); /* float32 */
    put_u64(&w->head, w->data.size);
    put_values(&w->data, p);
    while (w->data.size % 32)
        put_u8(&w->data, 0);
    w->tensors++;
}

static struct bytes write_gguf(int which, const char *extra_key, uint32_t extra)
{
    const struct {
        const char *name;
        uint32_t value;
    } sizes[] = {{"embedding_length", DIM}, {"block_count", LAYERS},
                 {"ssm.conv_kernel", TAPS}, {"ssm.inner_size", INNER},
                 {"ssm.state_size", STATE}, {"ssm.time_step_rank", which == 1 ? RANK : HEADS}};
    const char *kind = which == 1 ? "mamba" : "mamba2";
    struct gguf_writer w = {0};
    struct bytes file = {0};

    each_part(which, true, &w, add_to_gguf);
    put_text(&file, "GGUF");
    put_u32(&file, 3);
    put_u64(&file, w.tensors);
    put_u64(&file, 7 + (extra_key != NULL));
    put_string(&file, "general.architecture");
    put_u32(&file, 8); /* a string */
    put_string(&file, kind);
    for (size_t i = 0; i < 6; i++) {
        char key[64];
        snprintf(key, sizeof key, "%s.%s", kind, sizes[i].name);
        put_string(&file, key);
        put_u32(&file, 4); /* uint32 */
        put_u32(&file, sizes[i].value);
    }
    if (extra_key) {
        put_string(&file, extra_key);
        put_u32(&file, 4);
        put_u32(&file, extra);
    }
    put(&file, w.head.data, w.head.size);
    while (file.size % 32)
        put_u8(&file, 0);
    put(&file, w.data.data, w.data.size);
    bytes_free(&w.head);
    bytes_free(&w.data);
    return file;
}

static void test_gguf(void **state)
{
    (void)state;

    for (int which = 1; which <= 2; which++) {
        struct bytes file = write_gguf(which, NULL, 0);
        struct mapped_file copy = exact_copy(file.data, file.size);
        struct model m = {0};
        struct error err = {0};
        if (!import_gguf(&m, &copy, "model.gguf", false, &err))
            fail_msg("%s", err.message);
        check_model(&m, which, false);
        model_close(&m);
        for (size_t size = 0; size < file.size; size += 97) {
            struct mapped_file cut = exact_copy(file.data, size);
            m = (struct model){0};
            assert_refused(import_gguf(&m, &cut, "model.gguf", false, &err), &err, "model.gguf");
            model_close(&m);
            free((void *)(uintptr_t)cut.data);
        }
        free((void *)(uintptr_t)copy.data);
        bytes_free(&file);
    }
    struct bytes file = write_gguf(2, "mamba2.ssm.group_count", 2);
    struct mapped_file copy = {file.data, file.size};
    struct model m = {0};
    struct error err = {0};
    assert_refused(import_gguf(&m, &copy, "model.gguf", false, &err), &err,
                   "mamba2.ssm.group_count 2 is not supported");
    model_close(&m);
    bytes_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folders),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_gguf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
