/* SPDX-License-Identifier: Apache-2.0 */
#include "host/tokenizer/tokenizer.h"

#include <stdlib.h>
#include <string.h>

#include "base/mapped_file.h"
#include "host/tokenizer/internal.h"

bool tokenizer_no_memory(struct error *err)
{
    return error_set(err, ERROR_FAILED, "tokenizer: out of memory");
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

struct tokenizer *tokenizer_open(const char *path, uint32_t vocab, struct error *err)
{
    struct mapped_file file;
    struct tokenizer *t = calloc(1, sizeof *t);

    if (!t) {
        tokenizer_no_memory(err);
        return NULL;
    }
    if (!mapped_file_open(&file, path, err)) {
        free(t);
        return NULL;
    }
    struct reader r = {.name = path, .data = file.data, .size = file.size};
    bool done = tokenizer_from_llama2c(t, &r, vocab, err);
    mapped_file_close(&file);
    if (!done) {
        tokenizer_free(t);
        return NULL;
    }
    return t;
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
    return t->bos;
}

uint32_t tokenizer_eos(const struct tokenizer *t)
{
    return t->eos;
}

bool tokenizer_encode(const struct tokenizer *t, const char *text, size_t length, uint32_t **ids,
                      size_t *count, struct error *err)
{
    struct id_list list = {0};

    *ids = NULL;
    *count = 0;
    if (length >= INT32_MAX)
        return error_set(err, ERROR_INPUT, "text: %zu bytes are too many to encode", length);
    if (length > 0 && !encode_characters(t, text, length, &list, err)) {
        free(list.id);
        return false;
    }
    *ids = list.id;
    *count = list.count;
    return true;
}

size_t tokenizer_decode(const struct tokenizer *t, uint32_t previous, uint32_t id, char *out)
{
    if (id >= t->vocabulary.count)
        return 0;
    const struct token *token = &t->vocabulary.token[id];
    const char *text = vocabulary_text(&t->vocabulary, id);
    size_t length = token->length;

    if (token->type == TOKEN_CONTROL)
        return 0;
    if ((previous == TOKEN_NONE || previous == t->bos) && token->type == TOKEN_TEXT && length > 0 &&
        text[0] == ' ') {
        text++;
        length--;
    }
    memcpy(out, text, length);
    return length;
}
