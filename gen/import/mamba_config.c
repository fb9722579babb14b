/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/import/mamba_config.h"

#include <string.h>

#include "gen/import/mamba_tensors.h"

/* A recurrence has no context of its own; positions have 16 bits. */
enum { LONGEST_SEQUENCE = 65535 };

static const char *model_type(const json_t *config)
{
    const char *type = json_string_value(json_object_get(config, "model_type"));
    return type ? type : "";
}

bool mamba_config_is(const json_t *config)
{
    return json_object_get(config, "ssm_cfg") || strcmp(model_type(config), "mamba") == 0 ||
           strcmp(model_type(config), "mamba2") == 0;
}

static bool refuse(const char *path, const char *what, struct error *err)
{
    return error_set(err, ERROR_INPUT, "%s: %s is not supported", path, what);
}

/* A flag that has to be `wanted`, which it also is where it is absent. */
static bool need_flag(const json_t *config, const char *path, const char *key, bool wanted,
                      struct error *err)
{
    bool value = wanted;
    char what[64];

    if (!json_read_flag(config, path, key, &value, err))
        return false;
    snprintf(what, sizeof what, "%s %s", key, value ? "true" : "false");
    return value == wanted ? true : refuse(path, what, err);
}

static bool need_one_group(const json_t *config, const char *path, const char *key,
                           uint32_t unless_said, struct error *err)
{
    uint32_t groups = unless_said;

    if (!json_read_u32(config, path, key, &groups, err))
        return false;
    return groups == 1
               ? true
               : error_set(err, ERROR_INPUT, "%s: %s %u is not supported", path, key, groups);
}

/* The rank of dt as the training code chooses it, unless it is a number. */
static bool read_rank(const json_t *config, const char *path, const char *key, uint32_t dim,
                      uint32_t *rank, struct error *err)
{
    const char *text = json_string_value(json_object_get(config, key));

    *rank = dim / 16 + (dim % 16 != 0);
    if (text && strcmp(text, "auto") == 0)
        return true;
    return json_read_u32(config, path, key, rank, err);
}

/* Sizes that follow: `inner` from `expand`, heads from the width of one. */
static bool derive(struct model *m, uint32_t expand, uint32_t head_width, const char *path,
                   struct error *err)
{
    struct mixer_shape *s = &m->mixer;

    if (s->inner == 0 && __builtin_mul_overflow(m->dim, expand, &s->inner))
        return error_set(err, ERROR_INPUT, "%s: the inner size is too large", path);
    if (m->architecture == ARCHITECTURE_MAMBA)
        s->heads = s->inner;
    else if (head_width == 0 || s->inner % head_width != 0)
        return error_set(err, ERROR_INPUT, "%s: %u channels are no heads of %u", path, s->inner,
                         head_width);
    else
        s->heads = s->inner / head_width;
    m->max_seq = LONGEST_SEQUENCE;
    return mamba_check_sizes(m, path, err);
}

static bool read_layer_name(struct model *m, const json_t *ssm, const char *path, struct error *err)
{
    const char *layer = "Mamba1";

    if (!json_read_text(ssm, path, "layer", &layer, err))
        return false;
    if (strcmp(layer, "Mamba1") != 0 && strcmp(layer, "Mamba2") != 0)
        return refuse(path, "ssm_cfg.layer", err);
    m->architecture = strcmp(layer, "Mamba2") == 0 ? ARCHITECTURE_MAMBA2 : ARCHITECTURE_MAMBA;
    return true;
}

/* mamba_ssm pads the vocabulary's rows to a multiple. */
static bool pad_vocab(struct model *m, const json_t *config, const char *path, struct error *err)
{
    uint32_t multiple = 8;

    if (!json_read_u32(config, path, "pad_vocab_size_multiple", &multiple, err))
        return false;
    if (multiple == 0 || multiple > 65536 || m->vocab > INT32_MAX - multiple)
        return error_set(err, ERROR_INPUT, "%s: a vocabulary of %u padded to a multiple of %u",
                         path, m->vocab, multiple);
    m->vocab = (m->vocab + multiple - 1) / multiple * multiple;
    return true;
}

static bool parse_state_spaces(struct model *m, const json_t *config, const char *path,
                               struct error *err)
{
    const json_t *ssm = json_object_get(config, "ssm_cfg");
    struct mixer_shape *s = &m->mixer;
    uint32_t expand = 2, head_width = 64, intermediate = 0;

