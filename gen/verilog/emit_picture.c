/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/verilog/emit_picture.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <zlib.h>

#include "gen/verilog/emit.h"
#include "gen/verilog/file.h"
#include "gen/verilog/picture_top.h"

static uint32_t add_bytes(uint32_t crc, const void *data, size_t size)
{
    return (uint32_t)crc32(crc, data, (uInt)size);
}

uint32_t picture_fingerprint(const struct picture_program *p)
{
    uint32_t crc = add_bytes(0, p->word, p->words * sizeof *p->word);

    crc = add_bytes(crc, &p->act_bits, sizeof p->act_bits);
    crc = add_bytes(crc, p->weight, (size_t)p->beats * p->design.inputs);
    crc = add_bytes(crc, p->scale, p->scales);
    return add_bytes(crc, p->constant, p->constants * sizeof *p->constant);
}

/* `count` words of `bytes` bytes, little-endian in memory, as hexadecimal digits. */
static bool write_words(const char *directory, const char *name, const void *data, size_t count,
                        size_t bytes, struct error *err)
{
    char path[LONGEST_PATH];
    FILE *file = open_file(directory, name, path, err);
    const uint8_t *at = data;

    if (!file)
        return false;
    for (size_t i = 0; i < count; i++, at += bytes) {
        for (size_t k = bytes; k > 0; k--)
            fprintf(file, "%02x", at[k - 1]);
        fputc('\n', file);
    }
    return close_file(file, path, err);
}

static bool write_constants(const struct picture_program *p, const char *directory,
                            struct error *err)
{
    char path[LONGEST_PATH];
    FILE *file = open_file(directory, "constants.hex", path, err);

    if (!file)
        return false;
    for (uint32_t i = 0; i < p->constants; i++)
        fprintf(file, "%09" PRIx64 "\n", p->constant[i]);
    return close_file(file, path, err);
}

static bool write_top(const struct picture_program *program, const struct integer_network *network,
                      const struct picture_board *board, const char *directory, struct error *err)
{
    char path[LONGEST_PATH];
    FILE *file = open_file(directory, "millrace_top.v", path, err);

    if (!file)
        return false;
    bool ok = picture_top_write(program, network, board, file, err);
    return ok ? close_file(file, path, err) : (fclose(file), false);
}

static bool write_description(const struct picture_program *p,
                              const struct integer_network *network,
                              const struct picture_board *board, const char *directory,
                              struct error *err)
{
    json_t *object = json_pack(
        "{s:s, s:s, s:i, s:i, s:i, s:i, s:f}", "board", board->name, "network",
        network->network.name, "columns", (int)p->design.columns, "inputs_a_beat",
        (int)p->design.inputs, "lanes", (int)(p->design.columns * p->design.inputs), "row_pixels",
        (int)(p->design.columns * p->design.groups), "clock_hz", board->clock_hz);
    char *text = object ? json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) : NULL;
    char path[LONGEST_PATH];
    FILE *file = text ? open_file(directory, "design.json", path, err) : NULL;
    bool ok = file != NULL;

    json_decref(object);
    if (!text)
        return error_set(err, ERROR_FAILED, "design.json: out of memory");
    if (file) {
        fprintf(file, "%s\n", text);
        ok = close_file(file, path, err);
    }
    free(text);
    return ok;
}

static const char makefile[] =
    "# Made by millgen: `make` builds the simulation of this design as `sim`.\n"
    "VERILATOR ?= verilator\n"
    "OBJCACHE  ?= $(shell command -v ccache 2>/dev/null)\n"
    "OPT_FAST  ?= -O2\n"
    "export OBJCACHE\n"
    "\n"
    "# The tape's memory stands idle.\n"
    "CONSTANTS = -DTAPE_BUS_BITS=%u -DTAPE_LINES=1 -DMEMORY_LINES=1 \\\n"
    "            -DMEMORY_LATENCY=1 -DMEMORY_BURST=1 -DMEMORY_GAP=0\n"
    "FLAGS = --cc --exe --build -Wall --top-module millrace_top --Mdir obj_dir \\\n"
    "        -y rtl -y primitives -Wno-PINMISSING \\\n"
    "        -O3 --x-assign fast --x-initial fast --no-assert \\\n"
    "        -MAKEFLAGS 'OPT_FAST=$(OPT_FAST) OPT_GLOBAL=-O2 OPT_SLOW=-O0'\n"
    "\n"
    "sim: Makefile millrace_top.v picture_main.cpp $(wildcard *.h rtl/*.v primitives/*.v *.hex)\n"
    "\t$(VERILATOR) $(FLAGS) -o ../sim millrace_top.v picture_main.cpp\n"
    "\ttouch sim\n"
    "\n"
    "clean:\n"
    "\trm -rf obj_dir sim\n"
    "\n"
    ".PHONY: clean\n";

static bool write_makefile(const struct picture_board *board, const char *directory,
                           struct error *err)
{
    char path[LONGEST_PATH];
    FILE *file = open_file(directory, "Makefile", path, err);

    if (!file)
        return false;
    fprintf(file, makefile, board->tape_bus_bits);
    return close_file(file, path, err);
}

bool emit_picture(const struct picture_program *program, const struct integer_network *network,
                  const struct picture_board *board, const char *directory, struct error *err)
{
    const struct picture_program *p = program;

    return emit_sources(directory, err) && write_top(p, network, board, directory, err) &&
           write_words(directory, "program.hex", p->word, p->words, sizeof *p->word, err) &&
           write_words(directory, "weights.hex", p->weight, p->beats, p->design.inputs, err) &&
           write_words(directory, "scales.hex", p->scale, p->scales, 1, err) &&
           write_constants(p, directory, err) && write_makefile(board, directory, err) &&
           write_description(p, network, board, directory, err);
}
