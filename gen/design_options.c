/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/design_options.h"

#include <stdio.h>
#include <string.h>

const char design_options_help[] =
    "      --board NAME       sim, icebreaker, icebreaker-flash, ulx3s-85f, ulx3s-12f\n"
    "                         or cynthion\n"
    "      --lanes N          multipliers a column: 4 to 32 (2 to 16 where all weights have\n"
    "                         8 bits), a power of two\n"
    "      --columns N        tokens in step, 1 to 16\n"
    "      --top-k N          candidates that a column can answer\n"
    "      --bus BITS         the memory's width, 16 to 256\n"
    "      --fifo WORDS       words of the tape fetched ahead\n"
    "      --clock HZ         the clock that figures are for\n"
    "      --memory L,B,G     the memory: L cycles of latency, then B words and a gap of G\n"
    "                         cycles, over and over\n"
    "      --state PLACE      where a Mamba model's recurrent state is: on the chip or in the\n"
    "                         memory (left out: in the memory where the chip has no room)\n";

void design_options_specify(struct design_options *o, struct option_spec spec[DESIGN_OPTIONS])
{
    const struct option_spec all[DESIGN_OPTIONS] = {
        {"board", 0, OPTION_TEXT, &o->board, 0, 0},
        {"lanes", 0, OPTION_COUNT, &o->lanes, 2, 32},
        {"columns", 0, OPTION_COUNT, &o->columns, 1, 16},
        {"top-k", 0, OPTION_COUNT, &o->top_k, 1, 64},
        {"bus", 0, OPTION_COUNT, &o->bus, 16, 256},
        {"fifo", 0, OPTION_COUNT, &o->fifo, 4, 1 << 20},
        {"clock", 0, OPTION_COUNT, &o->clock_hz, 1, INT32_MAX},
        {"memory", 0, OPTION_TEXT, &o->memory, 0, 0},
        {"state", 0, OPTION_TEXT, &o->state, 0, 0},
    };

    memcpy(spec, all, sizeof all);
}

const struct board *design_options_board(const struct design_options *options, struct error *err)
{
    const struct board *board = options->board ? board_find(options->board) : NULL;

    if (!board)
        error_set(err, ERROR_INPUT, "--board: '%s' is not a board; there are: %s",
                  options->board ? options->board : "", board_names());
    return board;
}

static bool parse_memory(const char *text, struct memory_model *memory, struct error *err)
{
    char rest;

    if (strchr(text, '-') ||
        sscanf(text, "%u,%u,%u%c", &memory->latency, &memory->burst, &memory->gap, &rest) != 3)
        return error_set(err, ERROR_INPUT, "--memory: '%s' is not LATENCY,BURST,GAP", text);
    return true;
}

/* The state's place where it was asked for. */
static bool parse_state(const char *text, bool *in_memory, struct error *err)
{
    *in_memory = strcmp(text, "memory") == 0;
    if (!*in_memory && strcmp(text, "chip") != 0)
        return error_set(err, ERROR_INPUT, "--state: '%s' is neither chip nor memory", text);
    return true;
}

/* Has the board a memory with a state port, behind a tape that lies in it? */
static bool keeps_state(const struct board *board, const struct design *design)
{
    return board->memory.kind != MEMORY_FLASH && board->memory.kind != MEMORY_SPRAM &&
           !design->tape_streamed;
}

/* The design with the state on the chip or, where that does not fit, in the memory. */
static bool choose_state(const struct board *board, const struct mill *mill, uint32_t position,
                         struct design *design, struct choice *choice, struct error *err)
{
    struct design streamed = *design;
    struct choice other;

    streamed.state_in_memory = true;
    if (!design_choose(mill, board, position, design, choice, err))
        return false;
    if (choice->fits || mill->shape.architecture == ARCHITECTURE_LLAMA ||
        !keeps_state(board, design))
        return true;
    if (!design_choose(mill, board, position, &streamed, &other, err))
        return false;
    if (other.fits) {
        *design = streamed;
        *choice = other;
    }
    return true;
}

static void set_if_given(uint32_t *value, uint32_t given)
{
    if (given)
        *value = given;
}

bool design_options_resolve(const struct design_options *o, const struct board *board,
                            const struct mill *mill, uint32_t position, struct design *design,
                            struct choice *choice, struct error *err)
{
    uint32_t rows = design_rows(mill), lanes = o->lanes ? o->lanes : board->lanes;

    *design = board->defaults;
    design->board = board->name;
    design->memory_lines = (uint32_t)(board->memory_bytes / TAPE_LINE);
    design->memory_fixed = board->memory.kind == MEMORY_FLASH;
    design->family = board_family_name(board);
    design->inputs = lanes / rows;
    if (o->lanes && (o->lanes % rows || !design->inputs))
        return error_set(err, ERROR_INPUT, "--lanes: %u are not whole beats of %u rows", o->lanes,
                         rows);
    set_if_given(&design->columns, o->columns);
    set_if_given(&design->top_k, o->top_k);
    set_if_given(&design->tape_bus_bits, o->bus);
    set_if_given(&design->fifo_depth, o->fifo);
    if (!o->top_k && design->top_k > mill->shape.vocab)
        design->top_k = mill->shape.vocab;
    if (o->clock_hz)
        design->clock_hz = o->clock_hz;
    design->tape_streamed = board->stream_rate > 0 && mill->tape_size > board->memory_bytes;
    if (o->memory && !parse_memory(o->memory, &design->memory, err))
        return false;
    if (!o->state)
        return choose_state(board, mill, position, design, choice, err);
    if (!parse_state(o->state, &design->state_in_memory, err))
        return false;
    if (design->state_in_memory && !keeps_state(board, design))
        return error_set(err, ERROR_INPUT, "--state: the memory of %s keeps none", board->name);
    return design_choose(mill, board, position, design, choice, err);
}
