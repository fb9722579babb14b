/* SPDX-License-Identifier: Apache-2.0 */
/* The nets of millrace_top, as data: its ports, and what joins its modules. */
#ifndef MILLRACE_GEN_VERILOG_TOP_NETS_H
#define MILLRACE_GEN_VERILOG_TOP_NETS_H

#include <stdbool.h>

#include "gen/verilog/module.h"

enum { UNPACKED_BITS = 8 }; /* of a weight */

/* What the width of a net is counted in. */
enum unit { BITS, BUS, INPUTS, ROWS, LANES, FACTORS };

struct net_row {
    enum verilog_direction direction;
    const char *name;
    unsigned width;
    enum unit unit;
    bool each; /* that for each column */
    const char *comment;
};

static const struct net_row nets[] = {
    {VERILOG_INPUT, "clk_i", 1, BITS, false, NULL},
    {VERILOG_INPUT, "rst_i", 1, BITS, false, "Synchronous, for one cycle at least."},
    {VERILOG_INPUT, "rx_valid_i", 1, BITS, false, "Bytes from the host."},
    {VERILOG_OUTPUT, "rx_ready_o", 1, BITS, false, NULL},
    {VERILOG_INPUT, "rx_data_i", 8, BITS, false, NULL},
    {VERILOG_OUTPUT, "tx_valid_o", 1, BITS, false, "Bytes to the host."},
    {VERILOG_INPUT, "tx_ready_i", 1, BITS, false, NULL},
    {VERILOG_OUTPUT, "tx_data_o", 8, BITS, false, NULL},
    {VERILOG_INPUT, "restart_i", 1, BITS, false, "The host has begun anew (link.v)."},
    {VERILOG_OUTPUT, "mem_start_o", 1, BITS, false, "The tape's memory (tape_reader.v)."},
    {VERILOG_INPUT, "mem_valid_i", 1, BITS, false, NULL},
    {VERILOG_OUTPUT, "mem_ready_o", 1, BITS, false, NULL},
    {VERILOG_INPUT, "mem_data_i", 1, BUS, false, NULL},

    {VERILOG_OUTPUT, "mem_load_start_o", 1, BITS, false, "Loading it (link.v)."},
    {VERILOG_OUTPUT, "mem_load_line_o", 24, BITS, false, NULL},
    {VERILOG_OUTPUT, "mem_load_valid_o", 1, BITS, false, NULL},
    {VERILOG_INPUT, "mem_load_ready_i", 1, BITS, false, NULL},
    {VERILOG_OUTPUT, "mem_load_data_o", 8, BITS, false, NULL},
    {VERILOG_INPUT, "mem_load_busy_i", 1, BITS, false, NULL},
    {VERILOG_INPUT, "mem_fault_i", 2, BITS, false, "Its start-up test: 1 not over yet, 2 failed."},

    {VERILOG_WIRE, "load_residual", 1, BITS, true, "Loading columns"},
    {VERILOG_WIRE, "load_rope", 1, BITS, true, NULL},
    {VERILOG_WIRE, "load_position", 1, BITS, true, NULL},
    {VERILOG_WIRE, "load_address", 16, BITS, false, NULL},
    {VERILOG_WIRE, "load_data", 32, BITS, false, NULL},
    {VERILOG_WIRE, "position", 16, BITS, true, NULL},
    {VERILOG_WIRE, "last_position", 16, BITS, false, NULL},

    {VERILOG_WIRE, "run_start", 1, BITS, false, "Running a pass"},
    {VERILOG_WIRE, "run_prefill", 1, BITS, false, NULL},
    {VERILOG_WIRE, "run_slot", 8, BITS, false, NULL},
    {VERILOG_WIRE, "run_count", 8, BITS, false, NULL},
    {VERILOG_WIRE, "run_busy", 1, BITS, false, NULL},
    {VERILOG_WIRE, "run_status", 2, BITS, false, NULL},
    {VERILOG_WIRE, "counter_at", 5, BITS, false, NULL},
    {VERILOG_WIRE, "counter_byte", 8, BITS, false, NULL},
    {VERILOG_WIRE, "counters_ready", 1, BITS, false, NULL},

    {VERILOG_WIRE, "reset_tape", 1, BITS, false, "The tape"},
    {VERILOG_WIRE, "tape_restart", 1, BITS, false, NULL},
    {VERILOG_WIRE, "tape_error", 2, BITS, false, NULL},
    {VERILOG_WIRE, "verify_start", 1, BITS, false, NULL},
    {VERILOG_WIRE, "verify_busy", 1, BITS, false, NULL},
    {VERILOG_WIRE, "verify_state", 2, BITS, false, NULL},
    {VERILOG_WIRE, "verify_crc", 32, BITS, false, NULL},
    {VERILOG_WIRE, "verify_restart", 1, BITS, false, NULL},
    {VERILOG_WIRE, "tape_word_valid", 1, BITS, false, NULL},
    {VERILOG_WIRE, "tape_word_ready", 1, BITS, false, NULL},
    {VERILOG_WIRE, "tape_word", 1, BUS, false, NULL},
    {VERILOG_WIRE, "read_op_valid", 1, BITS, false, NULL},
    {VERILOG_WIRE, "read_op_ready", 1, BITS, false, NULL},
    {VERILOG_WIRE, "read_payload_valid", 1, BITS, false, NULL},
    {VERILOG_WIRE, "read_payload_ready", 1, BITS, false, NULL},
    {VERILOG_WIRE, "op_valid", 1, BITS, false, NULL},
    {VERILOG_WIRE, "op_ready", 1, BITS, false, NULL},
    {VERILOG_WIRE, "read_header_ready", 1, BITS, false, NULL},
    {VERILOG_WIRE, "header_ready", 1, BITS, false, NULL},
    {VERILOG_WIRE, "header_valid", 1, BITS, false, NULL},
    {VERILOG_WIRE, "header_at", 4, BITS, false, NULL},
    {VERILOG_WIRE, "op_is_end", 1, BITS, false, NULL},
    {VERILOG_WIRE, "payload_valid", 1, BITS, false, NULL},
    {VERILOG_WIRE, "payload_ready", 1, BITS, false, NULL},
    {VERILOG_WIRE, "payload_data", 1, BUS, false, NULL},
    {VERILOG_WIRE, "payload_last", 1, BITS, false, NULL},
    {VERILOG_WIRE, "unpacker_takes", 1, BITS, false, NULL},
    {VERILOG_WIRE, "unpack_start", 1, BITS, false, NULL},
    {VERILOG_WIRE, "unpack_busy", 1, BITS, false, NULL},
    {VERILOG_WIRE, "weight_bits", 4, BITS, false, NULL},
    {VERILOG_WIRE, "group_shift", 2, BITS, false, NULL},
    {VERILOG_WIRE, "beat_valid", 1, BITS, false, NULL},
    {VERILOG_WIRE, "beat_ready", 1, BITS, true, NULL},
    {VERILOG_WIRE, "beat_weights", UNPACKED_BITS, LANES, false, NULL},
    {VERILOG_WIRE, "beat_scales", 8, ROWS, false, NULL},
    {VERILOG_WIRE, "stage_factors", 1, FACTORS, false, NULL},
    {VERILOG_WIRE, "stage_scales", 8, ROWS, false, NULL},

    {VERILOG_WIRE, "run_streams", 1, BITS, false, "The tape from the host"},
    {VERILOG_WIRE, "stream_restart", 1, BITS, false, NULL},
    {VERILOG_WIRE, "stream_frame", 1, BITS, false, NULL},
    {VERILOG_WIRE, "stream_valid", 1, BITS, false, NULL},
    {VERILOG_WIRE, "stream_data", 8, BITS, false, NULL},
    {VERILOG_WIRE, "stream_ready", 1, BITS, false, NULL},
    {VERILOG_WIRE, "stream_ends", 1, BITS, false, NULL},
    {VERILOG_WIRE, "stream_damage", 1, BITS, false, NULL},
    {VERILOG_WIRE, "stream_wanted", 1, BITS, false, NULL},
    {VERILOG_WIRE, "stream_broken", 1, BITS, false, NULL},

    {VERILOG_WIRE, "cmd_valid", 1, BITS, false, "Commands to the columns"},
    {VERILOG_WIRE, "cmd_ready", 1, BITS, true, NULL},
    {VERILOG_WIRE, "cmd_function", 5, BITS, false, NULL},
    {VERILOG_WIRE, "cmd_variant", 2, BITS, false, NULL},
    {VERILOG_WIRE, "cmd_source", 16, BITS, false, NULL},
    {VERILOG_WIRE, "cmd_target", 16, BITS, false, NULL},
    {VERILOG_WIRE, "cmd_count", 16, BITS, false, NULL},
    {VERILOG_WIRE, "cmd_blocks", 16, BITS, false, NULL},
    {VERILOG_WIRE, "cmd_rows", 16, BITS, false, NULL},
    {VERILOG_WIRE, "cmd_shift", 6, BITS, false, NULL},
    {VERILOG_WIRE, "cmd_shift2", 4, BITS, false, NULL},
    {VERILOG_WIRE, "cmd_constant", 48, BITS, false, NULL},
    {VERILOG_WIRE, "cmd_one_row", 1, BITS, false, NULL},
    {VERILOG_WIRE, "cmd_head", 8, BITS, false, NULL},
    {VERILOG_WIRE, "cmd_kv_head", 8, BITS, false, NULL},
    {VERILOG_WIRE, "cmd_positions", 16, BITS, false, NULL},

    {VERILOG_WIRE, "layer", 16, BITS, false, "The KV cache"},
    {VERILOG_WIRE, "store_start", 1, BITS, false, NULL},
    {VERILOG_WIRE, "store_value", 1, BITS, false, NULL},
    {VERILOG_WIRE, "store_head", 8, BITS, false, NULL},
    {VERILOG_WIRE, "store_busy", 1, BITS, false, NULL},
    {VERILOG_WIRE, "stage_address", 8, BITS, false, NULL},
    {VERILOG_WIRE, "stage_word", 9, INPUTS, true, NULL},
    {VERILOG_WIRE, "stage_exponent", 4, BITS, true, NULL},
    {VERILOG_WIRE, "kv_start", 1, BITS, true, NULL},
    {VERILOG_WIRE, "kv_is_value", 1, BITS, true, NULL},
    {VERILOG_WIRE, "kv_head", 8, BITS, true, NULL},
    {VERILOG_WIRE, "kv_re", 1, BITS, true, NULL},
    {VERILOG_WIRE, "kv_last", 1, BITS, true, NULL},
    {VERILOG_WIRE, "kv_word", 9, INPUTS, true, NULL},
    {VERILOG_WIRE, "kv_exponent", 4, BITS, true, NULL},
    {VERILOG_WIRE, "kv_value_exponent", 4, BITS, true, NULL},

    {VERILOG_WIRE, "mixer_start", 1, BITS, false, "A Mamba block's mixer"},
    {VERILOG_WIRE, "mixer_scan", 1, BITS, false, NULL},
    {VERILOG_WIRE, "mixer_busy", 1, BITS, false, NULL},
    {VERILOG_WIRE, "mixer_takes", 1, BITS, false, NULL},
    {VERILOG_WIRE, "mixer_read_address", 16, BITS, false, NULL},
    {VERILOG_WIRE, "mixer_wide", 18, BITS, true, NULL},
    {VERILOG_WIRE, "mixer_wide_write", 1, BITS, true, NULL},
    {VERILOG_WIRE, "mixer_gated_write", 1, BITS, true, NULL},
    {VERILOG_WIRE, "mixer_write_address", 16, BITS, false, NULL},
    {VERILOG_WIRE, "mixer_write_data", 32, BITS, false, NULL},
    {VERILOG_WIRE, "scale_start", 1, BITS, false, NULL},
    {VERILOG_WIRE, "halves_take", 1, BITS, false, NULL},
    {VERILOG_WIRE, "half_valid", 1, BITS, false, NULL},
    {VERILOG_WIRE, "half_ready", 1, BITS, true, NULL},
    {VERILOG_WIRE, "half", 16, BITS, false, NULL},

    {VERILOG_WIRE, "logit_valid", 1, BITS, true, "Logits"},
    {VERILOG_WIRE, "logit_ready", 1, BITS, false, NULL},
    {VERILOG_WIRE, "logit_row", 16, BITS, true, NULL},
    {VERILOG_WIRE, "logit", 18, BITS, true, NULL},
    {VERILOG_WIRE, "rank", 8, BITS, false, NULL},
    {VERILOG_WIRE, "top_token", 16, BITS, true, NULL},
    {VERILOG_WIRE, "top_logit", 18, BITS, true, NULL},
};

