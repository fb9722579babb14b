/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gen/command.h"
#include "gen/design_options.h"
#include "gen/fit/pass_cycles.h"
#include "gen/op/operator.h"
#include "gen/picture_options.h"

static const char usage[] =
    "usage: millgen fit OUT.mill --board BOARD [options]\n"
    "\n"
    "Predict what a design needs of a board and what it does there: cycles, tokens a\n"
    "second, multipliers, block RAM, LUTs (an estimate).  Lanes, columns and the tape's\n"
    "queue are chosen for the board where they are not given.  Exit status 1 where the\n"
    "design does not fit.  Of an image network: cycles and use of the array for a frame of\n"
    "16 : 9, --frame PIXELS wide (480); its options are those of emit.\n"
    "\n"
    "      --position N       where in the context (default: its middle)\n"
    "      --json             one JSON object\n";

struct arguments {
    struct design_options options;
    uint32_t position;
    bool has_position, json;
    const char *mill;
};

/* All that is told. */
struct prediction {
    const struct mill *mill;
    const struct board *board;
    struct design design;
    struct choice choice;
    struct resources resources;
    struct pass_plan decode_plan, prefill_plan;
    struct pass_cost decode, prefill;
    uint64_t decode_scan, prefill_scan; /* cycles that the scan adds to what the tape takes */
};

static bool parse(int argc, char **argv, struct arguments *a, struct error *err)
{
    struct option_spec spec[DESIGN_OPTIONS + 2] = {0};
    size_t operands = 0;

    a->position = UINT32_MAX;
    design_options_specify(&a->options, spec);
    spec[DESIGN_OPTIONS] =
        (struct option_spec){"position", 0, OPTION_COUNT, &a->position, 0, 65535};
    spec[DESIGN_OPTIONS + 1] = (struct option_spec){"json", 0, OPTION_FLAG, &a->json, 0, 0};
    if (!options_parse(spec, DESIGN_OPTIONS + 2, argc, argv, &a->mill, 1, &operands, err))
        return false;
    a->has_position = a->position != UINT32_MAX;
    return operands == 1 ||
           error_set(err, ERROR_INPUT, "give one OUT.mill; see millgen fit --help");
}

/* The last of `columns` tokens of a prompt; decode is at the same position. */
static uint32_t prefill_position(uint32_t position, uint32_t columns)
{
    return position + 1 < columns ? columns - 1 : position;
}

static bool predict_pass(const struct prediction *p, const struct pass_plan *plan,
                         struct pass_cost *cost, uint64_t *scan, struct error *err)
{
    struct pass_cost least;

    if (!pass_cycles(p->mill, &p->design, plan, cost, err) ||
        !pass_cycles_free_scan(p->mill, &p->design, plan, &least, err))
        return false;
    *scan = cost->cycles - least.cycles;
    return true;
}

static bool predict(const struct arguments *a, const struct mill *mill, struct prediction *p,
                    struct error *err)
{
    uint32_t max_seq = mill->shape.max_seq;
    uint32_t position = a->has_position ? a->position : max_seq / 2;

    p->mill = mill;
    p->board = design_options_board(&a->options, err);
    if (!p->board)
        return false;
    if (position >= max_seq)
        return error_set(err, ERROR_INPUT, "--position: %u is not below the context's %u", position,
                         max_seq);
    if (!design_options_resolve(&a->options, p->board, mill, position, &p->design, &p->choice, err))
        return false;
    p->resources = resources_of(mill, &p->design, p->board);
    uint32_t columns = p->design.columns < max_seq ? p->design.columns : max_seq;
    p->decode_plan = (struct pass_plan){position, 1};
    p->prefill_plan = (struct pass_plan){prefill_position(position, columns), columns};
    return predict_pass(p, &p->decode_plan, &p->decode, &p->decode_scan, err) &&
           predict_pass(p, &p->prefill_plan, &p->prefill, &p->prefill_scan, err);
}

/* Tapes a second that the link brings. */
static double streamed_passes(const struct prediction *p)
{
    return p->board->stream_rate / (double)p->mill->tape_size;
}

/* As fast as the cycles, and where the host sends the tape as fast as the link. */
static double tokens_per_second(const struct prediction *p, const struct pass_plan *plan,
                                const struct pass_cost *cost)
{
    double passes = p->design.clock_hz / (double)cost->cycles;

    if (p->design.tape_streamed && streamed_passes(p) < passes)
        passes = streamed_passes(p);
    return passes * plan->count;
}

/* Of the bytes that the memory could have moved. */
static double tape_utilisation(const struct prediction *p, const struct pass_cost *cost)
{
    const struct memory_model *m = &p->design.memory;
    double words_a_cycle = m->burst / ((double)m->burst + m->gap);
    return (double)cost->tape_words / ((double)cost->cycles * words_a_cycle);
}

