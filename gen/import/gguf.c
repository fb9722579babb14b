/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Llama and Mamba models in GGUF.  llama.cpp's converter has made the pairs of RoPE
 * adjacent in wq and wk, so that their rows need no other order.
 */
#include "gen/import/gguf_file.h"
#include "gen/import/gguf_mamba.h"
#include "gen/import/gguf_tokenizer.h"
#include "gen/import/import.h"
#include "gen/import/rope.h"

#include <math.h>

static const struct tensor_names names = {
    .embedding = "token_embd.weight",
    .final_norm = "output_norm.weight",
    .head = "output.weight",
    .layer_prefix = "blk.",
    .attention_norm = "attn_norm.weight",
    .wq = "attn_q.weight",
    .wk = "attn_k.weight",
    .wv = "attn_v.weight",
    .wo = "attn_output.weight",
    .ffn_norm = "ffn_norm.weight",
    .w_gate = "ffn_gate.weight",
    .w_up = "ffn_up.weight",
    .w_down = "ffn_down.weight",
};

/* The first is read apart; the second, of old files, follows from the sizes. */
static const char *const ignored[] = {"rope_freqs.weight", ".attn_rot_embd.weight", NULL};

static bool read_architecture(const struct gguf *g, enum architecture *which, struct error *err)
{
    static const char *const known[] = {"llama", "mamba", "mamba2"};
    struct gguf_text architecture = {"", 0};
    uint32_t experts = 0;
    size_t i = 0;

    if (!gguf_read_text(g, "general.architecture", &architecture, err) ||
        !gguf_read_u32(g, "llama.expert_count", &experts, err))
        return false;
    while (i < sizeof known / sizeof *known && !gguf_text_is(architecture, known[i]))
        i++;
    *which = (enum architecture)i;
    if (i == sizeof known / sizeof *known)
        return error_set(err, ERROR_INPUT, "%s: architecture \"%.*s\" is not supported", g->name,
                         architecture.length < 64 ? (int)architecture.length : 64,
                         architecture.data);
    if (experts > 0)
        return error_set(err, ERROR_INPUT, "%s: %u experts are not supported", g->name, experts);
    return true;
}

/* The rows of the embedding: what the key says may be missing or padded. */
static void set_vocab(struct model *m, const struct gguf *g)
{
    const struct tensor *t = tensor_find(&g->tensors, names.embedding);
    if (t && t->dimensions == 2 && t->shape[0] <= UINT32_MAX)
        m->vocab = (uint32_t)t->shape[0];
}

static bool read_sizes(struct model *m, const struct gguf *g, struct error *err)
{
    double epsilon = 1e-5;
    uint32_t value_length, rotated;

    m->bos_token = m->eos_token = UINT32_MAX;
    set_vocab(m, g);
    if (!gguf_read_u32(g, "llama.embedding_length", &m->dim, err) ||
        !gguf_read_u32(g, "llama.feed_forward_length", &m->hidden_dim, err) ||
        !gguf_read_u32(g, "llama.block_count", &m->layers, err) ||
        !gguf_read_u32(g, "llama.context_length", &m->max_seq, err) ||
        !gguf_read_u32(g, "llama.attention.head_count", &m->heads, err) ||
        !gguf_read_number(g, "llama.attention.layer_norm_rms_epsilon", &epsilon, err) ||
        !gguf_read_u32(g, "tokenizer.ggml.bos_token_id", &m->bos_token, err) ||
        !gguf_read_u32(g, "tokenizer.ggml.eos_token_id", &m->eos_token, err))
        return false;
    m->norm_eps = (float)epsilon;
    m->kv_heads = m->heads;
    m->head_dim = m->heads ? m->dim / m->heads : 0;
    if (!gguf_read_u32(g, "llama.attention.head_count_kv", &m->kv_heads, err) ||
        !gguf_read_u32(g, "llama.attention.key_length", &m->head_dim, err))
        return false;
    value_length = rotated = m->head_dim;
    if (!gguf_read_u32(g, "llama.attention.value_length", &value_length, err) ||
        !gguf_read_u32(g, "llama.rope.dimension_count", &rotated, err) ||
        !import_check_sizes(m, g->name, err))
        return false;
    if (value_length != m->head_dim || rotated != m->head_dim)
        return error_set(err, ERROR_INPUT,
                         "%s: keys of %u with values of %u and %u elements rotated: not supported",
                         g->name, m->head_dim, value_length, rotated);
    return true;
}

