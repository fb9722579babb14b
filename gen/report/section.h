/* SPDX-License-Identifier: Apache-2.0 */
/* The sections of the page, and what they share. */
#ifndef MILLRACE_GEN_REPORT_SECTION_H
#define MILLRACE_GEN_REPORT_SECTION_H

#include "gen/report/page.h"
#include "gen/report/report.h"

enum { PAGE_WIDTH = 960 }; /* of every drawing, in its own units */

void section_tape(FILE *file, const struct report *report);
void section_time_line(FILE *file, const struct report *report);
void section_roofline(FILE *file, const struct report *report);
void section_built(FILE *file, const struct report *report);
void section_operators(FILE *file, const struct report *report);

/* An operator's name and the class that colours it, both of its opcode. */
const char *operator_label(uint8_t opcode);

/* What a MATRIX is in the model, found from who reads its result: "query",
 * "gate and up", "down"...  Other operators: their own name. */
const char *tensor_label(const struct mill *mill, size_t at);

#endif
