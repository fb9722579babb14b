/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The safetensors container: uint64 length of a JSON header; the header, which
 * gives each tensor's type, shape and place; the tensors' bytes, without
 * overlaps or holes.
 */
#ifndef MILLRACE_GEN_IMPORT_SAFETENSORS_H
#define MILLRACE_GEN_IMPORT_SAFETENSORS_H

#include "gen/import/tensor.h"

/* The tensors of `file`, which `path` names, into `arena`; their data stays in
 * the file.  All but their names, shapes and types is checked: these are for
 * tensor_take. */
bool safetensors_read(struct tensor_table *table, const struct mapped_file *file, const char *path,
                      struct arena *arena, struct error *err);

#endif
