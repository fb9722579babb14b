/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/verilog/emit_board.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gen/fit/pll.h"
#include "gen/verilog/embedded.h"
#include "gen/verilog/file.h"

/* What differs between the families' flows. */
struct flow {
    const char *place, *pack;       /* commands */
    const char *constraints_option; /* of nextpnr */
    const char *placed_option, *placed_suffix, *packed_suffix;
    const char *pack_arguments; /* of $< to $@ */
};

static const struct flow flows[] = {
    [FAMILY_ECP5] = {"nextpnr-ecp5", "ecppack", "--lpf", "--textcfg", "config", "bit",
                     "--compress --input $< --bit $@"},
    [FAMILY_ICE40] = {"nextpnr-ice40", "icepack", "--pcf", "--asc", "asc", "bin", "$< $@"},
};

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_named(const char *file, const char *module)
{
    return starts_with(file, module) && strcmp(file + strlen(module), ".v") == 0;
}

/* Does `board` use fpga/FILE?  Not another board's top, nor another family's part. */
static bool uses(const struct board *board, const char *file)
{
    for (size_t i = 0; board_at(i); i++) {
        const struct board *other = board_at(i);
        if (other->family == FAMILY_NONE)
            continue;
        if (is_named(file, other->top) && strcmp(other->top, board->top) != 0)
            return false;
        if (other->family != board->family && starts_with(file, board_family_name(other)))
            return false;
    }
    return true;
}

/* What FILE of the embedded ones is called in the folder; NULL: it does not go there. */
static const char *name_for(const struct board *board, const char *file)
{
    static const char fpga[] = "fpga/", constraints[] = "constraints/", models[] = "testbench/";

    if (starts_with(file, constraints))
        return strcmp(file + strlen(constraints), board->constraints) == 0
                   ? file + strlen(constraints)
                   : NULL;
    if (starts_with(file, fpga))
        return uses(board, file + strlen(fpga)) ? file : NULL;
    if (starts_with(file, "testbench/primitives/"))
        return file + strlen(models);
    return NULL;
}

static bool make_folders(const char *directory, struct error *err)
{
    static const char *const folders[] = {"fpga", "primitives"};
    char path[LONGEST_PATH];

    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        if (snprintf(path, sizeof path, "%s/%s", directory, folders[i]) >= (int)sizeof path)
            return error_set(err, ERROR_INPUT, "%s: the path is too long", directory);
        if (!make_folder(path, err))
            return false;
    }
    return true;
}

static bool write_sources(const struct board *board, const char *directory, struct error *err)
{
    if (!make_folders(directory, err))
        return false;
    for (size_t i = 0; i < embedded_file_count; i++) {
        const struct embedded_file *file = &embedded_files[i];
        const char *name = name_for(board, file->name);
        if (name && !write_bytes(directory, name, file->data, file->size, err))
            return false;
    }
    return true;
}

/* A data sheet's time in clocks: no shorter, or where it is a limit no longer. */
static uint32_t clocks_of(const struct part_time *time, double clock_hz)
{
    double clocks = fabs(time->ns) * clock_hz / 1e9;
    return (uint32_t)(time->ns < 0 ? floor(clocks + 1e-6) : ceil(clocks - 1e-6));
}

static void write_pll(FILE *file, const struct board *board, const struct pll *pll)
{
    if (board->family == FAMILY_ECP5)
        fprintf(file,
                " \\\n    -chparam PLL_INPUT %u -chparam PLL_FEEDBACK %u -chparam PLL_MEMORY %u"
                " -chparam PLL_CORE %u -chparam PLL_PHASE %u",
                pll->input, pll->feedback, pll->memory_divider, pll->core_divider, pll->phase);
    else
        fprintf(file,
                " \\\n    -chparam PLL_DIVR %u -chparam PLL_DIVF %u -chparam PLL_DIVQ %.0f"
                " -chparam PLL_FILTER %u",
                pll->input - 1, pll->feedback - 1, log2(pll->core_divider), pll->filter);
}

/* The top's parameters, as Yosys' hierarchy takes them. */
static void write_parameters(FILE *file, const struct mill *mill, const struct board *board,
                             const struct design *design, const struct pll *pll)
{
    fprintf(file,
            "PARAMETERS = -chparam T %u -chparam TAPE_LINES %" PRIu64 " -chparam BAUD_DIVIDER %.0f",
            design->tape_bus_bits, (uint64_t)mill->tape_size / TAPE_LINE,
            round(pll->core_hz / board->baud));
    write_pll(file, board, pll);
    if (board->memory.tape_offset)
        fprintf(file, " \\\n    -chparam TAPE_OFFSET %u", board->memory.tape_offset);
    for (const struct part_time *t = board->memory.time; t < board->memory.time + PART_TIMES; t++)
        if (t->parameter)
            fprintf(file, " \\\n    -chparam %s %u", t->parameter, clocks_of(t, pll->memory_hz));
    fputs("\n\n", file);
}

