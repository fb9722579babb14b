/* SPDX-License-Identifier: Apache-2.0 */
#include "host/tokenizer/tokenizer.h"

#include <stdlib.h>
#include <string.h>

#include "host/tokenizer/internal.h"

bool tokenizer_no_memory(struct error *err)
{
    return error_set(err, ERROR_FAILED, "tokenizer: out of memory");
}

bool no_token(const struct segment *segment, size_t offset, struct error *err)
{
    return error_set(err, ERROR_INPUT, "text: byte %zu: the vocabulary has no token for 0x%02x",
                     offset, (uint8_t)segment->text[offset - segment->offset]);
}

bool id_list_add(struct id_list *list, uint32_t id)
{
    if (list->count == list->size) {
        size_t size = list->size ? list->size * 2 : 64;
        uint32_t *larger =
            size <= SIZE_MAX / 2 / sizeof *larger ? realloc(list->id, size * sizeof *larger) : NULL;
        if (!larger)
            return false;
        list->id = larger;
        list->size = size;
    }
    list->id[list->count++] = id;
    return true;
}

int byte_of_text(const char *text, size_t length)
{
    static const char digits[] = "0123456789ABCDEF";
    int value = 0;

    if (length != 6 || memcmp(text, "<0x", 3) != 0 || text[5] != '>')
        return -1;
    for (int i = 3; i < 5; i++) {
        const char *digit = text[i] ? strchr(digits, text[i]) : NULL;
        if (!digit)
            return -1;
        value = value * 16 + (int)(digit - digits);
    }
    return value;
}

size_t plain_spaces(const char *in, size_t length, char *out)
{
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        bool space = length - i >= 3 && memcmp(in + i, VISIBLE_SPACE, 3) == 0;
        out[used++] = space ? ' ' : in[i];
        i += space ? 2 : 0;
    }
    return used;
}

/* Which token stands for each byte; the lowest where there are several. */
static void set_byte_tokens(struct tokenizer *t)
{
    const struct vocabulary *v = &t->vocabulary;
    enum { LLAMA2C_FIRST_BYTE = 3 };

    for (uint32_t byte = 0; byte < 256; byte++) {
        char text = (char)byte;
        t->byte_token[byte] = TOKEN_NONE;
        if (t->rules.kind == KIND_BYTE_LEVEL)
            t->byte_token[byte] = vocabulary_find(v, &text, 1);
        else if (t->rules.kind == KIND_LLAMA2C && LLAMA2C_FIRST_BYTE + byte < v->count)
            t->byte_token[byte] = LLAMA2C_FIRST_BYTE + byte;
    }
    for (uint32_t id = v->count; id-- > 0 && t->rules.kind != KIND_LLAMA2C;)
        if (v->token[id].type == TOKEN_BYTE)
            t->byte_token[(uint8_t)*vocabulary_text(v, id)] = id;
}

static bool list_added(struct tokenizer *t)
{
    const struct vocabulary *v = &t->vocabulary;
    size_t count = 0;

    for (uint32_t id = 0; id < v->count; id++)
        count += v->token[id].type == TOKEN_ADDED;
    t->added = arena_alloc(&t->arena, count, sizeof *t->added);
    if (!t->added)
        return false;
    for (uint32_t id = 0; id < v->count; id++) {
        if (v->token[id].type != TOKEN_ADDED || v->token[id].length == 0)
            continue;
        t->added[t->added_count++] = id;
        t->added_start[(uint8_t)*vocabulary_text(v, id)] = true;
    }
    return true;
}

bool tokenizer_finish(struct tokenizer *t, struct error *err)
{
    if (!vocabulary_index(&t->vocabulary, &t->arena) || !bpe_merges_index(&t->merges, &t->arena) ||
        !list_added(t))
        return tokenizer_no_memory(err);
    set_byte_tokens(t);
    return true;
}

void tokenizer_free(struct tokenizer *t)
{
    if (!t)
        return;
    arena_free(&t->arena);
    free(t);
}

uint32_t tokenizer_vocab(const struct tokenizer *t)
{
    return t->vocabulary.count;
}

uint32_t tokenizer_bos(const struct tokenizer *t)
{
    return t->rules.bos;
}

uint32_t tokenizer_eos(const struct tokenizer *t)
{
    return t->rules.eos;
}

void tokenizer_set_special(struct tokenizer *t, uint32_t bos, uint32_t eos)
{
    t->rules.bos = bos < t->vocabulary.count ? bos : TOKEN_NONE;
    t->rules.eos = eos < t->vocabulary.count ? eos : TOKEN_NONE;
}

size_t tokenizer_decode(const struct tokenizer *t, uint32_t previous, uint32_t id, char *out)
{
    const struct vocabulary *v = &t->vocabulary;

    if (id >= v->count || v->token[id].type == TOKEN_CONTROL)
        return 0;
    const char *text = vocabulary_text(v, id);
    size_t length = v->token[id].length;
    bool at_start = previous == TOKEN_NONE || previous == t->rules.bos;
    /* The space that encoding put there.  Byte-level decoders let it stand. */
    if (at_start && v->token[id].type == TOKEN_TEXT && length > 0 && text[0] == ' ' &&
        t->rules.kind != KIND_BYTE_LEVEL && t->rules.prefix != PREFIX_NEVER) {
        text++;
        length--;
    }
    memcpy(out, text, length);
    return length;
}
