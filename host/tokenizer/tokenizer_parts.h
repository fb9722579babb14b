/* SPDX-License-Identifier: Apache-2.0 */
/* A tokenizer from lists of tokens and merges, as GGUF has them. */
#ifndef MILLRACE_HOST_TOKENIZER_TOKENIZER_PARTS_H
#define MILLRACE_HOST_TOKENIZER_TOKENIZER_PARTS_H

#include "host/tokenizer/tokenizer.h"

/* Types of tokens in SentencePiece's numbering, which GGUF has taken over. */
enum part_type {
    PART_NORMAL = 1,
    PART_UNKNOWN,
    PART_CONTROL,
    PART_USER_DEFINED,
    PART_UNUSED,
    PART_BYTE, /* its text is "<0xHH>" */
};

struct tokenizer_part {
    const char *text; /* in SentencePiece's or GPT-2's writing of spaces and bytes */
    size_t length;
};

/* All memory is borrowed, for the call alone. */
struct tokenizer_parts {
    const char *name;  /* of the file, for messages */
    const char *model; /* "llama" (scores) or "gpt2" (merges) */
    const char *pre;   /* "gpt2": name of the pre-tokeniser in llama.cpp, or NULL */
    bool add_space_prefix;
    uint32_t count;
    const struct tokenizer_part *token; /* [count] */
    const uint32_t *type;               /* [count] enum part_type, or NULL: all normal */
    const float *score;                 /* [count]; "llama" needs it */
    uint32_t merges;
    const struct tokenizer_part *merge; /* [merges] "left right" */
    uint32_t unknown, bos, eos;         /* or TOKEN_NONE */
};

/* NULL on failure. */
struct tokenizer *tokenizer_from_parts(const struct tokenizer_parts *parts, struct error *err);

#endif
