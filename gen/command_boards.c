/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/options.h"
#include "gen/command.h"
#include "gen/fit/board.h"

static const char usage[] = "usage: millgen boards [--json]\n"
                            "\n"
                            "List the boards: their FPGA, what it has, the memory that holds the "
                            "tape, clocks.\n"
                            "\n"
                            "example: millgen boards --json\n";

static json_t *describe(const struct board *b)
{
    if (b->unlimited)
        return json_pack("{s:s, s:f}", "name", b->name, "core_hz", b->defaults.clock_hz);
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:f, s:i, s:{s:s, s:s, s:I, s:f, s:f}, s:s, "
        "s:s, s:s, s:s, s:s, s:s}",
        "name", b->name, "part", b->part, "family", board_family_name(b), "package", b->package,
        "speed", b->speed, "luts", (int)b->luts, "multipliers", (int)b->multipliers, "ram_blocks",
        (int)b->ram_blocks, "ram_bits", (int)b->ram_bits, "core_hz", b->defaults.clock_hz,
        "oscillator_hz", (int)b->oscillator_hz, "memory", "kind", board_memory_name(b), "part",
        b->memory.part, "bytes", (json_int_t)b->memory_bytes, "clock_hz",
        b->memory.clock_hz > 0 ? b->memory.clock_hz : b->defaults.clock_hz, "peak_bytes_per_second",
        board_memory_peak(b, b->defaults.clock_hz), "link", b->link, "top", b->top, "constraints",
        b->constraints, "synthesis", b->synthesis, "place_flags", b->place_flags, "loader",
        b->loader);
}

static int print_json(void)
{
    json_t *list = json_array();

    for (size_t i = 0; board_at(i); i++)
        json_array_append_new(list, describe(board_at(i)));
    json_t *object = json_pack("{s:o}", "boards", list);
    char *text = object ? json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) : NULL;

    json_decref(object);
    if (!text)
        return fputs("millgen boards: out of memory\n", stderr), ERROR_FAILED;
    puts(text);
    free(text);
    return 0;
}

static void print_table(void)
{
    const char form[] = "%-16s %-10s %-9s %6s %11s %10s  %-9s %9s %6s %7s  %-9s %s\n";

    printf(form, "board", "part", "package", "LUTs", "multipliers", "block RAMs", "memory", "bytes",
           "MB/s", "MHz", "link", "loaded by");
    for (size_t i = 0; board_at(i); i++) {
        const struct board *b = board_at(i);
        char luts[16], multipliers[16], rams[16], bytes[24], rate[16], clock[16];
        if (b->unlimited) {
            printf("%-16s simulated, without limits\n", b->name);
            continue;
        }
        snprintf(luts, sizeof luts, "%u", b->luts);
        snprintf(multipliers, sizeof multipliers, "%u", b->multipliers);
        snprintf(rams, sizeof rams, "%u", b->ram_blocks);
        snprintf(bytes, sizeof bytes, "%" PRIu64, b->memory_bytes);
        snprintf(rate, sizeof rate, "%.0f", board_memory_peak(b, b->defaults.clock_hz) / 1e6);
        snprintf(clock, sizeof clock, "%g", b->defaults.clock_hz / 1e6);
        printf(form, b->name, b->part, b->package, luts, multipliers, rams, board_memory_name(b),
               bytes, rate, clock, b->link, b->loader);
    }
}

int command_boards(int argc, char **argv)
{
    bool as_json = false;
    size_t operands = 0;
    struct error err = {0};
    const struct option_spec spec[] = {{"json", 0, OPTION_FLAG, &as_json, 0, 0}};

    if (command_wants_help(argc, argv))
        return fputs(usage, stdout), 0;
    if (!options_parse(spec, 1, argc, argv, NULL, 0, &operands, &err)) {
        fprintf(stderr, "millgen boards: %s\n", err.message);
        return (int)err.code;
    }
    if (as_json)
        return print_json();
    print_table();
    return 0;
}
