/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/verilog/emit.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "gen/op/function_table.h"
#include "gen/serial/program.h"
#include "gen/verilog/embedded.h"
#include "gen/verilog/file.h"
#include "gen/verilog/top.h"

static bool is_power_of_two(uint32_t x)
{
    return x && (x & (x - 1)) == 0;
}

/* rtl/mixer/mixer.v's ranges. */
static bool check_mixer(const struct mill *mill, struct error *err)
{
    const struct mixer_shape *m = &mill->shape.mixer;
    uint32_t width = m->inner / m->heads;

    if (m->inner % 16 != 0 || m->state % 16 != 0 || (!m->dt_rank && width % 16 != 0) ||
        m->inner > 32768 || m->conv_width < 2 || mill->shape.layers > 255)
        return error_set(err, ERROR_INPUT,
                         "%s: no hardware for %u layers of %u channels in %u heads with a state of "
                         "%u and %u taps",
                         mill->name, mill->shape.layers, m->inner, m->heads, m->state,
                         m->conv_width);
    return true;
}

/* rtl/mixer/state_stream.v's. */
static bool check_state(const struct mill *mill, const struct design *d, struct error *err)
{
    enum { STATE_BUS_MOST = 128, STATE_BYTES_MOST = 1 << 24 };

    if (!d->state_in_memory)
        return true;
    if (mill->shape.architecture == ARCHITECTURE_LLAMA)
        return error_set(err, ERROR_INPUT, "%s: no recurrence, whose state could be in the memory",
                         mill->name);
    if (d->tape_bus_bits > STATE_BUS_MOST)
        return error_set(err, ERROR_INPUT, "a state in the memory: %u bits of bus are more than %d",
                         d->tape_bus_bits, STATE_BUS_MOST);
    if (design_state_bytes(mill, d) > STATE_BYTES_MOST)
        return error_set(err, ERROR_INPUT,
                         "%s: a state in the memory of %" PRIu64 " bytes; it may have %d",
                         mill->name, design_state_bytes(mill, d), STATE_BYTES_MOST);
    return true;
}

bool design_check(const struct mill *mill, const struct design *d, struct error *err)
{
    const struct mill_shape *shape = &mill->shape;

    if (d->columns < 1 || d->columns > 16)
        return error_set(err, ERROR_INPUT, "columns: %u is not from 1 to 16", d->columns);
    if (!is_power_of_two(d->inputs) || d->inputs < 2 || d->inputs > 16)
        return error_set(err, ERROR_INPUT, "lanes: %u inputs a beat are not 2, 4, 8 or 16",
                         d->inputs);
    if (!is_power_of_two(d->tape_bus_bits) || d->tape_bus_bits < 16 || d->tape_bus_bits > 256)
        return error_set(err, ERROR_INPUT, "tape bus: %u bits are not 16, 32, 64, 128 or 256",
                         d->tape_bus_bits);
    if (!is_power_of_two(d->fifo_depth) || d->fifo_depth < 4)
        return error_set(err, ERROR_INPUT, "FIFO: %u words are not a power of two from 4 on",
                         d->fifo_depth);
    if (d->top_k < 1 || d->top_k > 64 || d->top_k > shape->vocab)
        return error_set(err, ERROR_INPUT, "top-k: %u is not from 1 to 64 and the vocabulary's %u",
                         d->top_k, shape->vocab);
    if (d->memory.burst < 1)
        return error_set(err, ERROR_INPUT, "memory: a burst of 0 words");
    if (shape->architecture != ARCHITECTURE_LLAMA && !check_mixer(mill, err))
        return false;
    if (!check_state(mill, d, err))
        return false;
    if (shape->heads > 255 || shape->vocab > 65535 || shape->head_dim > 128)
        return error_set(err, ERROR_INPUT,
                         "%s: no hardware for %u heads, a vocabulary of %u and "
                         "heads of %u",
                         mill->name, shape->heads, shape->vocab, shape->head_dim);
    return true;
}

bool emit_sources(const char *directory, struct error *err)
{
    static const char harness[] = "testbench/sim/", rtl[] = "rtl/";

    char folder[LONGEST_PATH];

    if (snprintf(folder, sizeof folder, "%s/rtl", directory) >= (int)sizeof folder)
        return error_set(err, ERROR_INPUT, "%s: the path is too long", directory);
    if (!make_folder(directory, err) || !make_folder(folder, err))
        return false;
    for (size_t i = 0; i < embedded_file_count; i++) {
        const struct embedded_file *file = &embedded_files[i];
        const char *name = file->name;
        if (strncmp(name, harness, strlen(harness)) == 0)
            name += strlen(harness);
        else if (strncmp(name, rtl, strlen(rtl)) != 0)
            continue;
        char flat[256];
        if (strncmp(name, rtl, strlen(rtl)) == 0) {
            snprintf(flat, sizeof flat, "rtl%s", strrchr(name, '/'));
            name = flat;
        }
        if (!write_bytes(directory, name, file->data, file->size, err))
            return false;
    }
    return true;
}

static double bytes_per_cycle(const struct design *d)
{
    return d->tape_bus_bits / 8.0 * d->memory.burst / ((double)d->memory.burst + d->memory.gap);
}

