/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/verilog/picture_top.h"

#include <math.h>
#include <string.h>

#include "gen/image/picture_strip.h"
#include "gen/image/resize_weights.h"
#include "gen/verilog/module.h"
#include "gen/verilog/state_port.h"

enum { LETTERS = 12, PHASES = 8 };

struct top {
    const struct picture_program *program;
    const struct integer_network *network;
    const struct image_network *net;
    struct verilog_module *module;
    struct verilog_instance *picture;
};

static void set(const struct top *top, const char *name, uint32_t value)
{
    verilog_parameter(top->picture, name, value);
}

static void set_text(const struct top *top, const char *name, const char *text)
{
    char quoted[64];

    snprintf(quoted, sizeof quoted, "\"%s\"", text);
    verilog_parameter_text(top->picture, name, quoted);
}

/* The board's name as the device says it: ASCII, the first letter lowest. */
static void set_board(const struct top *top, const char *name)
{
    char text[8 + 2 * LETTERS];
    size_t letters = strlen(name);
    int length = snprintf(text, sizeof text, "%d'h", 8 * LETTERS);

    for (int i = LETTERS - 1; i >= 0; i--)
        length += snprintf(text + length, sizeof text - (size_t)length, "%02x",
                           (size_t)i < letters ? (unsigned char)name[i] : 0U);
    verilog_parameter_text(top->picture, "BOARD", text);
}

static uint32_t bits_of(uint32_t values)
{
    uint32_t bits = 1;

    while (1U << bits < values)
        bits++;
    return bits;
}

static void set_edges(const struct top *top)
{
    const struct picture_program *p = top->program;
    const struct picture_schedule *s = &p->schedule;
    uint32_t skips = 0, sides = 1;

    if (!s->edges)
        return;
    for (uint32_t i = 0; i < s->skips; i++) {
        skips |= s->skip[i] << 8 * i;
        sides = s->skip[i] > sides ? s->skip[i] : sides;
    }
    set(top, "EDGES", 1);
    set(top, "SIDE", s->value[s->tail.value].side);
    set(top, "CONTEXT", picture_context(p));
    set(top, "BESIDE", s->tail.reach);
    set(top, "SIDES", sides);
    set(top, "SKIPS", skips);
    set(top, "EDGE_ROW_BITS", bits_of(p->edge_rows));
    set(top, "EDGE_WORD_BITS", bits_of(p->edge_words));
    set(top, "EDGE_CHANNEL_BITS", bits_of(p->edge_channels));
}

static void set_sizes(const struct top *top)
{
    const struct picture_program *p = top->program;

    set(top, "COLUMNS", p->design.columns);
    set(top, "K", p->design.inputs);
    set(top, "ACTS", p->act_bits);
    set(top, "GROUPS", p->design.groups);
    set(top, "CHANNELS", top->net->node[0].channels);
    set(top, "SCALE", top->net->scale);
    set(top, "SELECTIVE", top->net->selective);
    set(top, "TILE_BITS", picture_tile_bits(p, top->net));
    set(top, "LAG", p->schedule.value[p->schedule.tail.value].lag);
    set(top, "ANCHOR_LAG", p->schedule.tail.reach);
    set(top, "LEFT", p->schedule.left);
    set(top, "RIGHT", p->schedule.right);
    set(top, "MULTIPLY", p->multiply);
    set(top, "LEFT_MAX", p->left_most);
    set(top, "SEGMENTS", p->segments);
    set(top, "RING_MAX", p->ring_most);
    set(top, "PICTURE_RING", p->schedule.value[0].ring_words);
    set(top, "WORDS", p->store_words);
    set(top, "WIDES", p->store_wides > 2 ? p->store_wides : 2);
    set(top, "OUTS", p->store_outs);
    set_edges(top);
    set(top, "OUTPUTS", top->net->node[p->schedule.tail.value].channels);
    set(top, "PROGRAM_WORDS", p->words);
    set(top, "PROGRAM_HALF", p->half_at);
    set(top, "WEIGHTS", p->beats);
    set(top, "SCALES", p->scales);
    set(top, "CONSTANTS", p->constants);
    set_text(top, "PROGRAM_FILE", "program.hex");
    set_text(top, "WEIGHTS_FILE", "weights.hex");
    set_text(top, "SCALES_FILE", "scales.hex");
    set_text(top, "CONSTANTS_FILE", "constants.hex");
    set(top, "FINGERPRINT", picture_fingerprint(p));
}

