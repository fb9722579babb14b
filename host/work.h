/* SPDX-License-Identifier: Apache-2.0 */
/* How much arithmetic a column of a pass is worth, whatever a device pads. */
#ifndef MILLRACE_HOST_WORK_H
#define MILLRACE_HOST_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "gen/mill/mill.h"

/* Multiply-accumulates of all matrices, for one column. */
uint64_t work_matrix_macs(const struct mill_shape *shape);

/* Those of attention, scores and mix, for a column at `position` (from 0). */
uint64_t work_attention_macs(const struct mill_shape *shape, uint32_t position);

#endif
