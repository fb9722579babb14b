/* SPDX-License-Identifier: Apache-2.0 */
/* The best few of many logits. */
#ifndef MILLRACE_HOST_CANDIDATES_H
#define MILLRACE_HOST_CANDIDATES_H

#include <stdint.h>

#include "host/device.h"

/* The best `count` of `vocab` logits into top[count], best first, ties by the
 * lower id; count <= vocab. */
void candidates_select(const float *logits, uint32_t vocab, uint32_t count, struct candidate *top);

/* The same for each column of a pass: logits[columns][vocab], top[columns][count]. */
void candidates_select_columns(const float *logits, uint32_t columns, uint32_t vocab,
                               uint32_t count, struct candidate *top);

#endif
