/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting a text into the pieces that byte-pair encoding does not merge across. */
#ifndef MILLRACE_HOST_TOKENIZER_PRE_TOKENISE_H
#define MILLRACE_HOST_TOKENIZER_PRE_TOKENISE_H

#include <stddef.h>

enum pre_tokeniser {
    PRE_WHOLE,       /* the whole text is one piece */
    PRE_GPT2,        /* GPT-2's pattern */
    PRE_GPT2_DIGITS, /* each number character alone, then GPT-2's on what is between */
    PRE_LLAMA3,      /* Llama 3's pattern */
    PRE_TOKENISERS
};

/* The patterns, as tokenizer.json writes them. */
extern const char gpt2_pattern[];
extern const char llama3_pattern[];

/* Bytes of the piece that text[0] begins; `length` >= 1 are left. */
size_t pre_token_length(enum pre_tokeniser kind, const char *text, size_t length);

#endif
