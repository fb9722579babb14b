/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_GEN_VERILOG_PICTURE_TOP_H
#define MILLRACE_GEN_VERILOG_PICTURE_TOP_H

#include <stdio.h>

#include "gen/verilog/emit_picture.h"

/* Write millrace_top: rtl/picture/picture.v with the program's sizes. */
bool picture_top_write(const struct picture_program *program, const struct integer_network *network,
                       const struct picture_board *board, FILE *file, struct error *err);

#endif
