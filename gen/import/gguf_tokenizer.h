/* SPDX-License-Identifier: Apache-2.0 */
/* The tokenizer inside a GGUF file. */
#ifndef MILLRACE_GEN_IMPORT_GGUF_TOKENIZER_H
#define MILLRACE_GEN_IMPORT_GGUF_TOKENIZER_H

#include "gen/graph/model.h"
#include "gen/import/gguf_file.h"

/* Set model->tokenizer from the keys tokenizer.ggml.*, or leave it NULL where
 * there are none.  ERROR_INPUT where it does not fit model->vocab. */
bool gguf_tokenizer(struct model *model, const struct gguf *g, struct arena *arena,
                    struct error *err);

#endif