static json_t *describe(const struct mill *mill, const struct design *d)
{
    return json_pack(
        "{s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:f, s:f, s:I, s:i, s:i, s:I, s:{s:i, s:i, s:i}}",
        "board", "sim", "family", d->family ? d->family : "", "model", mill->name, "columns",
        (int)d->columns, "lanes", (int)(d->inputs * design_rows(mill)), "inputs_a_beat",
        (int)d->inputs, "rows_a_beat", (int)design_rows(mill), "top_k", (int)d->top_k, "clock_hz",
        d->clock_hz, "memory_bytes_per_cycle", bytes_per_cycle(d), "tape_size",
        (json_int_t)mill->tape_size, "tape_bus_bits", (int)d->tape_bus_bits, "fifo_depth",
        (int)d->fifo_depth, "state_bytes", (json_int_t)design_state_bytes(mill, d), "memory",
        "latency", (int)d->memory.latency, "burst", (int)d->memory.burst, "gap",
        (int)d->memory.gap);
}

static bool write_description(const struct mill *mill, const struct design *design,
                              const char *directory, struct error *err)
{
    json_t *object = describe(mill, design);
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

/* OPT_FAST and OPT_GLOBAL come after CFLAGS on Verilator's compiler lines, so
 * that only they decide; -O2 gives twice the speed of the -Os that is usual. */
static const char makefile[] =
    "# Made by millgen: `make` builds the simulation of this design as `sim`.\n"
    "VERILATOR ?= verilator\n"
    "OBJCACHE  ?= $(shell command -v ccache 2>/dev/null)\n"
    "OPT_FAST  ?= -O2\n"
    "export OBJCACHE\n"
    "\n"
    "CONSTANTS = -DTAPE_BUS_BITS=%u -DTAPE_LINES=%u -DMEMORY_LINES=%u \\\n"
    "            -DMEMORY_LATENCY=%u -DMEMORY_BURST=%u -DMEMORY_GAP=%u \\\n"
    "            -DSTATE_BYTES=%u\n"
    "FLAGS     = --cc --exe --build -Wall --top-module millrace_top --Mdir obj_dir \\\n"
    "            -y rtl -y primitives -Wno-PINMISSING \\\n"
    "            -O3 --x-assign fast --x-initial fast --no-assert -CFLAGS '$(CONSTANTS)' \\\n"
    "            -MAKEFLAGS 'OPT_FAST=$(OPT_FAST) OPT_GLOBAL=-O2 OPT_SLOW=-O0'\n"
    "\n"
    "sim: Makefile millrace_top.v sim_main.cpp $(wildcard *.h rtl/*.v primitives/*.v)\n"
    "\t$(VERILATOR) $(FLAGS) -o ../sim millrace_top.v sim_main.cpp\n"
    "\ttouch sim\n"
    "\n"
    "clean:\n"
    "\trm -rf obj_dir sim\n"
    "\n"
    ".PHONY: clean\n";

static bool write_makefile(const struct mill *mill, const struct design *d, const char *directory,
                           struct error *err)
{
    char path[LONGEST_PATH];
    FILE *file = open_file(directory, "Makefile", path, err);

    if (!file)
        return false;
    fprintf(file, makefile, d->tape_bus_bits, (uint32_t)(mill->tape_size / TAPE_LINE),
            top_memory_lines(mill, d), d->memory.latency, d->memory.burst, d->memory.gap,
            (uint32_t)design_state_bytes(mill, d));
    return close_file(file, path, err);
}

static bool write_top(const struct mill *mill, const struct design *design, const char *directory,
                      struct error *err)
{
    char path[LONGEST_PATH];
    FILE *file = open_file(directory, "millrace_top.v", path, err);

    if (!file)
        return false;
    bool ok = top_write(mill, design, file, err);
    return ok ? close_file(file, path, err) : (fclose(file), false);
}

static bool write_function_table(const char *directory, struct error *err)
{
    char path[LONGEST_PATH];
    FILE *file = open_file(directory, "function_table.hex", path, err);

    if (!file)
        return false;
    function_table_write(file);
    return close_file(file, path, err);
}

static bool write_serial_file(const struct serial_program *program, const char *directory,
                              const char *name,
                              void (*write)(const struct serial_program *, FILE *),
                              struct error *err)
{
    char path[LONGEST_PATH];
    FILE *file = open_file(directory, name, path, err);

    if (!file)
        return false;
    write(program, file);
    return close_file(file, path, err);
}

/* A serial column's program and what its memory holds at first. */
static bool write_serial(const struct mill *mill, const struct design *design,
                         const char *directory, struct error *err)
{
    struct serial_shape shape;

    if (!design_is_serial(mill, design, &shape))
        return true;
    struct serial_program *program = malloc(sizeof *program);
    if (!program)
        return error_set(err, ERROR_FAILED, "serial_program.hex: out of memory");
    serial_program_build(&shape, program);
    bool ok =
        write_serial_file(program, directory, "serial_program.hex", serial_program_write, err) &&
        write_serial_file(program, directory, "serial_data.hex", serial_memory_write, err);
    free(program);
    return ok;
}

bool emit_design(const struct mill *mill, const struct design *design, const char *directory,
                 struct error *err)
{
    return design_check(mill, design, err) && emit_sources(directory, err) &&
           write_top(mill, design, directory, err) && write_function_table(directory, err) &&
           write_serial(mill, design, directory, err) &&
           write_bytes(directory, "tape.bin", mill->tape, mill->tape_size, err) &&
           write_makefile(mill, design, directory, err) &&
           write_description(mill, design, directory, err);
}
