/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/verilog/top.h"

#include <string.h>

#include "gen/fit/resources.h"
#include "gen/mill/fingerprint.h"
#include "gen/mill/tape.h"
#include "gen/op/micro.h"
#include "gen/verilog/state_port.h"
#include "gen/verilog/top_inside.h"
#include "gen/verilog/top_nets.h"

static const char *family_name(const struct top *top)
{
    const char *family = top->design->family;

    return family && *family ? family : "generic";
}

void top_set_family(const struct top *top, struct verilog_instance *instance)
{
    char family[32];

    snprintf(family, sizeof family, "\"%s\"", family_name(top));
    verilog_parameter_text(instance, "FAMILY", family);
}

unsigned top_multiplier_bits(const struct top *top)
{
    return strcmp(family_name(top), "ice40") == 0 ? 16 : 18;
}

static unsigned unit_width(const struct top *top, enum unit unit)
{
    switch (unit) {
    case BUS:
        return top->design->tape_bus_bits;
    case INPUTS:
        return top->design->inputs;
    case ROWS:
        return top->rows;
    case LANES:
        return top->design->inputs * top->rows;
    case FACTORS:
        return top->design->inputs * top_multiplier_bits(top);
    default:
        return 1;
    }
}

static unsigned net_width(const struct top *top, const struct net_row *net)
{
    return net->width * unit_width(top, net->unit) * (net->each ? top->design->columns : 1);
}

static void declare_nets(const struct top *top, const struct net_row *net, size_t count)
{
    for (size_t i = 0; i < count; i++)
        verilog_net(top->module, net[i].direction, net[i].name, net_width(top, &net[i]),
                    net[i].comment);
}

/* A part that the design has not: what it would drive is 0. */
static void tie(const struct top *top, const char *const *name)
{
    for (; *name; name++)
        for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++)
            if (strcmp(nets[i].name, *name) == 0) {
                char zero[32];
                snprintf(zero, sizeof zero, "%u'd0", net_width(top, &nets[i]));
                verilog_assign(top->module, *name, zero);
            }
}

/* Does a mixer of its own do CONV and SCAN, and not the column? */
static bool has_mixer(const struct top *top)
{
    return top_is_mamba(top) && !top_is_serial(top);
}

/* Have operators but matrices payloads that the column takes? */
static bool has_halves(const struct top *top)
{
    return mill_has_scale(top->mill) || (top_is_mamba(top) && top_is_serial(top));
}

static void add_absences(const struct top *top)
{
    bool scales = has_halves(top), streams = top->design->streams, serial = top_is_serial(top);
    char reads[1024];

    if (top_is_mamba(top))
        tie(top, attention_drives);
    if (!has_mixer(top))
        tie(top, mixer_drives);
    if (!scales)
        tie(top, scale_drives);
    if (!streams)
        tie(top, stream_drives);
    if (serial)
        tie(top, column_drives);
    snprintf(reads, sizeof reads, "&{1'd0%s%s%s%s%s%s}", top_is_mamba(top) ? attention_reads : "",
             has_mixer(top) ? "" : mixer_reads, scales ? "" : scale_reads,
             streams ? "" : stream_reads, serial ? column_reads : "",
             serial && top_is_mamba(top) ? slot_reads : "");
    verilog_net(top->module, VERILOG_WIRE, "unused", 1, "What this model has no use for");
    verilog_assign(top->module, "unused", reads);
    verilog_assign(top->module, "payload_ready", "unpacker_takes | mixer_takes | halves_take");
}

/* The board's name as the device says it: 12 bytes of ASCII, the first letter lowest. */
static void set_board(struct verilog_instance *link, const char *name)
{
    enum { LETTERS = 12 };
    char text[8 + 2 * LETTERS];
    size_t letters = strlen(name);
    int length = snprintf(text, sizeof text, "%d'h", 8 * LETTERS);

    for (int i = LETTERS - 1; i >= 0; i--)
        length += snprintf(text + length, sizeof text - (size_t)length, "%02x",
                           (size_t)i < letters ? (unsigned char)name[i] : 0);
    verilog_parameter_text(link, "BOARD", text);
}

uint32_t top_memory_lines(const struct mill *mill, const struct design *design)
{
    uint32_t lines = 1;

    if (design->memory_lines)
        return design->memory_lines;
    while (lines < mill->tape_size / TAPE_LINE)
        lines *= 2;
    return lines;
}