static const char *name_of(unsigned opcode)
{
    const struct operator_definition *op = operator_find((uint8_t)opcode);
    return op ? op->name : "end";
}

static json_t *describe_operators(const struct pass_cost *cost)
{
    json_t *object = json_object();

    for (unsigned opcode = 0; opcode < OPCODES; opcode++) {
        const struct operator_cost *k = &cost->kind[opcode];
        if (k->count)
            json_object_set_new(
                object, name_of(opcode),
                json_pack("{s:I, s:I, s:I, s:I, s:I}", "count", (json_int_t)k->count, "cycles",
                          (json_int_t)k->cycles, "beats", (json_int_t)k->beats, "late_beats",
                          (json_int_t)k->late_beats, "tape_bytes", (json_int_t)k->tape_bytes));
    }
    return object;
}

static json_t *describe_pass(const struct prediction *p, const struct pass_plan *plan,
                             const struct pass_cost *cost, uint64_t scan)
{
    return json_pack(
        "{s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:o}", "position",
        (int)plan->position, "columns", (int)plan->count, "cycles", (json_int_t)cost->cycles,
        "tape_words", (json_int_t)cost->tape_words, "array_beats", (json_int_t)cost->array_beats,
        "matrix_cycles", (json_int_t)cost->matrix_cycles, "matrix_beats",
        (json_int_t)cost->matrix_beats, "stall_cycles", (json_int_t)cost->stall_cycles,
        "scan_extra_cycles", (json_int_t)scan, "tokens_per_second",
        tokens_per_second(p, plan, cost), "tape_utilisation", tape_utilisation(p, cost),
        "array_busy", (double)cost->array_beats / (double)cost->cycles, "operators",
        describe_operators(cost));
}

static json_t *describe_resource(const struct board *board, uint64_t needed, uint64_t there)
{
    return json_pack("{s:I, s:o}", "needed", (json_int_t)needed, "available",
                     board->unlimited ? json_null() : json_integer((json_int_t)there));
}

static json_t *describe_resources(const struct prediction *p)
{
    const struct resources *r = &p->resources;
    const struct board *b = p->board;

    return json_pack("{s:o, s:o, s:o, s:I, s:o, s:o}", "multipliers",
                     describe_resource(b, r->multipliers, b->multipliers), "ram_blocks",
                     describe_resource(b, r->ram_blocks, b->ram_blocks), "large_rams",
                     describe_resource(b, r->large_rams, b->large_rams), "ram_bits",
                     (json_int_t)r->ram_bits, "luts_estimate",
                     describe_resource(b, r->luts, b->luts), "memory_bytes",
                     describe_resource(b, r->memory_bytes, b->memory_bytes));
}

/* Of a scan's state. */
static const char *state_place(const struct prediction *p)
{
    if (!p->mill->shape.mixer.inner)
        return "none";
    return p->design.state_in_memory ? "memory" : "chip";
}

static json_t *describe(const struct prediction *p)
{
    const struct design *d = &p->design;
    uint32_t rows = design_rows(p->mill);

    return json_pack(
        "{s:s, s:s, s:s, s:b, s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:f, s:I, s:s, s:I, "
        "s:o, s:o, s:o}",
        "board", p->board->name, "part", p->board->part, "model", p->mill->name, "fits",
        p->choice.fits, "binding", resource_name(p->choice.binding), "columns_bound_by",
        resource_name(p->choice.columns), "lanes", (int)(d->inputs * rows), "inputs_a_beat",
        (int)d->inputs, "rows_a_beat", (int)rows, "columns", (int)d->columns, "top_k",
        (int)d->top_k, "tape_bus_bits", (int)d->tape_bus_bits, "fifo_depth", (int)d->fifo_depth,
        "clock_hz", d->clock_hz, "tape_bytes", (json_int_t)p->mill->tape_size, "state",
        state_place(p), "state_bytes", (json_int_t)design_state_bytes(p->mill, d), "resources",
        describe_resources(p), "decode",
        describe_pass(p, &p->decode_plan, &p->decode, p->decode_scan), "prefill",
        describe_pass(p, &p->prefill_plan, &p->prefill, p->prefill_scan));
}

static bool print_json(const struct prediction *p, struct error *err)
{
    json_t *object = describe(p);
    char *text = object ? json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) : NULL;

    json_decref(object);
    if (!text)
        return error_set(err, ERROR_FAILED, "out of memory");
    puts(text);
    free(text);
    return true;
}