static bool read_scaling(struct rope *rope, const struct gguf *g, struct error *err)
{
    struct gguf_text type = {"none", 4};
    double attention_factor = 1, linear = 0;
    uint32_t original = (uint32_t)rope->original_context;

    rope->beta_fast = 32;
    rope->beta_slow = 1;
    if (!gguf_read_text(g, "llama.rope.scaling.type", &type, err) ||
        !gguf_read_number(g, "llama.rope.scale_linear", &linear, err) || /* the old name */
        !gguf_read_number(g, "llama.rope.scaling.factor", &rope->factor, err) ||
        !gguf_read_u32(g, "llama.rope.scaling.original_context_length", &original, err) ||
        !gguf_read_number(g, "llama.rope.scaling.attn_factor", &attention_factor, err) ||
        !gguf_read_number(g, "llama.rope.scaling.yarn_beta_fast", &rope->beta_fast, err) ||
        !gguf_read_number(g, "llama.rope.scaling.yarn_beta_slow", &rope->beta_slow, err))
        return false;
    rope->original_context = original;
    if (linear > 0 && rope->factor == 0) {
        rope->factor = linear;
        type = (struct gguf_text){"linear", 6};
    }
    if (gguf_text_is(type, "none") || rope->factor == 0)
        return true;
    if (gguf_text_is(type, "linear")) {
        rope->type = ROPE_LINEAR;
    } else if (gguf_text_is(type, "yarn")) {
        rope->type = ROPE_YARN;
        rope->attention_factor =
            attention_factor * (rope->factor > 1 ? 1 + 0.1 * log(rope->factor) : 1);
    } else {
        return error_set(err, ERROR_INPUT, "%s: llama.rope.scaling.type \"%.*s\" is not supported",
                         g->name, type.length < 64 ? (int)type.length : 64, type.data);
    }
    return true;
}

/* rope_freqs.weight: what each frequency is divided by (Llama 3.1's scaling). */
static bool divide_frequencies(struct model *m, const struct gguf *g, struct error *err)
{
    struct weight factors;
    uint32_t pairs = m->head_dim / 2;

    if (!tensor_find(&g->tensors, "rope_freqs.weight"))
        return true;
    float *frequency = arena_alloc(&m->arena, pairs, sizeof *frequency);
    if (!frequency)
        return import_no_memory(g->name, err);
    if (!tensor_take(&g->tensors, g->name, "rope_freqs.weight", 1, pairs, &factors, err))
        return false;
    weight_row(&factors, 0, frequency);
    for (uint32_t i = 0; i < pairs; i++) {
        if (!(frequency[i] > 0))
            return error_set(err, ERROR_INPUT, "%s: tensor rope_freqs.weight: element %u is %g",
                             g->name, i, (double)frequency[i]);
        frequency[i] = m->rope_frequency[i] / frequency[i];
    }
    m->rope_frequency = frequency;
    return true;
}

static bool read_rope(struct model *m, const struct gguf *g, struct error *err)
{
    struct rope rope = {.base = 10000, .original_context = m->max_seq};

    return gguf_read_number(g, "llama.rope.freq_base", &rope.base, err) &&
           read_scaling(&rope, g, err) && rope_set(m, &rope, g->name, err) &&
           divide_frequencies(m, g, err);
}

static bool take_llama(struct model *m, const struct gguf *g, size_t size, struct error *err)
{
    if (!read_sizes(m, g, err) || !import_layers(m, size, g->name, err))
        return false;
    m->tied_head = !tensor_find(&g->tensors, names.head);
    return tensor_take_llama(m, &g->tensors, &names, ignored, g->name, err) && read_rope(m, g, err);
}

static bool import(struct model *m, const struct mapped_file *file, const char *path,
                   bool with_tokenizer, struct arena *arena, struct error *err)
{
    enum architecture which;
    struct gguf g;

    if (!gguf_read(&g, file, path, arena, err) || !read_architecture(&g, &which, err))
        return false;
    if (!(which == ARCHITECTURE_LLAMA
              ? take_llama(m, &g, file->size, err)
              : gguf_take_mamba(m, &g, which == ARCHITECTURE_MAMBA2, file->size, err)))
        return false;
    return !with_tokenizer || gguf_tokenizer(m, &g, arena, err);
}

bool import_gguf(struct model *m, const struct mapped_file *file, const char *path,
                 bool with_tokenizer, struct error *err)
{
    struct arena arena = {0}; /* for what only the import needs */
    bool done = import(m, file, path, with_tokenizer, &arena, err);

    arena_free(&arena);
    return done;
}