static void add_link(const struct top *top)
{
    const struct mill_shape *shape = &top->mill->shape;
    const struct design *design = top->design;
    struct verilog_instance *link = verilog_instance(top->module, "link", "link", "The host's end");

    verilog_parameter(link, "COLUMNS", design->columns);
    verilog_parameter(link, "LANES", design->inputs * top->rows);
    verilog_parameter(link, "TOP_K", design->top_k);
    verilog_parameter(link, "VOCAB", shape->vocab);
    verilog_parameter(link, "MAX_SEQ", shape->max_seq);
    verilog_parameter(link, "DIM", shape->dim);
    verilog_parameter(link, "HEAD_DIM", shape->head_dim);
    verilog_parameter(link, "T", design->tape_bus_bits);
    verilog_parameter(link, "EMBED_SHIFT", top->mill->embed_shift);
    verilog_parameter(link, "TAPE_LINES", (uint32_t)(top->mill->tape_size / TAPE_LINE));
    verilog_parameter(link, "MEMORY_LINES",
                      design->memory_fixed ? 0 : top_memory_lines(top->mill, design));
    verilog_parameter(link, "FINGERPRINT", mill_fingerprint(top->mill));
    verilog_parameter(link, "STREAMS", design->streams);
    set_board(link, design->board ? design->board : "sim");
    verilog_connect(link, "logit_valid_i", "logit_valid[0]");
    verilog_connect(link, "logits_i", "logit");
    verilog_connect(link, "top_tokens_i", "top_token");
    verilog_connect(link, "top_logits_i", "top_logit");
    verilog_connect_by_name(link);

    struct verilog_instance *positions =
        verilog_instance(top->module, "positions", "positions", NULL);
    verilog_parameter(positions, "COLUMNS", design->columns);
    verilog_parameter(positions, "MAX_SEQ", shape->max_seq);
    verilog_connect(positions, "load_i", "load_position");
    verilog_connect(positions, "data_i", "load_data[15:0]");
    verilog_connect(positions, "count_i", "run_count");
    verilog_connect(positions, "last_o", "last_position");
    verilog_connect_by_name(positions);
}

/* The weights' widths but 8 that are on the tape: 1 for 2 bits, 2 for 3, 4 for 4. */
static uint32_t narrow_widths(const struct mill *mill)
{
    uint32_t widths = 0;

    for (size_t i = 0; i < mill->op_count; i++)
        if (mill->op[i].opcode == OP_MATRIX && mill->op[i].weight_bits < 8)
            widths |= 1u << (mill->op[i].weight_bits - 2);
    return widths;
}

/* Of the greatest number of rows, blocks or heads, element or address in a header. */
static uint32_t size_bits(const struct mill *mill)
{
    uint32_t seen = 1, bits = 0;

    for (size_t i = 0; i < mill->op_count; i++) {
        const struct tape_op *op = &mill->op[i];
        seen |= (uint32_t)(op->rows | op->blocks | op->source | op->target | op->count);
    }
    for (; seen; seen >>= 1)
        bits++;
    return bits;
}

