/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gen/command.h"
#include "gen/verilog/emit.h"

static const char usage[] =
    "usage: millgen emit OUT.mill --board sim -o FOLDER [options]\n"
    "\n"
    "Write the hardware that plays a compiled model's tape; `make -C FOLDER` then builds\n"
    "its simulation, FOLDER/sim.\n"
    "\n"
    "  -o, --output FOLDER    where to; made where it is missing\n"
    "      --board sim        the board\n"
    "      --lanes N          multipliers a column: 4 to 32 (2 to 16 where all weights have\n"
    "                         8 bits), a power of two (default 16)\n"
    "      --columns N        tokens in step, 1 to 16 (default 4)\n"
    "      --top-k N          candidates that a column can answer (default 16)\n"
    "      --bus BITS         the memory's width, 16 to 256 (default 64)\n"
    "      --fifo WORDS       words of the tape fetched ahead (default 1024)\n"
    "      --clock HZ         the clock that figures are for (default 50000000)\n"
    "      --memory L,B,G     the simulated memory: L cycles of latency, then B words and a gap\n"
    "                         of G cycles, over and over (default 16,64,4)\n"
    "  -h, --help             this text\n"
    "\n"
    "example: millgen emit stories.mill --board sim --columns 1 -o build/stories\n";

struct arguments {
    const char *mill, *output, *board;
    uint32_t lanes, clock_hz;
    struct design design;
};

enum { DEFAULT_TOP_K = 16 };

enum {
    OPTION_BOARD = 256,
    OPTION_LANES,
    OPTION_COLUMNS,
    OPTION_TOP_K,
    OPTION_BUS,
    OPTION_FIFO,
    OPTION_CLOCK,
    OPTION_MEMORY
};

static bool parse_number(const char *flag, const char *text, uint32_t *value, struct error *err)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end || number < 1 || number > INT32_MAX)
        return error_set(err, ERROR_INPUT, "%s: '%s' is not a positive number", flag, text);
    *value = (uint32_t)number;
    return true;
}

static bool parse_memory(const char *text, struct memory_model *memory, struct error *err)
{
    char rest;

    if (strchr(text, '-') ||
        sscanf(text, "%u,%u,%u%c", &memory->latency, &memory->burst, &memory->gap, &rest) != 3)
        return error_set(err, ERROR_INPUT, "--memory: '%s' is not LATENCY,BURST,GAP", text);
    return true;
}

static bool take_option(int option, struct arguments *a, struct error *err)
{
    switch (option) {
    case 'o':
        a->output = optarg;
        return true;
    case OPTION_BOARD:
        a->board = optarg;
        return true;
    case OPTION_LANES:
        return parse_number("--lanes", optarg, &a->lanes, err);
    case OPTION_COLUMNS:
        return parse_number("--columns", optarg, &a->design.columns, err);
    case OPTION_TOP_K:
        return parse_number("--top-k", optarg, &a->design.top_k, err);
    case OPTION_BUS:
        return parse_number("--bus", optarg, &a->design.tape_bus_bits, err);
    case OPTION_FIFO:
        return parse_number("--fifo", optarg, &a->design.fifo_depth, err);
    case OPTION_CLOCK:
        return parse_number("--clock", optarg, &a->clock_hz, err);
    case OPTION_MEMORY:
        return parse_memory(optarg, &a->design.memory, err);
    default:
        return error_set(err, ERROR_INPUT, "see millgen emit --help");
    }
}

/* False with code ERROR_NONE where help was printed. */
static bool parse(int argc, char **argv, struct arguments *a, struct error *err)
{
    const struct option options[] = {
        {"output", required_argument, NULL, 'o'},
        {"board", required_argument, NULL, OPTION_BOARD},
        {"lanes", required_argument, NULL, OPTION_LANES},
        {"columns", required_argument, NULL, OPTION_COLUMNS},
        {"top-k", required_argument, NULL, OPTION_TOP_K},
        {"bus", required_argument, NULL, OPTION_BUS},
        {"fifo", required_argument, NULL, OPTION_FIFO},
        {"clock", required_argument, NULL, OPTION_CLOCK},
        {"memory", required_argument, NULL, OPTION_MEMORY},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            err->code = ERROR_NONE;
            return false;
        }
        if (!take_option(option, a, err))
            return false;
    }
    if (optind + 1 != argc || !a->output)
        return error_set(err, ERROR_INPUT, "%s; see millgen emit --help",
                         a->output ? "give one OUT.mill" : "give the folder with -o");
    if (!a->board || strcmp(a->board, "sim") != 0)
        return error_set(err, ERROR_INPUT, "--board: '%s' is not a board; there is: sim",
                         a->board ? a->board : "");
    a->mill = argv[optind];
    return true;
}

static bool run(struct arguments *a, struct error *err)
{
    struct mill mill;

    if (!mill_open(&mill, a->mill, err))
        return false;
    a->design.inputs = a->lanes / design_rows(&mill);
    a->design.clock_hz = a->clock_hz;
    if (a->design.top_k == 0)
        a->design.top_k = mill.shape.vocab < DEFAULT_TOP_K ? mill.shape.vocab : DEFAULT_TOP_K;
    bool ok = emit_design(&mill, &a->design, a->output, err);
    mill_close(&mill);
    return ok;
}

int command_emit(int argc, char **argv)
{
    struct error err = {0};
    struct arguments arguments = {
        .lanes = 16,
        .clock_hz = 50000000,
        .design = {.columns = 4,
                   .tape_bus_bits = 64,
                   .fifo_depth = 1024,
                   .memory = {.latency = 16, .burst = 64, .gap = 4}},
    };

    if (parse(argc, argv, &arguments, &err) && run(&arguments, &err))
        return 0;
    if (err.code != ERROR_NONE)
        fprintf(stderr, "millgen emit: %s\n", err.message);
    return (int)err.code;
}