/* The resize's weights by phase and tap, the last lowest in the text's order. */
static void set_filter(const struct top *top, const struct image_node *resize)
{
    struct resize_weights r;
    char text[16 + 4 * PHASES * RESIZE_TAPS];
    uint32_t first = 0;

    resize_weights(resize, &r);
    int length = snprintf(text, sizeof text, "512'h");
    for (int i = PHASES * RESIZE_TAPS - 1; i >= 0; i--) {
        uint32_t phase = (uint32_t)i / r.phases.taps, tap = (uint32_t)i % r.phases.taps;
        length += snprintf(text + length, sizeof text - (size_t)length, "%04x",
                           phase < resize->factor ? (uint16_t)r.weight[phase][tap] : 0U);
    }
    for (uint32_t p = 0; p < resize->factor; p++)
        first |= ((uint32_t)r.phases.first[p] & 15) << (4 * p);
    set(top, "TAPS", r.phases.taps);
    verilog_parameter_text(top->picture, "RESIZE_WEIGHTS", text);
    set(top, "RESIZE_FIRST", first);
}

static bool set_tail(const struct top *top, struct error *err)
{
    const struct picture_tail *tail = &top->program->schedule.tail;
    const struct image_integers *n = top->network->node;
    uint32_t rows = 1, lag = top->program->schedule.value[tail->value].lag;
    int32_t fraction = n[top->net->nodes - 1].fraction;

    if (tail->shuffle != NO_NODE)
        set(top, "PIXEL_FIRST", top->net->node[tail->shuffle].order == IMAGE_PIXEL_FIRST);
    if (tail->resize != NO_NODE) {
        struct sum_shifts shift = picture_sum_shifts(
            top->network, tail->add, tail->shuffle == NO_NODE ? tail->value : tail->shuffle,
            tail->resize);
        int32_t finer = RESIZE_FRACTION - n[tail->resize].fraction;
        if (finer < 0 || n[tail->resize].fraction < 0 || shift.a > top->program->left_most ||
            shift.b > top->program->left_most || shift.right > 8)
            return error_set(err, ERROR_INPUT, "%s: no hardware for the last layer's formats",
                             top->net->name);
        set_filter(top, &top->net->node[tail->resize]);
        set(top, "ROWS_SHIFT", (uint32_t)finer);
        set(top, "LEFT_A", shift.a);
        set(top, "LEFT_B", shift.b);
        set(top, "SUM_RIGHT", shift.right);
        set(top, "ANCHOR_FRACTION", (uint32_t)n[tail->resize].fraction);
    }
    if (fraction < 0)
        return error_set(err, ERROR_INPUT, "%s: no hardware for the last layer's format",
                         top->net->name);
    set(top, "FRACTION", (uint32_t)fraction);
    /* The tail's rows of the picture: those between what is loaded and what it reads. */
    while (1U << rows < lag + 3 + 2 * tail->reach)
        rows++;
    set(top, "ROW_BITS", rows);
    return true;
}

/* The memory's ports, which a board's top connects whatever the design is: no tape is played,
 * and none is loaded. */
static void add_idle_memory(const struct top *top, uint32_t bus_bits)
{
    static const struct {
        const char *name, *value;
        unsigned width;
    } output[] = {
        {"mem_start_o", "1'd0", 1},      {"mem_ready_o", "1'd0", 1},
        {"mem_load_start_o", "1'd0", 1}, {"mem_load_line_o", "24'd0", 24},
        {"mem_load_valid_o", "1'd0", 1}, {"mem_load_data_o", "8'd0", 8},
    };

    verilog_net(top->module, VERILOG_INPUT, "mem_valid_i", 1, NULL);
    verilog_net(top->module, VERILOG_INPUT, "mem_data_i", bus_bits, NULL);
    verilog_net(top->module, VERILOG_INPUT, "mem_load_ready_i", 1, NULL);
    verilog_net(top->module, VERILOG_INPUT, "mem_load_busy_i", 1, NULL);
    verilog_net(top->module, VERILOG_INPUT, "mem_fault_i", 2, NULL);
    for (size_t i = 0; i < sizeof output / sizeof *output; i++) {
        verilog_net(top->module, VERILOG_OUTPUT, output[i].name, output[i].width, NULL);
        verilog_assign(top->module, output[i].name, output[i].value);
    }
    state_port_add(top->module, bus_bits);
    verilog_net(top->module, VERILOG_WIRE, "unused", 1, "Pictures have no tape");
    verilog_assign(top->module, "unused",
                   "&{mem_valid_i, mem_data_i, mem_load_ready_i, mem_load_busy_i, mem_fault_i}");
}