static void write_tools(FILE *file, const struct board *board, const struct flow *flow)
{
    fprintf(file,
            "# Made by millgen: `make -f bitstream.mk` builds %s.%s, `make -f bitstream.mk load`\n"
            "# loads it.  Tools, SEED and PLACE_FLAGS may be set.\n"
            "YOSYS       ?= yosys\n"
            "NEXTPNR     ?= %s\n"
            "PACK        ?= %s\n"
            "LOAD        ?= %s\n"
            "SEED        ?= 1\n"
            "PLACE_FLAGS ?=\n\n",
            board->name, flow->packed_suffix, flow->place, flow->pack, board->loader);
}

static void write_rules(FILE *file, const struct board *board, const struct flow *flow,
                        const struct pll *pll)
{
    const char *name = board->name;

    fprintf(file, "SOURCES = millrace_top.v $(wildcard fpga/*.v rtl/*.v)\n\n");
    fprintf(file, "%s.%s: %s.%s\n\t@echo 'packing'\n\t$(PACK) %s\n\n", name, flow->packed_suffix,
            name, flow->placed_suffix, flow->pack_arguments);
    fprintf(file,
            "%s.%s: netlist.json %s\n"
            "\t@echo 'placing and routing (nextpnr.log)'\n"
            "\t$(NEXTPNR) -q -l nextpnr.log %s --json $< %s %s --freq %.6g \\\n"
            "\t  --seed $(SEED) --report report.json --write placed.json $(PLACE_FLAGS) "
            "%s $@\n\n",
            name, flow->placed_suffix, board->constraints, board->place_flags,
            flow->constraints_option, board->constraints, pll->core_hz / 1e6, flow->placed_option);
    fprintf(file,
            "netlist.json: bitstream.mk $(wildcard *.hex) $(SOURCES)\n"
            "\t@echo 'synthesising (yosys.log)'\n"
            "\t$(YOSYS) -q -l yosys.log -p \"read_verilog -defer $(SOURCES); \\\n"
            "\t  hierarchy -top %s $(PARAMETERS); %s -top %s -json $@; tee -q -o cells.txt "
            "stat\""
            "\n\n",
            board->top, board->synthesis, board->top);
    fprintf(file,
            "clean:\n"
            "\trm -f netlist.json yosys.log nextpnr.log report.json placed.json cells.txt \\\n"
            "\t  %s.%s %s.%s\n\n"
            ".PHONY: load clean\n"
            ".DELETE_ON_ERROR:\n",
            name, flow->placed_suffix, name, flow->packed_suffix);
}

/* A tape in a flash is written like the bitstream, and behind it. */
static void write_load(FILE *file, const struct board *board, const struct flow *flow)
{
    fprintf(file, "load: %s.%s\n\t$(LOAD) $<\n", board->name, flow->packed_suffix);
    if (board->memory.tape_offset)
        fprintf(file, "\t$(LOAD) -o %u tape.bin\n", board->memory.tape_offset);
    fputc('\n', file);
}

static bool write_makefile(const struct mill *mill, const struct board *board,
                           const struct design *design, const struct pll *pll,
                           const char *directory, struct error *err)
{
    const struct flow *flow = &flows[board->family];
    char path[LONGEST_PATH];
    FILE *file = open_file(directory, "bitstream.mk", path, err);

    if (!file)
        return false;
    write_tools(file, board, flow);
    write_parameters(file, mill, board, design, pll);
    write_rules(file, board, flow, pll);
    write_load(file, board, flow);
    return close_file(file, path, err);
}

static bool write_description(const struct board *board, const struct pll *pll,
                              const char *directory, struct error *err)
{
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:s, s:i, s:f, s:f, s:f}", "board", board->name, "part", board->part,
        "family", board_family_name(board), "bitstream", flows[board->family].packed_suffix,
        "tape_offset", (int)board->memory.tape_offset, "core_hz", pll->core_hz, "memory_hz",
        pll->memory_hz, "memory_peak_bytes_per_second", board_memory_peak(board, pll->core_hz));
    char *text = object ? json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) : NULL;

    json_decref(object);
    if (!text)
        return error_set(err, ERROR_FAILED, "board.json: out of memory");
    bool ok = write_bytes(directory, "board.json", text, strlen(text), err);
    free(text);
    return ok;
}

bool emit_board(const struct mill *mill, const struct board *board, const struct design *design,
                const char *directory, struct error *err)
{
    struct pll pll;

    if (board->memory_bytes && mill->tape_size > board->memory_bytes)
        return error_set(err, ERROR_INPUT,
                         "%s: a tape of %zu bytes; the memory of %s holds %" PRIu64, mill->name,
                         (size_t)mill->tape_size, board->name, board->memory_bytes);
    return pll_choose(board, design->clock_hz, &pll, err) && write_sources(board, directory, err) &&
           write_makefile(mill, board, design, &pll, directory, err) &&
           write_description(board, &pll, directory, err);
}
