/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/import/gguf_mamba.h"

#include <stdio.h>

#include "gen/import/mamba_tensors.h"

enum { LONGEST_SEQUENCE = 65535 };

static const struct mamba_names names = {
    .embedding = "token_embd.weight",
    .final_norm = "output_norm.weight",
    .head = "output.weight",
    .layer_prefix = "blk.",
    .norm = "attn_norm.weight",
    .in_proj = "ssm_in.weight",
    .conv = "ssm_conv1d.weight",
    .conv_bias = "ssm_conv1d.bias",
    .x_proj = "ssm_x.weight",
    .dt_proj = "ssm_dt.weight",
    .dt_bias = "ssm_dt.bias",
    .dt_proj_bias = "ssm_dt.bias",
    .a = "ssm_a", /* A itself, negative */
    .d = "ssm_d",
    .gated_norm = "ssm_norm.weight",
    .out_proj = "ssm_out.weight",
};

/* "mamba2.ssm.state_size" */
static bool read_size(const struct gguf *g, bool second, const char *name, uint32_t *value,
                      struct error *err)
{
    char key[64];

    snprintf(key, sizeof key, "%s.%s", second ? "mamba2" : "mamba", name);
    return gguf_read_u32(g, key, value, err);
}

static bool check_variant(const struct gguf *g, bool second, struct error *err)
{
    uint32_t groups = 1;
    bool normed = false;

    if (!gguf_read_flag(g, "mamba.ssm.dt_b_c_rms", &normed, err) ||
        !read_size(g, second, "ssm.group_count", &groups, err))
        return false;
    if (normed)
        return error_set(err, ERROR_INPUT, "%s: mamba.ssm.dt_b_c_rms is not supported", g->name);
    if (second && groups != 1)
        return error_set(err, ERROR_INPUT, "%s: mamba2.ssm.group_count %u is not supported",
                         g->name, groups);
    return true;
}

static bool read_sizes(struct model *m, const struct gguf *g, bool second, struct error *err)
{
    const struct tensor *embedding = tensor_find(&g->tensors, names.embedding);
    struct mixer_shape *s = &m->mixer;
    const char *const epsilon_key = second ? "mamba2.attention.layer_norm_rms_epsilon"
                                           : "mamba.attention.layer_norm_rms_epsilon";
    uint32_t rank = 0;
    double epsilon = 1e-5;

    if (embedding && embedding->dimensions == 2 && embedding->shape[0] <= UINT32_MAX)
        m->vocab = (uint32_t)embedding->shape[0];
    m->bos_token = m->eos_token = UINT32_MAX;
    if (!read_size(g, second, "embedding_length", &m->dim, err) ||
        !read_size(g, second, "block_count", &m->layers, err) ||
        !read_size(g, second, "ssm.conv_kernel", &s->conv_width, err) ||
        !read_size(g, second, "ssm.inner_size", &s->inner, err) ||
        !read_size(g, second, "ssm.state_size", &s->state, err) ||
        !read_size(g, second, "ssm.time_step_rank", &rank, err) ||
        !gguf_read_number(g, epsilon_key, &epsilon, err) ||
        !gguf_read_u32(g, "tokenizer.ggml.bos_token_id", &m->bos_token, err) ||
        !gguf_read_u32(g, "tokenizer.ggml.eos_token_id", &m->eos_token, err))
        return false;
    m->norm_eps = (float)epsilon;
    m->max_seq = LONGEST_SEQUENCE;
    s->dt_rank = second ? 0 : rank; /* the key is mamba2's number of heads */
    s->heads = second ? rank : s->inner;
    return mamba_check_sizes(m, g->name, err);
}

bool gguf_take_mamba(struct model *m, const struct gguf *g, bool second, size_t size,
                     struct error *err)
{
    static const char *const ignored[] = {NULL};

    m->architecture = second ? ARCHITECTURE_MAMBA2 : ARCHITECTURE_MAMBA;
    m->tied_head = !tensor_find(&g->tensors, names.head);
    return check_variant(g, second, err) && read_sizes(m, g, second, err) &&
           mamba_make_layers(m, size, g->name, err) &&
           mamba_take_tensors(m, &g->tensors, &names, ignored, g->name, err);
}
