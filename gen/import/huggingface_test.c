/* SPDX-License-Identifier: Apache-2.0 */
/* Folders in Hugging Face's layout: written here in every type, read back, damaged. */
#include <jansson.h>
#include <math.h>

#include "base/little_endian.h"
#include "gen/import/import.h"
#include "host/tokenizer/tokenizer.h"
#include "testbench/test_support.h"

enum { DIM = 6, HIDDEN = 5, LAYERS = 2, HEADS = 2, KV_HEADS = 1, HEAD = 4, VOCAB = 9 };

enum type { F32, F16, BF16 };
static const char *const type_names[] = {"F32", "F16", "BF16"};

struct shape {
    const char *name;
    uint32_t rows, columns; /* rows 0: a vector */
};

static const struct shape outer[] = {
    {"model.embed_tokens.weight", VOCAB, DIM},
    {"model.norm.weight", 0, DIM},
    {"lm_head.weight", VOCAB, DIM},
};
static const struct shape inner[] = {
    {"input_layernorm.weight", 0, DIM},
    {"self_attn.q_proj.weight", HEADS *HEAD, DIM},
    {"self_attn.k_proj.weight", KV_HEADS *HEAD, DIM},
    {"self_attn.v_proj.weight", KV_HEADS *HEAD, DIM},
    {"self_attn.o_proj.weight", DIM, HEADS *HEAD},
    {"post_attention_layernorm.weight", 0, DIM},
    {"mlp.gate_proj.weight", HIDDEN, DIM},
    {"mlp.up_proj.weight", HIDDEN, DIM},
    {"mlp.down_proj.weight", DIM, HIDDEN},
};

/* Exact in all three types: a sign and 7 bits, scaled by a power of two. */
static float value_at(const char *name, uint32_t i)
{
    uint32_t hash = 17;
    while (*name)
        hash = hash * 31 + (uint8_t)*name++;
    return (float)((int)((hash + i * 7) % 255) - 127) / 64;
}

static void put_value(struct bytes *b, enum type type, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (type == F32)
        put_u32(b, bits);
    else if (type == BF16)
        put_u16(b, (uint16_t)(bits >> 16));
    else if (value == 0)
        put_u16(b, 0);
    else /* the values are normal in binary16: rebias the exponent */
        put_u16(b, (uint16_t)((bits >> 16 & 0x8000) | (((bits >> 23 & 255) - 112) << 10) |
                              (bits >> 13 & 1023)));
}

static void add_tensor(json_t *header, struct bytes *data, const char *name,
                       const struct shape *shape, enum type type)
{
    uint32_t count = (shape->rows ? shape->rows : 1) * shape->columns;
    size_t begin = data->size;

    for (uint32_t i = 0; i < count; i++)
        put_value(data, type, value_at(name, i));
    json_t *dims = shape->rows ? json_pack("[i, i]", shape->rows, shape->columns)
                               : json_pack("[i]", shape->columns);
    assert_int_equal(json_object_set_new(header, name,
                                         json_pack("{s:s, s:o, s:[I, I]}", "dtype",
                                                   type_names[type], "shape", dims, "data_offsets",
                                                   (json_int_t)begin, (json_int_t)data->size)),
                     0);
}

static void write_safetensors(const char *folder, const char *file, json_t *header,
                              struct bytes *data)
{
    char *text = json_dumps(header, JSON_COMPACT);
    struct bytes b = {0};
    put_u64(&b, strlen(text));
    put_text(&b, text);
    put(&b, data->data, data->size);
    write_file(folder, file, b.data, b.size);
    free(text);
    bytes_free(&b);
    bytes_free(data);
    json_decref(header);
}

static const char config_text[] =
    "{\"architectures\":[\"LlamaForCausalLM\"],\"model_type\":\"llama\",\"hidden_size\":6,"
    "\"intermediate_size\":5,\"num_hidden_layers\":2,\"num_attention_heads\":2,"
    "\"num_key_value_heads\":1,\"head_dim\":4,\"vocab_size\":9,\"max_position_embeddings\":64,"
    "\"rms_norm_eps\":1e-05,\"bos_token_id\":1,\"eos_token_id\":[2,3]";

