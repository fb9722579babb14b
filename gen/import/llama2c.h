/* SPDX-License-Identifier: Apache-2.0 */
/* What llama2.c's checkpoint versions share. */
#ifndef MILLRACE_GEN_IMPORT_LLAMA2C_H
#define MILLRACE_GEN_IMPORT_LLAMA2C_H

#include "base/reader.h"
#include "gen/graph/model.h"

/* The seven int32 that give the sizes, and what llama2.c fixes for all models:
 * epsilon 1e-5, BOS 1, EOS 2.  Clears model->tied_head on a negative vocabulary. */
bool llama2c_sizes(struct model *model, struct reader *r, struct error *err);

#endif
