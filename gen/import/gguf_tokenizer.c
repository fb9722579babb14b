/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/import/gguf_tokenizer.h"

#include <inttypes.h>
#include <string.h>

#include "base/little_endian.h"
#include "gen/import/import.h"
#include "host/tokenizer/tokenizer_parts.h"

/* The strings of an array, NULL where it is absent.  Each takes 8 bytes of the
 * file at least, so that the list is at most twice the file. */
static bool read_texts(const struct gguf *g, const char *key, const struct tokenizer_part **list,
                       uint32_t *count, struct arena *arena, struct error *err)
{
    const struct gguf_value *v;

    *list = NULL;
    *count = 0;
    if (!gguf_read_array(g, key, GGUF_STRING, &v, err))
        return false;
    if (!v)
        return true;
    if (v->count >= INT32_MAX)
        return error_set(err, ERROR_INPUT, "%s: %s has %" PRIu64 " strings", g->name, key,
                         v->count);
    struct tokenizer_part *part = arena_alloc(arena, (size_t)v->count, sizeof *part);
    if (!part)
        return import_no_memory(g->name, err);
    const uint8_t *at = v->data;
    for (size_t i = 0; i < v->count; i++) {
        struct gguf_text text = gguf_next_text(&at);
        part[i] = (struct tokenizer_part){text.data, text.length};
    }
    *list = part;
    *count = (uint32_t)v->count;
    return true;
}

/* An array of 4-byte numbers, one for each token, moved to where it is aligned;
 * NULL where it is absent. */
static bool read_numbers(const struct gguf *g, const char *key, enum gguf_type type, uint32_t count,
                         const void **list, struct arena *arena, struct error *err)
{
    const struct gguf_value *v;

    *list = NULL;
    if (!gguf_read_array(g, key, type, &v, err))
        return false;
    if (!v)
        return true;
    if (v->count != count)
        return error_set(err, ERROR_INPUT, "%s: %s has %" PRIu64 " numbers for %u tokens", g->name,
                         key, v->count, count);
    uint32_t *copy = arena_alloc(arena, count, sizeof *copy);
    if (!copy)
        return import_no_memory(g->name, err);
    if (count)
        memcpy(copy, v->data, count * sizeof *copy);
    *list = copy;
    return true;
}

static bool copy_text(const struct gguf *g, const char *key, const char **text, struct arena *arena,
                      struct error *err)
{
    struct gguf_text value = {NULL, 0};

    if (!gguf_read_text(g, key, &value, err))
        return false;
    if (value.data && !(*text = arena_copy(arena, value.data, value.length)))
        return import_no_memory(g->name, err);
    return true;
}

/* What llama.cpp takes where SentencePiece's tokens are not named. */
static void set_defaults(struct model *m, struct tokenizer_parts *p)
{
    if (p->unknown == TOKEN_NONE)
        p->unknown = 0;
    if (m->bos_token == UINT32_MAX && m->vocab > 1)
        m->bos_token = 1;
    if (m->eos_token == UINT32_MAX && m->vocab > 2)
        m->eos_token = 2;
}

bool gguf_tokenizer(struct model *m, const struct gguf *g, struct arena *arena, struct error *err)
{
    struct tokenizer_parts p = {.name = g->name, .add_space_prefix = true, .unknown = TOKEN_NONE};
    const void *types, *scores;

    if (!copy_text(g, "tokenizer.ggml.model", &p.model, arena, err))
        return false;
    if (!p.model)
        return true;
    if (!copy_text(g, "tokenizer.ggml.pre", &p.pre, arena, err) ||
        !read_texts(g, "tokenizer.ggml.tokens", &p.token, &p.count, arena, err) ||
        !read_texts(g, "tokenizer.ggml.merges", &p.merge, &p.merges, arena, err) ||
        !read_numbers(g, "tokenizer.ggml.token_type", GGUF_I32, p.count, &types, arena, err) ||
        !read_numbers(g, "tokenizer.ggml.scores", GGUF_F32, p.count, &scores, arena, err) ||
        !gguf_read_u32(g, "tokenizer.ggml.unknown_token_id", &p.unknown, err) ||
        !gguf_read_flag(g, "tokenizer.ggml.add_space_prefix", &p.add_space_prefix, err))
        return false;
    if (p.count != m->vocab)
        return error_set(err, ERROR_INPUT,
                         "%s: tokenizer.ggml.tokens has %u strings for a vocabulary of %u", g->name,
                         p.count, m->vocab);
    if (strcmp(p.model, "llama") == 0)
        set_defaults(m, &p);
    p.bos = m->bos_token;
    p.eos = m->eos_token;
    p.type = types;
    p.score = scores;
    m->tokenizer = tokenizer_from_parts(&p, err);
    return m->tokenizer != NULL;
}
