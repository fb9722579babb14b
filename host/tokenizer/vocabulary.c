/* SPDX-License-Identifier: Apache-2.0 */
#include "host/tokenizer/vocabulary.h"

#include <string.h>

#include "host/tokenizer/tokenizer.h"

bool vocabulary_init(struct vocabulary *v, struct arena *arena, uint32_t count, size_t texts_size)
{
    *v = (struct vocabulary){.count = count, .texts_size = texts_size};
    v->token = arena_alloc(arena, count, sizeof *v->token);
    v->texts = arena_alloc(arena, texts_size, 1);
    return v->token && v->texts && texts_size <= UINT32_MAX;
}

bool vocabulary_set(struct vocabulary *v, uint32_t id, const char *text, size_t length,
                    enum token_type type, float score)
{
    if (length > TOKEN_TEXT_MAX || length > v->texts_size - v->texts_used)
        return false;
    if (length)
        memcpy(v->texts + v->texts_used, text, length);
    v->token[id] = (struct token){.start = (uint32_t)v->texts_used,
                                  .length = (uint16_t)length,
                                  .type = (uint8_t)type,
                                  .score = score};
    v->texts_used += length;
    return true;
}

const char *vocabulary_text(const struct vocabulary *v, uint32_t id)
{
    return v->texts + v->token[id].start;
}

/* FNV-1a, 32 bits, with a last mix so that the low bits depend on all. */
static uint32_t hash(const char *text, size_t length)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < length; i++)
        h = (h ^ (uint8_t)text[i]) * 16777619u;
    return h ^ h >> 15;
}

static uint32_t *find_slot(const struct vocabulary *v, const char *text, size_t length)
{
    for (uint32_t i = hash(text, length) & v->slot_mask;; i = (i + 1) & v->slot_mask) {
        uint32_t id = v->slot[i];
        if (id == TOKEN_NONE ||
            (v->token[id].length == length && memcmp(vocabulary_text(v, id), text, length) == 0))
            return &v->slot[i];
    }
}

bool vocabulary_index(struct vocabulary *v, struct arena *arena)
{
    size_t slots = 4;

    while (slots < 2 * (size_t)v->count)
        slots *= 2;
    v->slot = arena_alloc(arena, slots, sizeof *v->slot);
    if (!v->slot)
        return false;
    v->slot_mask = (uint32_t)(slots - 1);
    memset(v->slot, 0xff, slots * sizeof *v->slot);
    for (uint32_t id = 0; id < v->count; id++) {
        const struct token *t = &v->token[id];
        if (t->type != TOKEN_TEXT || t->length == 0)
            continue;
        uint32_t *slot = find_slot(v, vocabulary_text(v, id), t->length);
        if (*slot == TOKEN_NONE)
            *slot = id;
    }
    return true;
}

uint32_t vocabulary_find(const struct vocabulary *v, const char *text, size_t length)
{
    return *find_slot(v, text, length);
}