static void add_tape(const struct top *top)
{
    struct verilog_instance *reader =
        verilog_instance(top->module, "tape_reader", "tape", "The stream of weights");

    verilog_parameter(reader, "T", top->design->tape_bus_bits);
    verilog_parameter(reader, "DEPTH", top->design->fifo_depth);
    verilog_connect(reader, "restart_i",
                    "tape_restart | reset_tape | verify_restart | stream_restart");
    verilog_connect(reader, "mem_valid_i", "tape_word_valid");
    verilog_connect(reader, "mem_ready_o", "tape_word_ready");
    verilog_connect(reader, "mem_data_i", "tape_word");
    verilog_connect(reader, "header_ready_i", "read_header_ready");
    verilog_connect(reader, "op_valid_o", "read_op_valid");
    verilog_connect(reader, "op_ready_i", "read_op_ready");
    verilog_connect(reader, "payload_valid_o", "read_payload_valid");
    verilog_connect(reader, "payload_ready_i", "read_payload_ready");
    verilog_connect(reader, "error_o", "tape_error");
    verilog_connect_by_name(reader);

    struct verilog_instance *verifier =
        verilog_instance(top->module, "tape_verifier", "verifier", NULL);
    verilog_parameter(verifier, "T", top->design->tape_bus_bits);
    verilog_connect(verifier, "start_i", "verify_start");
    verilog_connect(verifier, "forget_i", "mem_load_start_o");
    verilog_connect(verifier, "busy_o", "verify_busy");
    verilog_connect(verifier, "state_o", "verify_state");
    verilog_connect(verifier, "crc_o", "verify_crc");
    verilog_connect(verifier, "restart_o", "verify_restart");
    verilog_connect(verifier, "header_ready_o", "read_header_ready");
    verilog_connect(verifier, "header_word_i", "payload_data");
    verilog_connect(verifier, "op_valid_i", "read_op_valid");
    verilog_connect(verifier, "op_ready_o", "read_op_ready");
    verilog_connect(verifier, "payload_valid_i", "read_payload_valid");
    verilog_connect(verifier, "payload_ready_o", "read_payload_ready");
    verilog_connect_by_name(verifier);

    struct verilog_instance *unpacker = verilog_instance(top->module, "unpacker", "unpacker", NULL);
    verilog_parameter(unpacker, "T", top->design->tape_bus_bits);
    verilog_parameter(unpacker, "K", top->design->inputs);
    verilog_parameter(unpacker, "R", top->rows);
    verilog_parameter(unpacker, "SIZE_BITS", size_bits(top->mill));
    verilog_parameter(unpacker, "WIDTHS", narrow_widths(top->mill));
    verilog_parameter(unpacker, "PARTED", top_is_serial(top));
    verilog_connect(unpacker, "start_i", "unpack_start");
    verilog_connect(unpacker, "rows_i", "cmd_rows");
    verilog_connect(unpacker, "blocks_i", "cmd_blocks");
    verilog_connect(unpacker, "busy_o", "unpack_busy");
    verilog_connect(unpacker, "word_valid_i", "payload_valid");
    verilog_connect(unpacker, "word_ready_o", "unpacker_takes");
    verilog_connect(unpacker, "word_data_i", "payload_data");
    verilog_connect(unpacker, "word_last_i", "payload_last");
    verilog_connect(unpacker, "beat_ready_i", "&beat_ready");
    verilog_connect_by_name(unpacker);

    struct verilog_instance *stage =
        verilog_instance(top->module, "weight_stage", "weight_stage", NULL);
    verilog_parameter(stage, "BITS", top_multiplier_bits(top));
    verilog_parameter(stage, "K", top->design->inputs);
    verilog_parameter(stage, "R", top->rows);
    verilog_connect(stage, "start_i", "unpack_start");
    verilog_connect(stage, "weights_i", "beat_weights");
    verilog_connect(stage, "scales_i", "beat_scales");
    verilog_connect(stage, "factors_o", "stage_factors");
    verilog_connect(stage, "scales_o", "stage_scales");
    verilog_connect_by_name(stage);
}

/* The ROM as one constant, its last word first. */
static void set_microcode(struct verilog_instance *sequencer, const uint16_t *word)
{
    char text[16 + MICRO_WORDS * MICRO_WORD_BITS];
    int length = snprintf(text, sizeof text, "%d'b", MICRO_WORDS * MICRO_WORD_BITS);

    for (int i = MICRO_WORDS - 1; i >= 0; i--)
        for (int bit = MICRO_WORD_BITS - 1; bit >= 0; bit--)
            text[length++] = (char)('0' + (word[i] >> bit & 1));
    text[length] = '\0';
    verilog_parameter_text(sequencer, "MICROCODE", text);
}