    m->tied_head = true;
    m->bos_token = m->eos_token = 0; /* GPT-NeoX's tokenizer: <|endoftext|> */
    m->norm_eps = 1e-5f;
    if (!json_read_u32(config, path, "d_model", &m->dim, err) ||
        !json_read_u32(config, path, "n_layer", &m->layers, err) ||
        !json_read_u32(config, path, "vocab_size", &m->vocab, err) ||
        !json_read_flag(config, path, "tie_embeddings", &m->tied_head, err) ||
        !json_read_u32(config, path, "d_intermediate", &intermediate, err) ||
        !pad_vocab(m, config, path, err) || !read_layer_name(m, ssm, path, err))
        return false;
    if (intermediate != 0)
        return refuse(path, "d_intermediate", err);
    if (json_array_size(json_object_get(config, "attn_layer_idx")) != 0)
        return refuse(path, "attn_layer_idx", err);
    bool first = m->architecture == ARCHITECTURE_MAMBA;
    *s = (struct mixer_shape){.state = first ? 16 : 128, .conv_width = 4};
    if (!json_read_u32(ssm, path, "d_state", &s->state, err) ||
        !json_read_u32(ssm, path, "d_conv", &s->conv_width, err) ||
        !json_read_u32(ssm, path, "expand", &expand, err) ||
        !need_flag(config, path, "rms_norm", true, err) ||
        !need_flag(ssm, path, "bias", false, err) || !need_flag(ssm, path, "conv_bias", true, err))
        return false;
    if (first)
        return read_rank(ssm, path, "dt_rank", m->dim, &s->dt_rank, err) &&
               derive(m, expand, 1, path, err);
    return json_read_u32(ssm, path, "headdim", &head_width, err) &&
           need_one_group(ssm, path, "ngroups", 1, err) &&
           need_flag(ssm, path, "rmsnorm", true, err) &&
           need_flag(ssm, path, "norm_before_gate", false, err) &&
           need_flag(ssm, path, "D_has_hdim", false, err) &&
           derive(m, expand, head_width, path, err);
}

static bool parse_hugging_face(struct model *m, const json_t *config, const char *path,
                               struct error *err)
{
    bool first = strcmp(model_type(config), "mamba") == 0;
    struct mixer_shape *s = &m->mixer;
    uint32_t expand = 2, head_width = 64;
    const char *activation = "silu";
    double epsilon = 1e-5;

    m->architecture = first ? ARCHITECTURE_MAMBA : ARCHITECTURE_MAMBA2;
    m->tied_head = first;
    m->bos_token = m->eos_token = UINT32_MAX;
    *s = (struct mixer_shape){.state = first ? 16 : 128, .conv_width = 4};
    if (!json_read_u32(config, path, "hidden_size", &m->dim, err) ||
        !json_read_u32(config, path, "num_hidden_layers", &m->layers, err) ||
        !json_read_u32(config, path, "vocab_size", &m->vocab, err) ||
        !json_read_u32(config, path, "state_size", &s->state, err) ||
        !json_read_u32(config, path, "conv_kernel", &s->conv_width, err) ||
        !json_read_u32(config, path, "expand", &expand, err) ||
        !json_read_number(config, path, "layer_norm_epsilon", &epsilon, err) ||
        !json_read_flag(config, path, "tie_word_embeddings", &m->tied_head, err) ||
        !json_read_u32(config, path, "bos_token_id", &m->bos_token, err) ||
        !json_read_u32(config, path, "eos_token_id", &m->eos_token, err) ||
        !json_read_text(config, path, "hidden_act", &activation, err) ||
        !need_flag(config, path, "use_bias", false, err) ||
        !need_flag(config, path, "use_conv_bias", true, err))
        return false;
    m->norm_eps = (float)epsilon;
    if (strcmp(activation, "silu") != 0)
        return refuse(path, "hidden_act", err);
    if (first)
        return json_read_u32(config, path, "intermediate_size", &s->inner, err) &&
               read_rank(config, path, "time_step_rank", m->dim, &s->dt_rank, err) &&
               derive(m, expand, 1, path, err);
    return json_read_u32(config, path, "head_dim", &head_width, err) &&
           need_one_group(config, path, "n_groups", 8, err) &&
           need_flag(config, path, "rms_norm", true, err) &&
           derive(m, expand, head_width, path, err);
}

bool mamba_config_parse(struct model *m, const json_t *config, const char *path, struct error *err)
{
    m->a_is_log = true;
    return json_object_get(config, "ssm_cfg") ? parse_state_spaces(m, config, path, err)
                                              : parse_hugging_face(m, config, path, err);
}
