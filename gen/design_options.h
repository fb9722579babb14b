/* SPDX-License-Identifier: Apache-2.0 */
/* The options by which commands are told a board and a design. */
#ifndef MILLRACE_GEN_DESIGN_OPTIONS_H
#define MILLRACE_GEN_DESIGN_OPTIONS_H

#include "base/options.h"
#include "gen/fit/board.h"
#include "gen/fit/choose.h"
#include "gen/mill/mill.h"

/* As given; 0 or NULL where not. */
struct design_options {
    const char *board, *memory, *state;
    uint32_t lanes, columns, top_k, bus, fifo, clock_hz;
};

enum { DESIGN_OPTIONS = 9 };

/* The text about them in a command's help. */
extern const char design_options_help[];

/* Their specifications, for options_parse. */
void design_options_specify(struct design_options *options,
                            struct option_spec spec[DESIGN_OPTIONS]);

/* The board that was asked for; NULL with ERROR_INPUT where there is none. */
const struct board *design_options_board(const struct design_options *options, struct error *err);

/* The board's design as told by the options; what neither says is chosen for a
 * decode at `position`.  *choice says how well it fits. */
bool design_options_resolve(const struct design_options *options, const struct board *board,
                            const struct mill *mill, uint32_t position, struct design *design,
                            struct choice *choice, struct error *err);

#endif