static void print_pass(const struct prediction *p, const char *name, const struct pass_plan *plan,
                       const struct pass_cost *cost, uint64_t scan)
{
    printf("%-8s %" PRIu64 " cycles at position %u, %u token%s", name, cost->cycles, plan->position,
           plan->count, plan->count == 1 ? "" : "s");
    if (p->design.tape_streamed)
        printf(", were the tape in the memory; by the link %.1f tokens/s\n",
               tokens_per_second(p, plan, cost));
    else
        printf(": %.1f tokens/s, memory %.1f %% and array %.1f %% busy\n",
               tokens_per_second(p, plan, cost), 100 * tape_utilisation(p, cost),
               100 * (double)cost->array_beats / (double)cost->cycles);
    if (p->mill->shape.mixer.inner)
        printf("         of them %" PRIu64 " (%.2f %%) because of the scan\n", scan,
               100 * (double)scan / (double)cost->cycles);
}

static void print_resource(const struct board *board, const char *name, uint64_t needed,
                           uint64_t there)
{
    printf("  %-22s %9" PRIu64, name, needed);
    if (!board->unlimited)
        printf(" of %9" PRIu64 " (%.0f %%)", there, 100 * (double)needed / (double)there);
    putchar('\n');
}

static void print_operators(const struct pass_cost *cost)
{
    printf("  %-8s %6s %12s %12s %12s\n", "", "count", "cycles", "beats", "tape bytes");
    for (unsigned opcode = 0; opcode < OPCODES; opcode++) {
        const struct operator_cost *k = &cost->kind[opcode];
        if (k->count)
            printf("  %-8s %6" PRIu64 " %12" PRIu64 " %12" PRIu64 " %12" PRIu64 "\n",
                   name_of(opcode), k->count, k->cycles, k->beats, k->tape_bytes);
    }
}

static void print_text(const struct prediction *p)
{
    const struct design *d = &p->design;
    const struct board *b = p->board;
    uint32_t rows = design_rows(p->mill);

    printf("%s on %s%s%s: %u lanes (%u inputs x %u rows), %u column%s, a queue of %u words of %u "
           "bits, %.3g MHz\n",
           p->mill->name, b->name, *b->part ? ", " : "", b->part, d->inputs * rows, d->inputs, rows,
           d->columns, d->columns == 1 ? "" : "s", d->fifo_depth, d->tape_bus_bits,
           d->clock_hz / 1e6);
    if (p->mill->shape.mixer.inner)
        printf("the scan's state is %s\n", d->state_in_memory
                                               ? "in the memory, read and written with every token"
                                               : "on the chip");
    print_pass(p, "decode", &p->decode_plan, &p->decode, p->decode_scan);
    print_operators(&p->decode);
    print_pass(p, "prefill", &p->prefill_plan, &p->prefill, p->prefill_scan);
    puts("resources");
    print_resource(b, "multipliers", p->resources.multipliers, b->multipliers);
    print_resource(b, "block RAMs", p->resources.ram_blocks, b->ram_blocks);
    if (b->large_rams)
        print_resource(b, "SPRAMs", p->resources.large_rams, b->large_rams);
    print_resource(b, "LUTs, an estimate", p->resources.luts, b->luts);
    print_resource(b, "bytes of memory", p->resources.memory_bytes, b->memory_bytes);
    if (d->tape_streamed)
        printf("the tape's %zu bytes are more than the memory's %" PRIu64 ": the host sends them "
               "with every pass (millrace run --stream), %.3g times a second at most\n",
               p->mill->tape_size, b->memory_bytes, streamed_passes(p));
    if (!p->choice.fits)
        printf("does not fit: %s%s\n", resource_name(p->choice.binding),
               p->choice.binding == RESOURCE_RAM && p->mill->shape.heads
                   ? "; a shorter context (millgen compile --seq) needs less"
                   : "");
    else if (p->choice.columns != RESOURCE_NONE)
        printf("another column would not fit: %s\n", resource_name(p->choice.columns));
}

static bool run(const struct arguments *a, bool *fits, struct error *err)
{
    struct prediction prediction = {0};
    struct mill mill;

    if (!mill_open(&mill, a->mill, err))
        return false;
    bool ok = predict(a, &mill, &prediction, err);
    if (ok && a->json)
        ok = print_json(&prediction, err);
    else if (ok)
        print_text(&prediction);
    *fits = prediction.choice.fits;
    mill_close(&mill);
    return ok;
}

int command_fit(int argc, char **argv)
{
    struct arguments arguments = {0};
    struct error err = {0};
    bool fits = false;

    if (command_wants_help(argc, argv))
        return fputs(usage, stdout), fputs(design_options_help, stdout), 0;
    if (picture_options_apply(argc, argv)) {
        if (command_fit_picture(argc, argv, &err))
            return 0;
    } else if (parse(argc, argv, &arguments, &err) && run(&arguments, &fits, &err)) {
        return fits ? 0 : ERROR_FAILED;
    }
    fprintf(stderr, "millgen fit: %s\n", err.message);
    return (int)err.code;
}
