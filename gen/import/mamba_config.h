/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.json of a Mamba model: that of state-spaces' checkpoints (mamba_ssm,
 * MambaConfig) or Hugging Face's of MambaForCausalLM and Mamba2ForCausalLM.
 */
#ifndef MILLRACE_GEN_IMPORT_MAMBA_CONFIG_H
#define MILLRACE_GEN_IMPORT_MAMBA_CONFIG_H

#include "base/json.h"
#include "gen/graph/model.h"

/* Is it one of these? */
bool mamba_config_is(const json_t *config);

/* Set the model's sizes, epsilon, special tokens and tied_head, with the
 * defaults of the programs above for what it leaves out.  ERROR_INPUT for a
 * variant that would need other operators. */
bool mamba_config_parse(struct model *model, const json_t *config, const char *path,
                        struct error *err);

#endif