/* `more` are members after those above, each with a comma before it. */
static void write_config(const char *folder, const char *more)
{
    struct bytes b = {0};
    put_text(&b, config_text);
    put_text(&b, more);
    put_text(&b, "}");
    write_file(folder, "config.json", b.data, b.size);
    bytes_free(&b);
}

static void write_model(const char *folder, enum type type, bool with_head)
{
    json_t *header = json_object();
    struct bytes data = {0};
    char name[128];

    for (size_t i = 0; i < 3; i++)
        if (with_head || i < 2)
            add_tensor(header, &data, outer[i].name, &outer[i], type);
    for (int l = 0; l < LAYERS; l++)
        for (size_t i = 0; i < sizeof inner / sizeof *inner; i++) {
            snprintf(name, sizeof name, "model.layers.%d.%s", l, inner[i].name);
            add_tensor(header, &data, name, &inner[i], type);
        }
    write_safetensors(folder, "model.safetensors", header, &data);
}

/* The outer tensors in one file, each layer in another. */
static void write_shards(const char *folder)
{
    json_t *map = json_object(), *header = json_object();
    struct bytes data = {0};
    char name[128], file[64];

    for (size_t i = 0; i < 3; i++) {
        add_tensor(header, &data, outer[i].name, &outer[i], F32);
        json_object_set_new(map, outer[i].name, json_string("outer.safetensors"));
    }
    write_safetensors(folder, "outer.safetensors", header, &data);
    for (int l = 0; l < LAYERS; l++) {
        header = json_object();
        snprintf(file, sizeof file, "layer-%d.safetensors", l);
        for (size_t i = 0; i < sizeof inner / sizeof *inner; i++) {
            snprintf(name, sizeof name, "model.layers.%d.%s", l, inner[i].name);
            add_tensor(header, &data, name, &inner[i], F32);
            json_object_set_new(map, name, json_string(file));
        }
        write_safetensors(folder, file, header, &data);
    }
    json_t *index = json_pack("{s:o}", "weight_map", map);
    char *text = json_dumps(index, 0);
    write_file(folder, "model.safetensors.index.json", text, strlen(text));
    free(text);
    json_decref(index);
}

/* Row r of wq and wk is the file's row r/2, or that of the other half of the head. */
static uint32_t file_row(uint32_t r)
{
    return r / HEAD * HEAD + r % HEAD / 2 + (r % 2) * (HEAD / 2);
}

static void check_weight(const struct weight *w, const char *name, const struct shape *shape)
{
    bool paired = strstr(name, "q_proj") || strstr(name, "k_proj");
    float row[16];

    assert_int_equal(w->rows, shape->rows ? shape->rows : 1);
    assert_int_equal(w->columns, shape->columns);
    for (uint32_t r = 0; r < w->rows; r++) {
        weight_row(w, r, row);
        for (uint32_t c = 0; c < w->columns; c++) {
            float want = value_at(name, (paired ? file_row(r) : r) * w->columns + c);
            if (row[c] != want)
                fail_msg("%s, row %u, column %u: %g, not %g", name, r, c, (double)row[c],
                         (double)want);
        }
    }
}

static void check_model(const char *folder, bool tied)
{
    struct model m = {0};
    struct error err = {0};

    if (!import_huggingface(&m, folder, &err))
        fail_msg("%s", err.message);
    assert_int_equal(m.head_dim, HEAD);
    assert_int_equal(m.max_seq, 64);
    assert_int_equal(m.bos_token, 1);
    assert_int_equal(m.eos_token, 2);
    assert_int_equal(m.tied_head, tied);
    assert_true(m.norm_eps == 1e-5f);
    check_weight(&m.embedding, outer[0].name, &outer[0]);
    check_weight(&m.final_norm, outer[1].name, &outer[1]);
    check_weight(&m.head, outer[tied ? 0 : 2].name, &outer[2]);
    for (uint32_t l = 0; l < LAYERS; l++) {
        const struct llama_layer *layer = &m.layer[l];
        const struct weight *weights[] = {
            &layer->attention_norm, &layer->wq,     &layer->wk,   &layer->wv,    &layer->wo,
            &layer->ffn_norm,       &layer->w_gate, &layer->w_up, &layer->w_down};
        char name[128];
        for (size_t i = 0; i < sizeof inner / sizeof *inner; i++) {
            snprintf(name, sizeof name, "model.layers.%u.%s", l, inner[i].name);
            check_weight(weights[i], name, &inner[i]);
        }
    }
    model_close(&m);
}

