/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The importers behind model_open, and what they share.  Each fills in every
 * field of *model but `name`, `tokenizer` (where the format has none inside)
 * and the file that model_open has mapped already.  On failure they leave what
 * they allocated in the model for model_close.
 */
#ifndef MILLRACE_GEN_IMPORT_IMPORT_H
#define MILLRACE_GEN_IMPORT_IMPORT_H

#include "gen/graph/model.h"

/* llama2.c's "legacy" checkpoint (version 0, float) and its version 2 (int8). */
bool import_llama2c(struct model *model, const struct mapped_file *file, const char *path,
                    struct error *err);
bool import_llama2c_q8(struct model *model, const struct mapped_file *file, const char *path,
                       struct error *err);

/* GGUF, versions 2 and 3.  Sets model->tokenizer where the file has one and it is
 * asked for: with another at hand, one that is not supported does not matter. */
bool import_gguf(struct model *model, const struct mapped_file *file, const char *path,
                 bool with_tokenizer, struct error *err);

/* A folder in Hugging Face's layout; maps its files itself. */
bool import_huggingface(struct model *model, const char *folder, struct error *err);

/* Do the sizes make a transformer?  Nothing is zero, heads divide, pairs pair,
 * and every product of two sizes fits in 32 bits.  `name` is the file's. */
bool import_check_sizes(const struct model *model, const char *name, struct error *err);

/* Make model->layer, once it is sure that a file of `size` bytes can hold so many. */
bool import_layers(struct model *model, size_t size, const char *name, struct error *err);

/* ERROR_FAILED, "out of memory". */
bool import_no_memory(const char *name, struct error *err);

#endif
