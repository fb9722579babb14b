/* SPDX-License-Identifier: Apache-2.0 */
/* Which format is the file in? */
#include "host/tokenizer/tokenizer.h"

#include <stdlib.h>

#include "base/mapped_file.h"
#include "host/tokenizer/internal.h"

static bool is_json(const struct reader *r)
{
    size_t at = 0;
    while (at < r->size && (r->data[at] == ' ' || r->data[at] == '\n' || r->data[at] == '\r' ||
                            r->data[at] == '\t'))
        at++;
    if (at == r->size || r->data[at] != '{')
        return false;
    return at + 1 == r->size || r->data[at + 1] != 0; /* else the length of a longest token */
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
    bool done = is_json(&r) ? tokenizer_from_json(t, &r, vocab, err)
                            : tokenizer_from_bin(t, &r, vocab, err);
    mapped_file_close(&file);
    if (!done) {
        tokenizer_free(t);
        return NULL;
    }
    return t;
}