static void test_types(void **state)
{
    (void)state;
    for (int tied = 0; tied < 2; tied++)
        for (enum type type = F32; type <= BF16; type++) {
            const char *folder = make_folder();
            write_config(folder, tied ? ",\"tie_word_embeddings\":true" : "");
            write_model(folder, type, !tied || type == F16); /* a tied head may be there too */
            check_model(folder, tied);
            remove_folder(folder);
        }
}

static void test_shards(void **state)
{
    const char *folder = make_folder();
    (void)state;
    write_config(folder, "");
    write_shards(folder);
    check_model(folder, false);
    remove_folder(folder);
}

static void refuse_folder(const char *folder, const char *wanted)
{
    struct model m = {0};
    struct error err = {0};
    bool accepted = import_huggingface(&m, folder, &err);
    model_close(&m);
    remove_folder(folder);
    assert_refused(accepted, &err, wanted);
}

static void test_bad_configs(void **state)
{
    /* A member given twice is refused, so that these replace parts of the text. */
    static const struct {
        const char *from, *to, *wanted;
    } faults[] = {
        {"LlamaForCausalLM", "MistralForCausalLM", "architecture MistralForCausalLM is not"},
        {"\"llama\"", "\"gemma\"", "model_type \"gemma\" is not supported"},
        {"\"hidden_size\":6", "\"hidden_size\":0", "the dimension is 0"},
        {"\"hidden_size\":6", "\"hidden_size\":\"6\"", "hidden_size is not an integer"},
        {"\"hidden_size\":6", "\"hidden_size\":-6", "hidden_size is -6, not 0 to"},
        {"\"hidden_size\":6", "\"hidden_size\":4294967296", "hidden_size is 4294967296, not"},
        {"\"hidden_size\":6", "\"hidden_size\":4294967295", "is too large"},
        {"\"hidden_size\":6", "\"hidden_size\":7",
         "tensor model.embed_tokens.weight: shape [9, 6], not [9, 7]"},
        {"\"num_hidden_layers\":2", "\"num_hidden_layers\":0", "the number of layers is 0"},
        {"\"num_hidden_layers\":2", "\"num_hidden_layers\":3",
         "tensor model.layers.2.input_layernorm.weight is missing"},
        {"\"num_hidden_layers\":2", "\"num_hidden_layers\":4000000000", "4000000000 layers of"},
        {"\"num_hidden_layers\":2", "\"num_hidden_layers\":1", "has no place in a Llama model"},
        {"\"num_attention_heads\":2", "\"num_attention_heads\":0", "the number of heads is 0"},
        {"\"num_key_value_heads\":1", "\"num_key_value_heads\":3", "cannot share 3"},
        {"\"head_dim\":4", "\"head_dim\":3", "has no pairs"},
        {"\"head_dim\":4", "\"head_dim\":65538", "the head dimension is 65538, not 65536"},
        {"\"head_dim\":4", "\"head_dim\":null", "has no pairs"},
        {"\"vocab_size\":9", "\"vocab_size\":10", "shape [9, 6], not [10, 6]"},
        {"\"bos_token_id\":1", "\"bos_token_id\":9", "BOS is token 9 of a vocabulary of 9"},
        {"[2,3]", "[]", "eos_token_id does not begin with a token's id"},
        {"[2,3]", "[\"2\"]", "eos_token_id does not begin with a token's id"},
        {"1e-05", "2.0", "epsilon 2"},
        {"1e-05", "\"x\"", "rms_norm_eps is not a number"},
        {"1e-05", "1e-05,\"attention_bias\":true", "attention_bias is not supported"},
        {"1e-05", "1e-05,\"mlp_bias\":true", "mlp_bias is not supported"},
        {"1e-05", "1e-05,\"attention_bias\":1", "attention_bias is not true or false"},
        {"1e-05", "1e-05,\"hidden_act\":\"gelu\"", "hidden_act \"gelu\" is not supported"},
        {"1e-05", "1e-05,\"quantization_config\":{}", "quantised weights are not supported"},
        {"1e-05", "1e-05,\"rope_theta\":0", "base is 0"},
        {"1e-05", "1e-05,\"rope_scaling\":[]", "rope_scaling is not an object"},
        {"1e-05", "1e-05,\"rope_scaling\":{\"type\":\"dynamic\",\"factor\":2}",
         "rope_type \"dynamic\" is not supported"},
        {"1e-05", "1e-05,\"rope_scaling\":{\"type\":\"linear\"}", "scaling factor is 0"},
        {"1e-05", "1e-05,\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":2,\"mscale\":1}",
         "mscale is not supported"},
        {"\"head_dim\"", "\"head_dim", "config.json: line 1"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const char *folder = make_folder(), *found = strstr(config_text, faults[i].from);
        struct bytes b = {0};
        assert_non_null(found);
        put(&b, config_text, (size_t)(found - config_text));
        put_text(&b, faults[i].to);
        put_text(&b, found + strlen(faults[i].from));
        put_text(&b, "}");
        write_file(folder, "config.json", b.data, b.size);
        bytes_free(&b);
        write_model(folder, F16, true);
        refuse_folder(folder, faults[i].wanted);
    }
}

static void test_bad_folders(void **state)
{
    static const struct {
        const char *index, *wanted;
    } faults[] = {
        {"{}", "weight_map is not an object"},
        {"{\"weight_map\":{\"a\":1}}", "weight_map: a: not a file's name"},
        {"{\"weight_map\":{\"a\":\"../x\"}}", "weight_map: a: not a file's name"},
        {"{\"weight_map\":{\"a\":\"absent.safetensors\"}}", "absent.safetensors: No such file"},
        {"{\"weight_map\":{\"a\":\"\"}}", "not a file's name"},
    };
    const char *folder = make_folder();
    (void)state;

    refuse_folder(folder, "config.json: No such file");
    folder = make_folder();
    write_config(folder, "");
    refuse_folder(folder, "model.safetensors: No such file");
    folder = make_folder();
    write_config(folder, "");
    write_model(folder, F32, false);
    refuse_folder(folder, "tensor lm_head.weight is missing");
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        folder = make_folder();
        write_config(folder, "");
        write_file(folder, "model.safetensors.index.json", faults[i].index,
                   strlen(faults[i].index));
        refuse_folder(folder, faults[i].wanted);
    }
}

