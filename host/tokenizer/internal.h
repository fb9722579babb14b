/* SPDX-License-Identifier: Apache-2.0 */
/* What a tokenizer is made of; for the files in this folder alone. */
#ifndef MILLRACE_HOST_TOKENIZER_INTERNAL_H
#define MILLRACE_HOST_TOKENIZER_INTERNAL_H

#include "base/reader.h"
#include "host/tokenizer/bpe.h"
#include "host/tokenizer/pre_tokenise.h"
#include "host/tokenizer/tokenizer.h"
#include "host/tokenizer/vocabulary.h"

enum tokenizer_kind {
    KIND_LLAMA2C,       /* scores; byte b is token b + 3; unknown characters are bytes at once */
    KIND_SENTENCEPIECE, /* scores; unknown characters may still merge */
    KIND_CHARACTERS,    /* merges; unknown characters are bytes at once */
    KIND_BYTE_LEVEL,    /* merges; the first symbols are bytes */
    TOKENIZER_KINDS
};

enum space_prefix {
    PREFIX_NEVER,
    PREFIX_ALWAYS,       /* a space before the text and after each added token */
    PREFIX_UNLESS_SPACE, /* the same, but not before a space */
    PREFIX_FIRST,        /* before the text alone, unless it begins with a space */
    SPACE_PREFIXES
};

/* All that makes one tokenizer differ from another but its tokens. */
struct tokenizer_rules {
    uint32_t kind;              /* enum tokenizer_kind */
    uint32_t prefix;            /* enum space_prefix */
    uint32_t pre_tokeniser;     /* enum pre_tokeniser */
    uint32_t split_at_spaces;   /* 0 or 1: a space begins a new piece */
    uint32_t ignore_merges;     /* 0 or 1: a piece that is a token stays whole */
    uint32_t fuse_unknown;      /* 0 or 1: one unknown token for a run of them */
    uint32_t unknown, bos, eos; /* tokens, or TOKEN_NONE */
};

struct tokenizer {
    struct tokenizer_rules rules;
    struct vocabulary vocabulary;
    struct bpe_merges merges;
    uint32_t byte_token[256]; /* or TOKEN_NONE */
    uint32_t *added;          /* ids of type TOKEN_ADDED */
    size_t added_count;
    bool added_start[256]; /* bytes that one of them begins with */
    struct arena arena;    /* owns all of it, but the struct itself */
};

/* Ids on their way out of tokenizer_encode. */
struct id_list {
    uint32_t *id; /* malloc'd */
    size_t count, size;
};

bool id_list_add(struct id_list *list, uint32_t id);

/* A text without added tokens in it, on its way into ids. */
struct segment {
    const char *text;
    size_t length;
    size_t offset; /* of text in the whole, for messages */
};

/* Add the ids of a segment: for KIND_BYTE_LEVEL, and for the others. */
bool encode_bytes(const struct tokenizer *t, const struct segment *segment, struct id_list *ids,
                  struct error *err);
bool encode_characters(const struct tokenizer *t, const struct segment *segment,
                       struct id_list *ids, struct error *err);

/* Does the rule put a space before this segment? */
bool wants_space(const struct tokenizer *t, const struct segment *segment);

/* ERROR_INPUT: no token stands for the byte at `offset` of the whole text. */
bool no_token(const struct segment *segment, size_t offset, struct error *err);

/* One for each format.  The file is read, not kept.  All end in
 * tokenizer_finish. */
bool tokenizer_from_bin(struct tokenizer *t, struct reader *r, uint32_t vocab, struct error *err);
bool tokenizer_from_json(struct tokenizer *t, const struct reader *r, uint32_t vocab,
                         struct error *err);
bool tokenizer_from_blob(struct tokenizer *t, struct reader *r, struct error *err);

/* Once rules, tokens and merges are set: build what follows from
 * them; the vocabulary's index may be there already. */
bool tokenizer_finish(struct tokenizer *t, struct error *err);

/* The value of "<0xHH>", or -1 where the text is not of that form. */
int byte_of_text(const char *text, size_t length);

/* SentencePiece's stand-in for a space, U+2581. */
#define VISIBLE_SPACE "\xe2\x96\x81"

/* Make visible spaces plain.  `out` has room for `length` bytes and may be `in`;
 * returns the bytes used. */
size_t plain_spaces(const char *in, size_t length, char *out);

bool tokenizer_no_memory(struct error *err);

#endif
