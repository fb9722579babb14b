/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PyTorch's archives (.pt, .pth, .bin since version 1.6): a zip with data.pkl, a
 * pickle of a dict of tensors, and their storages in data/0, data/1, ...
 */
#ifndef MILLRACE_GEN_IMPORT_PYTORCH_H
#define MILLRACE_GEN_IMPORT_PYTORCH_H

#include "gen/import/tensor.h"

/* The tensors of `file`, which `path` names, into `arena`; their data stays in the
 * file.  The pickle is interpreted, never executed: it may name an ordered dict,
 * tensors, parameters and storages, and nothing else.  ERROR_INPUT where it names
 * more, where a tensor is no plain array of its storage, or bytes are missing. */
bool pytorch_read(struct tensor_table *table, const struct mapped_file *file, const char *path,
                  struct arena *arena, struct error *err);

#endif
