// SPDX-License-Identifier: Apache-2.0
// A column for the smallest FPGAs: column.v's commands, one element at a time.
//
// The array makes one row's total at a time; all else is a program in block RAM
// (gen/serial/) that runs on one accumulator (serial_datapath.v): norms, RoPE, softmax, silu, the
// gate, quantising, and a matrix's rounding and results.  It takes some 20 to 100 cycles an
// element where column.v takes one, and a third of its LUTs.
//
// What differs from column.v: the command's fields hold until cmd_ready_o returns; of a
//   command's positions all count, so that it is a design's only column.
// Mamba: where MIXES is 1, CONV and SCAN are commands too, their payload comes in halves, and the
//   program has no attention.  From the first pass on it may take halves while it is idle.
// Timing: as column.v, in many times its cycles; none of them depends on data.
`default_nettype none
module serial_column #(
    parameter K = 2,                        // 2 or 4
    parameter R = 2,
    parameter FAMILY = "generic",
    parameter MULTIPLIER_BITS = 18,
    parameter DIM = 64,
    parameter HIDDEN = 128,
    parameter HEADS = 4,
    parameter HEAD_DIM = 16,
    parameter MAX_SEQ = 64,
    parameter MIXES = 0,                    // of a Mamba model
    parameter PROGRAM_BITS = 9,             // of an address in PROGRAM_FILE, 10 at most
    parameter ADDRESS_BITS = 10,            // of the memory that DATA_FILE fills
    parameter POINTER_BITS = 10,            // of an address, and of a row
    parameter X_AT = 0,                     // where X lies in it, and RoPE's factors
    parameter ROPE_AT = 0,
    parameter PROGRAM_FILE = "",
    parameter DATA_FILE = "",
    parameter TABLE_FILE = ""
) (
    input  wire                         clk_i,
    input  wire                         rst_i,

    input  wire                         cmd_valid_i,
    output wire                         cmd_ready_o,
    input  wire [4:0]                   cmd_function_i,
    input  wire [1:0]                   cmd_variant_i,
    input  wire [15:0]                  cmd_source_i,
    input  wire [15:0]                  cmd_target_i,
    input  wire [15:0]                  cmd_count_i,
    input  wire [15:0]                  cmd_blocks_i,
    input  wire [15:0]                  cmd_rows_i,
    input  wire [5:0]                   cmd_shift_i,
    input  wire [3:0]                   cmd_shift2_i,
    input  wire [47:0]                  cmd_constant_i,
    input  wire                         cmd_one_row_i,
    input  wire [7:0]                   cmd_head_i,
    input  wire [7:0]                   cmd_kv_head_i,
    input  wire [15:0]                  cmd_positions_i,

    input  wire                         load_residual_i,
    input  wire                         load_rope_i,
    input  wire [15:0]                  load_address_i,
    input  wire [31:0]                  load_data_i,

    input  wire                         half_valid_i,
    output wire                         half_ready_o,
    input  wire [15:0]                  half_i,

    input  wire                         beat_valid_i,
    output wire                         beat_ready_o,
    input  wire [MULTIPLIER_BITS*K-1:0] weights_i,
    input  wire [8*R-1:0]               scales_i,

    output reg                          kv_start_o,
    output wire                         kv_is_value_o,
    output wire [7:0]                   kv_head_o,
    output wire                         kv_re_o,
    output wire                         kv_last_o,
    input  wire [9*K-1:0]               kv_word_i,
    input  wire [3:0]                   kv_exponent_i,
    input  wire [3:0]                   kv_value_exponent_i,

    input  wire [7:0]                   stage_address_i,
    output wire [9*K-1:0]               stage_word_o,
    output wire [3:0]                   stage_exponent_o,

    output wire                         logit_valid_o,
    input  wire                         logit_ready_i,
    output wire [15:0]                  logit_row_o,
    output wire [17:0]                  logit_o
);
    localparam [4:0] ROPE = 5'd3, COPY = 5'd4, MATRIX = 5'd10, SCORE = 5'd11, MIX = 5'd12;
    localparam integer WIDEST_A = DIM > HIDDEN ? DIM : HIDDEN;
    localparam integer WIDEST = WIDEST_A > HEADS * HEAD_DIM ? WIDEST_A : HEADS * HEAD_DIM;
    localparam integer HEAD_BLOCKS = (HEAD_DIM + 15) / 16;
    localparam integer HEAD_SHIFT = $clog2(HEAD_BLOCKS);
    localparam integer QUERY_BASE = (WIDEST + 15) / 16;
    localparam integer PROBABILITY_BASE = QUERY_BASE + (HEADS << HEAD_SHIFT);
    localparam integer BLOCKS = PROBABILITY_BASE + (MAX_SEQ + 15) / 16;
    localparam integer OPERAND_BITS = $clog2(BLOCKS) + 4;       // of an element's address
    localparam integer LANE_BITS = $clog2(K);
    localparam integer WORD_BITS = OPERAND_BITS - LANE_BITS;
    localparam integer LONGEST = WIDEST > MAX_SEQ ? WIDEST : MAX_SEQ;
    localparam integer BLOCK_BITS = $clog2((LONGEST + 15) / 16 + 1);
    localparam integer STAGE_BITS = $clog2(HEAD_BLOCKS * 16 / K);

    // As in column.v.
    localparam integer MATRIX_BITS = 37 + $clog2((WIDEST + 15) / 16);
    localparam integer SCORE_BITS = 35 + $clog2(HEAD_DIM);
    localparam integer MIX_BITS = 29 + $clog2((MAX_SEQ + 15) / 16);
    localparam integer DOT_BITS = MATRIX_BITS > SCORE_BITS ? MATRIX_BITS : SCORE_BITS;
    localparam integer TOTAL_BITS = DOT_BITS > MIX_BITS ? DOT_BITS : MIX_BITS;
    // Eight bits below a total, or the sum of squares and a bit to compare it with, or of a
    // scan's D x, 32 bits, up to 28 bits higher, and what is added to it.
    localparam integer A_LEAST = (MIXES != 0) ? 62 : 50;
    localparam integer A_BITS = TOTAL_BITS + 9 > A_LEAST ? TOTAL_BITS + 9 : A_LEAST;

    generate
        if (!((K == 2 || K == 4) && (R == 1 || R == 2))) unsupported_lanes unsupported ();
        if (HEAD_DIM < 2 || HEAD_DIM > 128 || HEAD_DIM % 2 != 0)
            unsupported_head_dim unsupported ();
        if (ADDRESS_BITS > POINTER_BITS || POINTER_BITS > 10) unsupported_size unsupported ();
    endgenerate

    // The program does not look at them before its second instruction.
    reg        is_matrix, is_score, is_mix, to_stage;
    reg [15:0] source, target;          // come late
    always @(posedge clk_i) begin
        source <= cmd_source_i;
        target <= cmd_target_i;
        is_matrix <= (cmd_function_i == MATRIX);
        is_score <= (MIXES == 0) & (cmd_function_i == SCORE);
        is_mix <= (MIXES == 0) & (cmd_function_i == MIX);
        to_stage <= ((cmd_function_i == ROPE) | (cmd_function_i == COPY))
                    & (cmd_variant_i[1] ^ cmd_variant_i[0]);
    end

    // ---- The program
    wire                    busy, start;
    wire [39:0]             instruction;
    wire                    flag, row_done, shifting, by_four, shifts, load_loop;
    wire                    load_shift, shift_to_exponent, row_start, mantissa_write;
    wire [POINTER_BITS-1:0] value, element, row;
    wire [8:0]              mantissa;
    wire [4:0]              exponent;
    wire [TOTAL_BITS-1:0]   total;
    wire                    load_state, take_state, write_state;
    wire [31:0]             word, state;

    // Few functions have variants; of a Mamba model MATRIX alone, and then no attention follows.
    wire [1:0] of_matrix = (cmd_function_i == MATRIX) ? cmd_variant_i : 2'd0;
    wire [4:0] entry = (MIXES != 0) ? cmd_function_i + {3'd0, of_matrix} :
                       (cmd_variant_i != 2'd0) ? {1'b1, cmd_variant_i, cmd_function_i[3:2]}
                                               : {1'b0, cmd_function_i[3:0]};
    assign cmd_ready_o = ~busy;
    assign start = cmd_valid_i & cmd_ready_o;

    serial_control #(
        .PROGRAM_FILE(PROGRAM_FILE), .PROGRAM_BITS(PROGRAM_BITS), .POINTER_BITS(POINTER_BITS),
        .BY_FOUR(MIXES)
    ) control (
        .clk_i(clk_i), .rst_i(rst_i), .start_i(start),
        .entry_i(entry), .busy_o(busy),
        .instruction_o(instruction), .flag_i(flag), .row_done_i(row_done),
        .logit_ready_i(logit_ready_i), .offers_logit_o(logit_valid_o),
        .half_valid_i(half_valid_i), .half_ready_o(half_ready_o), .value_i(value),
        .load_loop_i(load_loop), .load_shift_i(load_shift),
        .shift_to_exponent_i(shift_to_exponent), .exponent_i(exponent), .shifts_i(shifts),
        .shifting_o(shifting), .by_four_o(by_four)
    );

    wire [ADDRESS_BITS-1:0] load_at = load_residual_i ? X_AT[ADDRESS_BITS-1:0]
                                                      : ROPE_AT[ADDRESS_BITS-1:0];
    serial_datapath #(
        .FAMILY(FAMILY), .MULTIPLIER_BITS(MULTIPLIER_BITS), .A_BITS(A_BITS),
        .TOTAL_BITS(TOTAL_BITS), .ADDRESS_BITS(ADDRESS_BITS), .POINTER_BITS(POINTER_BITS),
        .MIXES(MIXES), .DATA_FILE(DATA_FILE), .TABLE_FILE(TABLE_FILE)
    ) datapath (
        .clk_i(clk_i), .instruction_i(instruction),
        .load_write_i(load_residual_i | load_rope_i),
        .load_address_i(load_address_i[ADDRESS_BITS-1:0] + load_at), .load_data_i(load_data_i),
        .source_i(source), .target_i(target), .count_i(cmd_count_i),
        .rows_i(cmd_rows_i), .positions_i(cmd_positions_i), .head_i(cmd_head_i),
        .shift_i(cmd_shift_i), .shift2_i(cmd_shift2_i), .constant_i(cmd_constant_i),
        .total_i(total), .value_exponent_i(kv_value_exponent_i),
        .half_i(half_i), .state_i(state), .load_state_o(load_state), .take_state_o(take_state),
        .write_state_o(write_state), .word_o(word), .value_o(value),
        .load_loop_o(load_loop), .load_shift_o(load_shift),
        .shift_to_exponent_o(shift_to_exponent), .shifts_o(shifts), .shifting_i(shifting),
        .by_four_i(by_four),
        .flag_o(flag), .row_start_o(row_start), .mantissa_write_o(mantissa_write),
        .element_o(element), .mantissa_o(mantissa), .exponent_o(exponent), .logit_o(logit_o),
        .row_o(row)
    );

    // ---- What a Mamba model remembers
    generate
        if (MIXES != 0) begin : mixes
            serial_state #(.FAMILY(FAMILY)) states (
                .clk_i(clk_i), .load_i(load_state), .load_at_i(word[13:0]), .take_i(take_state),
                .write_i(write_state), .data_i(word), .word_o(state)
            );
        end else begin : attends
            wire unused_state = &{1'b0, load_state, take_state, write_state, word};
            assign state = 32'd0;
        end
    endgenerate
    assign logit_row_o = {{16-POINTER_BITS{1'b0}}, row};

    // ---- The array, and the operands that it takes
    localparam integer HEAD_BLOCKS_BITS = HEAD_BLOCKS;
    wire [15:0] position_blocks = (cmd_positions_i + 16'd15) >> 4;
    wire [BLOCK_BITS-1:0] blocks = is_matrix ? cmd_blocks_i[BLOCK_BITS-1:0] :
                                   is_score ? HEAD_BLOCKS_BITS[BLOCK_BITS-1:0]
                                            : position_blocks[BLOCK_BITS-1:0];
    wire [WORD_BITS-1:0] operand_at;
    wire [8*K-1:0]       operand;
    wire [3:0]           operand_exponent;

    serial_array #(
        .FAMILY(FAMILY), .MULTIPLIER_BITS(MULTIPLIER_BITS), .K(K), .R(R),
        .ADDRESS_BITS(WORD_BITS), .BLOCK_BITS(BLOCK_BITS), .TOTAL_BITS(TOTAL_BITS)
    ) lanes (
        .clk_i(clk_i), .rst_i(rst_i), .command_i(start), .start_i(row_start),
        .base_i(element[OPERAND_BITS-1:LANE_BITS]), .blocks_i(blocks),
        .paired_i((R == 2) & is_matrix & ~cmd_one_row_i), .matrix_i(is_matrix),
        .score_i(is_score), .done_o(row_done), .total_o(total), .beat_valid_i(beat_valid_i),
        .beat_ready_o(beat_ready_o), .weights_i(weights_i), .scales_i(scales_i),
        .address_o(operand_at), .operand_i(operand), .exponent_i(operand_exponent),
        .kv_re_o(kv_re_o), .kv_last_o(kv_last_o), .kv_word_i(kv_word_i),
        .kv_exponent_i(kv_exponent_i)
    );
    reg started;
    always @(posedge clk_i) begin
        started <= start;
        kv_start_o <= started & (is_score | is_mix);
    end
    assign {kv_is_value_o, kv_head_o} = {is_mix, cmd_kv_head_i};

    serial_operands #(
        .K(K), .ADDRESS_BITS(OPERAND_BITS), .STAGE_BITS(STAGE_BITS)
    ) operands (
        .clk_i(clk_i), .write_i(mantissa_write), .to_stage_i(to_stage),
        .element_i(element[OPERAND_BITS-1:0]), .mantissa_i(mantissa), .exponent_i(exponent[3:0]),
        .read_word_at_i(operand_at), .word_o(operand), .exponent_o(operand_exponent),
        .stage_at_i(stage_address_i[STAGE_BITS-1:0]), .stage_word_o(stage_word_o)
    );
    assign stage_exponent_o = exponent[3:0];

    wire unused = &{1'b0, cmd_function_i[4], of_matrix, cmd_blocks_i, load_address_i,
                    stage_address_i, position_blocks, element, row};
endmodule
`default_nettype wire