static void add_edge_memory(const struct top *top)
{
    struct verilog_instance *memory =
        verilog_instance(top->module, "picture_edge_memory", "edge_memory", NULL);

    verilog_parameter(memory, "DEPTH_BITS", EDGE_DEPTH_BITS);
    verilog_connect(memory, "clear_i", "edge_clear_o");
    verilog_connect(memory, "in_valid_i", "edge_valid_o");
    verilog_connect(memory, "in_ready_o", "edge_ready_i");
    verilog_connect(memory, "in_data_i", "edge_o");
    verilog_connect(memory, "out_valid_o", "edge_valid_i");
    verilog_connect(memory, "out_ready_i", "edge_ready_o");
    verilog_connect(memory, "out_data_o", "edge_i");
    verilog_connect_by_name(memory);
}

/* What kept edges pass through: ports where the design is simulated alone, and on a board the
 * memory's port for state. */
static void add_edges(const struct top *top, bool on_board, uint32_t bus_bits)
{
    static const struct {
        enum verilog_direction direction;
        const char *name;
        unsigned width;
    } net[] = {
        {VERILOG_OUTPUT, "edge_clear_o", 1}, {VERILOG_OUTPUT, "edge_valid_o", 1},
        {VERILOG_INPUT, "edge_ready_i", 1},  {VERILOG_OUTPUT, "edge_o", 32},
        {VERILOG_INPUT, "edge_valid_i", 1},  {VERILOG_OUTPUT, "edge_ready_o", 1},
        {VERILOG_INPUT, "edge_i", 32},
    };

    for (size_t i = 0; i < sizeof net / sizeof *net; i++)
        verilog_net(top->module, on_board ? VERILOG_WIRE : net[i].direction, net[i].name,
                    net[i].width, i == 0 ? "What strips leave each other (picture.v)." : NULL);
    if (on_board && top->program->schedule.edges) {
        add_edge_memory(top);
        return;
    }
    state_port_idle(top->module, bus_bits);
    if (!on_board)
        return;
    verilog_assign(top->module, "{edge_ready_i, edge_valid_i, edge_i}", "34'd0");
    verilog_net(top->module, VERILOG_WIRE, "unused_edges", 1, NULL);
    verilog_assign(top->module, "unused_edges",
                   "&{edge_clear_o, edge_valid_o, edge_o, edge_ready_o}");
}

bool picture_top_write(const struct picture_program *program, const struct integer_network *network,
                       const struct picture_board *board, FILE *file, struct error *err)
{
    static const struct {
        enum verilog_direction direction;
        const char *name;
        unsigned width;
    } port[] = {
        {VERILOG_INPUT, "clk_i", 1},       {VERILOG_INPUT, "rst_i", 1},
        {VERILOG_INPUT, "restart_i", 1},   {VERILOG_INPUT, "rx_valid_i", 1},
        {VERILOG_OUTPUT, "rx_ready_o", 1}, {VERILOG_INPUT, "rx_data_i", 8},
        {VERILOG_OUTPUT, "tx_valid_o", 1}, {VERILOG_INPUT, "tx_ready_i", 1},
        {VERILOG_OUTPUT, "tx_data_o", 8},
    };
    struct arena arena = {0};
    struct top top = {program, network, &network->network, NULL, NULL};
    char comment[192];

    snprintf(comment, sizeof comment, "The network %s, %u pixels in step, %u lanes each.",
             network->network.name, program->design.columns, program->design.inputs);
    top.module = verilog_module_new(&arena, "millrace_top", comment);
    if (!top.module)
        return error_set(err, ERROR_FAILED, "millrace_top.v: out of memory");
    for (size_t i = 0; i < sizeof port / sizeof *port; i++)
        verilog_net(top.module, port[i].direction, port[i].name, port[i].width, NULL);
    add_idle_memory(&top, board->tape_bus_bits);
    add_edges(&top, *board->family != '\0', board->tape_bus_bits);
    top.picture = verilog_instance(top.module, "picture", "picture", NULL);
    set_text(&top, "FAMILY", *board->family ? board->family : "generic");
    set_sizes(&top);
    set_board(&top, board->name);
    bool ok = set_tail(&top, err);
    verilog_connect_by_name(top.picture);
    ok = ok && verilog_write(top.module, file, err);
    arena_free(&arena);
    return ok;
}
