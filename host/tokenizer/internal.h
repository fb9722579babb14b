/* SPDX-License-Identifier: Apache-2.0 */
/* What a tokenizer is made of; for the files in this folder alone. */
#ifndef MILLRACE_HOST_TOKENIZER_INTERNAL_H
#define MILLRACE_HOST_TOKENIZER_INTERNAL_H

#include "base/reader.h"
#include "host/tokenizer/bpe.h"
#include "host/tokenizer/tokenizer.h"
#include "host/tokenizer/vocabulary.h"

enum tokenizer_kind {
    KIND_LLAMA2C, /* scores; unknown characters are bytes from the start */
};

struct tokenizer {
    enum tokenizer_kind kind;
    uint32_t bos, eos;        /* or TOKEN_NONE */
    uint32_t byte_token[256]; /* or TOKEN_NONE */
    struct vocabulary vocabulary;
    struct arena arena; /* owns all of it, but the struct itself */
};

/* Ids on their way out of tokenizer_encode. */
struct id_list {
    uint32_t *id; /* malloc'd */
    size_t count, size;
};

bool id_list_add(struct id_list *list, uint32_t id);

/* Add the ids of `text` for the kinds that work on characters. */
bool encode_characters(const struct tokenizer *t, const char *text, size_t length,
                       struct id_list *ids, struct error *err);

/* One for each format.  The file is read, not kept. */
bool tokenizer_from_llama2c(struct tokenizer *t, struct reader *r, uint32_t vocab,
                            struct error *err);

bool tokenizer_no_memory(struct error *err);

#endif