static bool add_sequencer(const struct top *top, struct error *err)
{
    const struct mill_shape *shape = &top->mill->shape;
    struct verilog_instance *sequencer = verilog_instance(top->module, "sequencer", "sequencer",
                                                          "Plays the operators' micro programs");
    uint16_t word[MICRO_WORDS];

    if (!microcode_build(top->mill, word, err))
        return false;
    verilog_parameter(sequencer, "DIM", shape->dim);
    verilog_parameter(sequencer, "HEADS", shape->heads);
    verilog_parameter(sequencer, "KV_HEADS", shape->kv_heads);
    verilog_parameter(sequencer, "HEAD_DIM", shape->head_dim);
    verilog_parameter(sequencer, "T", top->design->tape_bus_bits);
    verilog_parameter(sequencer, "SIZE_BITS", size_bits(top->mill));
    verilog_parameter(sequencer, "HOLDS", top_is_serial(top));
    set_microcode(sequencer, word);
    verilog_connect(sequencer, "header_word_i", "payload_data");
    verilog_connect(sequencer, "start_i", "run_start");
    verilog_connect(sequencer, "busy_o", "run_busy");
    verilog_connect(sequencer, "status_o", "run_status");
    verilog_connect(sequencer, "tape_restart_o", "tape_restart");
    verilog_connect(sequencer, "cmd_ready_i", "&cmd_ready");
    verilog_connect_by_name(sequencer);

    struct verilog_instance *counters =
        verilog_instance(top->module, "pass_counters", "pass_counters", NULL);
    verilog_parameter(counters, "T", top->design->tape_bus_bits);
    verilog_connect(counters, "start_i", "run_start");
    verilog_connect(counters, "busy_i", "run_busy");
    verilog_connect(counters, "op_taken_i", "op_valid & op_ready");
    verilog_connect(counters, "payload_taken_i", "payload_valid & payload_ready");
    verilog_connect(counters, "matrix_start_i", "unpack_start");
    verilog_connect(counters, "cmd_ready_i", "&cmd_ready");
    verilog_connect(counters, "beat_ready_i", "&beat_ready");
    verilog_connect(counters, "kv_read_i", "kv_re[0]");
    verilog_connect(counters, "at_i", "counter_at");
    verilog_connect(counters, "byte_o", "counter_byte");
    verilog_connect(counters, "ready_o", "counters_ready");
    verilog_connect_by_name(counters);
    return true;
}

static void add_kv_store(const struct top *top)
{
    const struct mill_shape *shape = &top->mill->shape;
    struct verilog_instance *store =
        verilog_instance(top->module, "kv_store", "kv_store", "One KV cache a slot");

    top_set_family(top, store);
    verilog_parameter(store, "SPRAM", kv_in_spram(top->mill, top->design));
    verilog_parameter(store, "K", top->design->inputs);
    verilog_parameter(store, "COLUMNS", top->design->columns);
    verilog_parameter(store, "LAYERS", shape->layers);
    verilog_parameter(store, "KV_HEADS", shape->kv_heads);
    verilog_parameter(store, "HEAD_DIM", shape->head_dim);
    verilog_parameter(store, "MAX_SEQ", shape->max_seq);
    verilog_connect(store, "prefill_i", "run_prefill");
    verilog_connect(store, "slot_i", "run_slot");
    verilog_connect(store, "count_i", "run_count");
    verilog_connect(store, "positions_i", "position");
    verilog_connect(store, "read_start_i", "kv_start");
    verilog_connect(store, "read_value_i", "kv_is_value");
    verilog_connect(store, "read_head_i", "kv_head");
    verilog_connect(store, "read_enable_i", "kv_re");
    verilog_connect(store, "read_last_i", "kv_last");
    verilog_connect(store, "word_o", "kv_word");
    verilog_connect(store, "key_exponent_o", "kv_exponent");
    verilog_connect(store, "value_exponent_o", "kv_value_exponent");
    verilog_connect_by_name(store);
}

uint32_t top_wide_depth(const struct mill *mill)
{
    uint32_t matrices = tape_wide_depth(mill);
    uint32_t attention = mill->shape.heads * mill->shape.head_dim;

    return matrices > attention ? matrices : attention;
}

bool top_write(const struct mill *mill, const struct design *design, FILE *file, struct error *err)
{
    struct arena arena = {0};
    struct top top = {mill, design, design_rows(mill),
                      verilog_module_new(&arena, "millrace_top",
                                         "The whole design but its memory and its board: made by "
                                         "millgen, of the modules in rtl/.")};

    if (!top.module)
        return error_set(err, ERROR_FAILED, "millrace_top: out of memory");
    declare_nets(&top, nets, sizeof nets / sizeof nets[0]);
    if (has_mixer(&top))
        declare_nets(&top, mixer_nets, sizeof mixer_nets / sizeof mixer_nets[0]);
    state_port_add(top.module, design->tape_bus_bits);
    if (!has_mixer(&top))
        state_port_idle(top.module, design->tape_bus_bits);
    add_absences(&top);
    add_link(&top);
    top_add_source(&top);
    add_tape(&top);
    bool ok = add_sequencer(&top, err);
    if (has_mixer(&top))
        top_add_mixer(&top);
    if (!top_is_mamba(&top))
        add_kv_store(&top);
    if (has_halves(&top))
        top_add_halves(&top);
    for (unsigned c = 0; c < design->columns; c++)
        top_add_column(&top, c);
    for (unsigned c = 0; c < design->columns; c++)
        top_add_sampler(&top, c);
    ok = ok && verilog_write(top.module, file, err);
    arena_free(&arena);
    return ok;
}
