/* SPDX-License-Identifier: Apache-2.0 */
/* tokenizer.json in its two halves: what the rules are, and the tokens. */
#ifndef MILLRACE_HOST_TOKENIZER_TOKENIZER_JSON_H
#define MILLRACE_HOST_TOKENIZER_TOKENIZER_JSON_H

#include "base/json.h"
#include "host/tokenizer/internal.h"

/* Bytes of a token as the file writes it, where a byte may take two. */
enum { JSON_TOKEN_MAX = 2 * TOKEN_TEXT_MAX + 1 };

/* All pointers borrow from the parsed file. */
struct json_tokenizer {
    const char *name;    /* of the file */
    json_t *vocab;       /* object: text to id */
    json_t *merges;      /* array, or NULL */
    json_t *added;       /* array of objects, or NULL */
    const char *unknown; /* text of the unknown token, or NULL */
    bool byte_fallback;
};

/* Find the parts and work out the rules.  ERROR_INPUT for a model, normaliser
 * or pre-tokeniser that is not supported: better than other ids. */
bool tokenizer_json_rules(struct json_tokenizer *j, json_t *root, struct tokenizer_rules *rules,
                          struct error *err);

#endif