/* Only where there is a mixer. */
static const struct net_row mixer_nets[] = {
    {VERILOG_WIRE, "fresh", 1, BITS, true, "Between the mixer and its bus"},
    {VERILOG_WIRE, "turns", 2, BITS, true, NULL},
    {VERILOG_WIRE, "read_column", 8, BITS, false, NULL},
    {VERILOG_WIRE, "read_address", 16, BITS, false, NULL},
    {VERILOG_WIRE, "read_data", 18, BITS, false, NULL},
    {VERILOG_WIRE, "write_column", 8, BITS, false, NULL},
    {VERILOG_WIRE, "write_address", 16, BITS, false, NULL},
    {VERILOG_WIRE, "wide_write", 1, BITS, false, NULL},
    {VERILOG_WIRE, "wide_data", 18, BITS, false, NULL},
    {VERILOG_WIRE, "gated_write", 1, BITS, false, NULL},
    {VERILOG_WIRE, "gated_data", 32, BITS, false, NULL},
};

/* Driven by what attention has and Mamba has not: 0 in a Mamba model; and what only
 * attention reads.  Then the other way round. */
static const char *const attention_drives[] = {"kv_word",    "kv_exponent",   "kv_value_exponent",
                                               "store_busy", "stage_address", NULL};
static const char attention_reads[] = "layer, store_start, store_value, store_head, stage_word, "
                                      "stage_exponent, kv_start, kv_is_value, kv_head, kv_re, "
                                      "kv_last";
static const char *const mixer_drives[] = {
    "mixer_busy",        "mixer_takes",         "mixer_read_address", "mixer_wide_write",
    "mixer_gated_write", "mixer_write_address", "mixer_write_data",   NULL};
static const char mixer_reads[] = "mixer_start, mixer_scan, mixer_wide";
static const char *const scale_drives[] = {"halves_take", "half_valid", "half", NULL};
static const char scale_reads[] = "scale_start, half_ready";
/* The same of a link that brings no tape. */
static const char *const stream_drives[] = {"stream_ready", "stream_wanted", "stream_broken",
                                            "stream_restart", NULL};
static const char stream_reads[] = "run_streams, stream_frame, stream_valid, stream_data, "
                                   "stream_ends, stream_damage";

#endif