/* llama-4m: the golden text and ids of its card, and a weight against the file. */
static void check_ids(const struct tokenizer *t, const json_t *golden, const char *text_key,
                      const char *ids_key)
{
    const char *text = json_string_value(json_object_get(golden, text_key));
    const json_t *ids = json_object_get(golden, ids_key);
    char decoded[TOKEN_TEXT_MAX * 128];
    size_t count, used = 0;
    uint32_t *id, previous = TOKEN_NONE;
    struct error err = {0};

    if (!tokenizer_encode(t, text, strlen(text), &id, &count, &err))
        fail_msg("%s", err.message);
    assert_int_equal(count, json_array_size(ids));
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(id[i], json_integer_value(json_array_get(ids, i)));
        used += tokenizer_decode(t, previous, id[i], decoded + used);
        previous = id[i];
    }
    assert_int_equal(used, strlen(text));
    assert_memory_equal(decoded, text, used);
    free(id);
}

static void test_llama_4m(void **state)
{
    const char *golden_path = shared_path("models/transformer/llama-4m/golden.json");
    struct model m;
    struct error err = {0};
    float row[256];
    (void)state;

    if (!golden_path)
        skip();
    json_t *golden = json_load_file(golden_path, 0, NULL);
    assert_non_null(golden);
    if (!model_open(&m, shared_path("models/transformer/llama-4m"), NULL, &err))
        fail_msg("%s", err.message);
    assert_string_equal(m.name, "llama-4m");
    assert_int_equal(model_parameters(&m), 3950848);
    check_ids(m.tokenizer, golden, "prompt_text", "prompt_ids");
    check_ids(m.tokenizer, golden, "continuation_text", "continuation_ids");
    weight_row(&m.layer[0].wq, 33, row); /* head 1, pair 0, second half: row 32 + 16 */
    assert_memory_equal(row, m.layer[0].wq.data + (size_t)48 * 256 * 4, sizeof row);
    model_close(&m);
    json_decref(golden);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),       cmocka_unit_test(test_shards),
        cmocka_unit_test(test_bad_configs), cmocka_unit_test(test_bad_folders),
        cmocka_unit_test(test_llama_4m),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
