/* SPDX-License-Identifier: Apache-2.0 */
/* Hugging Face's config.json of a Llama model. */
#ifndef MILLRACE_GEN_IMPORT_LLAMA_CONFIG_H
#define MILLRACE_GEN_IMPORT_LLAMA_CONFIG_H

#include "base/json.h"
#include "gen/graph/model.h"
#include "gen/import/rope.h"

/* Set the model's sizes, epsilon, special tokens, tied_head and frequencies
 * from the config, which `path` names, with transformers' defaults (LlamaConfig) for what
 * it leaves out.  ERROR_INPUT for another architecture or a variant that would
 * need other operators: biases, an activation other than SiLU, quantised weights. */
bool llama_config_parse(struct model *model, const json_t *config, const char *path,
                        struct error *err);

#endif
