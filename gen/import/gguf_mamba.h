/* SPDX-License-Identifier: Apache-2.0 */
/* Mamba models in GGUF: the architectures "mamba" and "mamba2" of llama.cpp. */
#ifndef MILLRACE_GEN_IMPORT_GGUF_MAMBA_H
#define MILLRACE_GEN_IMPORT_GGUF_MAMBA_H

#include "gen/import/gguf_file.h"

/* Fill in all of the model but its tokenizer; `size` is the file's.  Called for
 * these architectures alone. */
bool gguf_take_mamba(struct model *model, const struct gguf *g, bool second, size_t size,
                     struct error *err);

#endif
