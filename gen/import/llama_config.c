/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/import/llama_config.h"

#include <string.h>

#include "gen/import/import.h"

static bool check_architecture(const json_t *config, const char *path, struct error *err)
{
    const json_t *names = json_object_get(config, "architectures");
    const char *type = "", *activation = "silu";
    bool attention_bias = false, mlp_bias = false;

    if (!json_read_text(config, path, "model_type", &type, err) ||
        !json_read_text(config, path, "hidden_act", &activation, err) ||
        !json_read_flag(config, path, "attention_bias", &attention_bias, err) ||
        !json_read_flag(config, path, "mlp_bias", &mlp_bias, err))
        return false;
    const char *name = json_string_value(json_array_get(names, 0));
    if (name && strcmp(name, "LlamaForCausalLM") != 0)
        return error_set(err, ERROR_INPUT, "%s: architecture %s is not supported", path, name);
    if (strcmp(type, "llama") != 0)
        return error_set(err, ERROR_INPUT, "%s: model_type \"%s\" is not supported", path, type);
    if (strcmp(activation, "silu") != 0)
        return error_set(err, ERROR_INPUT, "%s: hidden_act \"%s\" is not supported", path,
                         activation);
    if (attention_bias || mlp_bias)
        return error_set(err, ERROR_INPUT, "%s: %s is not supported", path,
                         attention_bias ? "attention_bias" : "mlp_bias");
    if (json_is_object(json_object_get(config, "quantization_config")))
        return error_set(err, ERROR_INPUT, "%s: quantised weights are not supported", path);
    return true;
}

/* A token's id, or the first of several; UINT32_MAX where there is none. */
static bool read_token(const json_t *config, const char *path, const char *key, uint32_t *id,
                       struct error *err)
{
    const json_t *value = json_object_get(config, key);

    *id = UINT32_MAX;
    if (!json_is_array(value))
        return json_read_u32(config, path, key, id, err);
    const json_t *first = json_array_get(value, 0);
    json_int_t number = json_integer_value(first);
    if (!json_is_integer(first) || number < 0 || number > UINT32_MAX)
        return error_set(err, ERROR_INPUT, "%s: %s does not begin with a token's id", path, key);
    *id = (uint32_t)number;
    return true;
}

static bool read_sizes(struct model *m, const json_t *config, const char *path, struct error *err)
{
    double epsilon = 1e-6;

    m->max_seq = 2048;
    if (!json_read_u32(config, path, "hidden_size", &m->dim, err) ||
        !json_read_u32(config, path, "intermediate_size", &m->hidden_dim, err) ||
        !json_read_u32(config, path, "num_hidden_layers", &m->layers, err) ||
        !json_read_u32(config, path, "num_attention_heads", &m->heads, err) ||
        !json_read_u32(config, path, "vocab_size", &m->vocab, err) ||
        !json_read_u32(config, path, "max_position_embeddings", &m->max_seq, err) ||
        !json_read_number(config, path, "rms_norm_eps", &epsilon, err) ||
        !json_read_flag(config, path, "tie_word_embeddings", &m->tied_head, err) ||
        !read_token(config, path, "bos_token_id", &m->bos_token, err) ||
        !read_token(config, path, "eos_token_id", &m->eos_token, err))
        return false;
    m->norm_eps = (float)epsilon;
    m->kv_heads = m->heads;
    m->head_dim = m->heads ? m->dim / m->heads : 0;
    if (!json_read_u32(config, path, "num_key_value_heads", &m->kv_heads, err) ||
        !json_read_u32(config, path, "head_dim", &m->head_dim, err))
        return false;
    return import_check_sizes(m, path, err);
}

/* attention_factor, or what DeepSeek's mscale and mscale_all_dim make of it. */
static bool read_yarn(struct rope *rope, const json_t *scaling, const char *place,
                      struct error *err)
{
    double mscale = 0, mscale_all_dim = 0;
    bool truncate = true;

    rope->beta_fast = 32;
    rope->beta_slow = 1;
    if (!json_read_number(scaling, place, "beta_fast", &rope->beta_fast, err) ||
        !json_read_number(scaling, place, "beta_slow", &rope->beta_slow, err) ||
        !json_read_number(scaling, place, "attention_factor", &rope->attention_factor, err) ||
        !json_read_number(scaling, place, "mscale", &mscale, err) ||
        !json_read_number(scaling, place, "mscale_all_dim", &mscale_all_dim, err) ||
        !json_read_flag(scaling, place, "truncate", &truncate, err))
        return false;
    rope->keep_fractions = !truncate;
    if (mscale != 0 || mscale_all_dim != 0)
        return error_set(err, ERROR_INPUT, "%s: mscale is not supported", place);
    return true;
}

static bool read_scaling(struct rope *rope, const json_t *scaling, const char *place,
                         const struct model *m, struct error *err)
{
    static const char *const names[] = {"default", "linear", "llama3", "yarn"};
    const char *type = "default";
    size_t i = 0;

    if (!json_read_text(scaling, place, "type", &type, err) || /* the old name */
        !json_read_text(scaling, place, "rope_type", &type, err) ||
        !json_read_number(scaling, place, "rope_theta", &rope->base, err) ||
        !json_read_number(scaling, place, "original_max_position_embeddings",
                          &rope->original_context, err))
        return false;
    while (i < sizeof names / sizeof *names && strcmp(names[i], type) != 0)
        i++;
    if (i == sizeof names / sizeof *names)
        return error_set(err, ERROR_INPUT, "%s: rope_type \"%s\" is not supported", place, type);
    rope->type = (enum rope_type)i;
    if (rope->type == ROPE_YARN && rope->original_context > 0)
        rope->factor = m->max_seq / rope->original_context;
    if (!json_read_number(scaling, place, "factor", &rope->factor, err) ||
        !json_read_number(scaling, place, "low_freq_factor", &rope->low_frequency_factor, err) ||
        !json_read_number(scaling, place, "high_freq_factor", &rope->high_frequency_factor, err))
        return false;
    if (rope->original_context == 0)
        rope->original_context = m->max_seq;
    return rope->type == ROPE_YARN ? read_yarn(rope, scaling, place, err) : true;
}

static bool read_rope(struct model *m, const json_t *config, const char *path, struct error *err)
{
    /* The second is what transformers 5 writes, with rope_theta inside. */
    static const char *const keys[] = {"rope_scaling", "rope_parameters"};
    struct rope rope = {.base = 10000};

    if (!json_read_number(config, path, "rope_theta", &rope.base, err))
        return false;
    for (size_t i = 0; i < 2; i++) {
        const json_t *scaling = NULL;
        if (!json_read_object(config, path, keys[i], &scaling, err))
            return false;
        if (scaling && !read_scaling(&rope, scaling, path, m, err))
            return error_prefix(err, "%s", keys[i]);
    }
    return rope_set(m, &rope, path, err);
}

bool llama_config_parse(struct model *model, const json_t *config, const char *path,
                        struct error *err)
{
    return check_architecture(config, path, err) && read_sizes(model, config, path, err) &&
           read_rope(model, config, path, err);
}
