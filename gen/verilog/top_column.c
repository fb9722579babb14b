/* SPDX-License-Identifier: Apache-2.0 */
/* The columns in millrace_top, and what chooses among their logits. */
#include <stdio.h>

#include "gen/verilog/top_inside.h"

/* Connect a port to the part of `net` that is column `c`'s. */
static void connect_part(struct verilog_instance *instance, const char *port, const char *net,
                         unsigned width, unsigned c)
{
    if (width == 1)
        verilog_connect(instance, port, "%s[%u]", net, c);
    else
        verilog_connect(instance, port, "%s[%u:%u]", net, width * c + width - 1, width * c);
}

static void set_column_parameters(const struct top *top, struct verilog_instance *column)
{
    const struct mill_shape *shape = &top->mill->shape;

    verilog_parameter(column, "K", top->design->inputs);
    verilog_parameter(column, "R", top->rows);
    top_set_family(top, column);
    verilog_parameter(column, "MULTIPLIER_BITS", top_multiplier_bits(top));
    verilog_parameter(column, "ACT_BITS", shape->act_bits);
    verilog_parameter(column, "DIM", shape->dim);
    verilog_parameter(column, "HIDDEN",
                      top_is_mamba(top) ? shape->mixer.dt_rank : shape->hidden_dim);
    verilog_parameter(column, "WIDE_DEPTH", top_wide_depth(top->mill));
    verilog_parameter(column, "HEADS", shape->heads);
    if (top_is_mamba(top)) {
        verilog_parameter(column, "INNER", shape->mixer.inner);
        verilog_parameter(column, "ROTATES", mill_rotates(top->mill, ROTATE_BUTTERFLY));
        verilog_parameter(column, "TWELVE", mill_rotates(top->mill, ROTATE_TWELVE));
    }
    verilog_parameter(column, "HEAD_DIM", top_is_mamba(top) ? 2 : shape->head_dim);
    verilog_parameter(column, "MAX_SEQ", top_is_mamba(top) ? 1 : shape->max_seq);
}

static struct verilog_instance *add_pipelined(const struct top *top, const char *name)
{
    struct verilog_instance *column = verilog_instance(top->module, "column", name, NULL);

    set_column_parameters(top, column);
    verilog_connect(column, "mixer_reads_i", "mixer_busy");
    return column;
}

void top_add_column(const struct top *top, unsigned c)
{
    const struct {
        const char *port, *net;
        unsigned width;
    } parts[] = {
        {"cmd_ready_o", "cmd_ready", 1},
        {"load_residual_i", "load_residual", 1},
        {"load_rope_i", "load_rope", 1},
        {"load_position_i", "load_position", 1},
        {"beat_ready_o", "beat_ready", 1},
        {"kv_start_o", "kv_start", 1},
        {"kv_is_value_o", "kv_is_value", 1},
        {"kv_head_o", "kv_head", 8},
        {"kv_re_o", "kv_re", 1},
        {"kv_last_o", "kv_last", 1},
        {"kv_word_i", "kv_word", 9 * top->design->inputs},
        {"kv_exponent_i", "kv_exponent", 4},
        {"kv_value_exponent_i", "kv_value_exponent", 4},
        {"stage_word_o", "stage_word", 9 * top->design->inputs},
        {"stage_exponent_o", "stage_exponent", 4},
        {"mixer_wide_o", "mixer_wide", 18},
        {"mixer_wide_write_i", "mixer_wide_write", 1},
        {"mixer_gated_write_i", "mixer_gated_write", 1},
        {"half_ready_o", "half_ready", 1},
        {"logit_valid_o", "logit_valid", 1},
        {"logit_row_o", "logit_row", 16},
        {"logit_o", "logit", 18},
    };
    char name[32];

    snprintf(name, sizeof name, "column_%u", c);
    bool serial = top_is_serial(top);
    struct verilog_instance *column = serial ? top_add_serial(top, name) : add_pipelined(top, name);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!serial || verilog_has_port(column, parts[i].port))
            connect_part(column, parts[i].port, parts[i].net, parts[i].width, c);
    verilog_connect(column, "weights_i", "stage_factors");
    verilog_connect(column, "scales_i", "stage_scales");
    verilog_connect_by_name(column);
}

void top_add_sampler(const struct top *top, unsigned c)
{
    char name[32];

    snprintf(name, sizeof name, "sampler_%u", c);
    struct verilog_instance *sampler = verilog_instance(top->module, "sampler", name, NULL);
    verilog_parameter(sampler, "TOP_K", top->design->top_k);
    verilog_parameter(sampler, "VOCAB", top->mill->shape.vocab);
    verilog_parameter(sampler, "SPACED", top_is_serial(top));
    verilog_connect(sampler, "clear_i", "run_start");
    verilog_connect(sampler, "valid_i", "logit_valid[%u] & logit_ready", c);
    connect_part(sampler, "row_i", "logit_row", 16, c);
    connect_part(sampler, "logit_i", "logit", 18, c);
    connect_part(sampler, "token_o", "top_token", 16, c);
    connect_part(sampler, "value_o", "top_logit", 18, c);
    verilog_connect_by_name(sampler);
}
