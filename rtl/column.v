// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// One column: a token's activations and everything that works on them but the
// KV cache. All columns get the same commands and stay in step, since no
// timing depends on data.
//
// A command is one pass of the vector unit or of the array:
//
//   0 SUMSQ  count, constant: sums X^2 and epsilon       (takes two passes)
//   1 RSQRT  1 / sqrt of that sum
//   2 NORM   count: X / sqrt(sum) -> operand region 0
//   3 ROPE   source, count, head, variant: wide, rotated -> by variant
//   4 COPY   as ROPE, not rotated
//   5 EXP    positions: softmax's numerators -> operand region 2, their sum
//   6 RECIP  1 / that sum
//   7 DIV    source, count: wide / that sum -> wide, in place
//   8 SILU   source, count, shift2: silu(wide) -> wide, in place
//   9 GLU    source, target, count, shift: wide * wide -> operand region 0
//  10 MATRIX rows, blocks, shift, one_row, target, variant: region 0 x tape ->
//            variant 0: wide from target on, 1: added to X, 2: logits
//  11 SCORE  head, kv_head, positions, shift: query . keys -> scores
//  12 MIX    kv_head, positions, target: probabilities . values -> wide
//  16 GATE, 17 SCALE, 18 HADAMARD, 19 TWELVE: a Mamba model's (mixer_column.v)
//
// SUMSQ and NORM take the gated store for X where the variant is not 0; with variant
// 2 NORM goes to wide from target on. Where shift2 is not 0 it has the bits of NORM's
// operand. A Mamba model (INNER is not 0) has no heads: HEADS is 0.
//
// The variant of ROPE and COPY: 0 the query of `head` (operand region 1), 1 a
// key and 2 a value, both to the stage buffer, 3 (COPY) operand region 0.
// Region 0 has blocks of 16 in ACT_BITS; a head is one block, a key's of 9 bits,
// the others' of 8; region 2 has 8-bit blocks of 16. Words of the stage buffer
// and of the KV cache have 9 bits an element, a value's sign-extended.
//
// Timing: a command is taken where cmd_valid_i and cmd_ready_o are high; ready
// returns when all that it wrote is written (after a number of cycles that
// gen/op/ states). Loads are taken while ready. kv_start_o begins a pass over a head's
// keys or values; each kv_re_o asks for the next word, in the order of array_issue.v,
// and is answered exactly two cycles later. Logits are a valid/ready stream.
// Resources: one vector unit (a multiplier), K multipliers for K x R lanes, one or two
// for the scales; RAM for X, the wide values, operands, scores.
module column #(
    parameter K = 8,
    parameter R = 2,
    parameter FAMILY = "generic",
    parameter MULTIPLIER_BITS = 18,
    parameter ACT_BITS = 8,
    parameter DIM = 64,
    parameter HIDDEN = 128,
    parameter WIDE_DEPTH = 256,
    parameter HEADS = 4,
    parameter HEAD_DIM = 16,
    parameter MAX_SEQ = 64,
    parameter INNER = 0,
    parameter ROTATES = 0,
    parameter TWELVE = 0,
    parameter TABLE_FILE = "function_table.hex"
) (
    input wire clk_i,
    input wire rst_i,

    input wire cmd_valid_i,
    output reg cmd_ready_o,
    input wire [4:0] cmd_function_i,
    input wire [1:0] cmd_variant_i,
    input wire [15:0] cmd_source_i,
    input wire [15:0] cmd_target_i,
    input wire [15:0] cmd_count_i,
    input wire [15:0] cmd_blocks_i,
    input wire [15:0] cmd_rows_i,
    input wire [5:0] cmd_shift_i,
    input wire [3:0] cmd_shift2_i,
    input wire [47:0] cmd_constant_i,
    input wire cmd_one_row_i,
    input wire [7:0] cmd_head_i,
    input wire [7:0] cmd_kv_head_i,
    input wire [15:0] cmd_positions_i,

    input wire load_residual_i,
    input wire load_rope_i,
    input wire load_position_i,
    input wire [15:0] load_address_i,
    input wire [31:0] load_data_i,

    input wire beat_valid_i,
    output wire beat_ready_o,
    input wire [MULTIPLIER_BITS*K-1:0] weights_i,  // of weight_stage
    input wire [8*R-1:0] scales_i,

    output wire kv_start_o,
    output wire kv_is_value_o,
    output wire [7:0] kv_head_o,
    output wire kv_re_o,
    output wire kv_last_o,
    input wire [9*K-1:0] kv_word_i,
    input wire [3:0] kv_exponent_i,
    input wire [3:0] kv_value_exponent_i,

    // A Mamba model's mixer, which reads the wide store while mixer_reads_i (answered
    // two cycles later), and writes; and SCALE's payload.
    input wire mixer_reads_i,
    input wire [15:0] mixer_read_address_i,
    output wire [17:0] mixer_wide_o,
    input wire mixer_wide_write_i,
    input wire mixer_gated_write_i,
    input wire [15:0] mixer_write_address_i,
    input wire [31:0] mixer_write_data_i,
    input wire half_valid_i,
    output wire half_ready_o,
    input wire [15:0] half_i,

    input wire [7:0] stage_address_i,
    output wire [9*K-1:0] stage_word_o,
    output wire [3:0] stage_exponent_o,

    output wire logit_valid_o,
    input wire logit_ready_i,
    output wire [15:0] logit_row_o,
    output wire [17:0] logit_o
);

  localparam [4:0] NORM = 2, ROPE = 3, COPY = 4, EXP = 5, MATRIX = 10, SCORE = 11, MIX = 12;
  localparam [1:0] TO_WIDE = 0, TO_RESIDUAL = 1, TO_LOGITS = 2;

  localparam integer WIDEST_A = DIM > HIDDEN ? DIM : HIDDEN;
  localparam integer WIDEST_B = WIDEST_A > INNER ? WIDEST_A : INNER;
  localparam integer WIDEST = WIDEST_B > HEADS * HEAD_DIM ? WIDEST_B : HEADS * HEAD_DIM;
  localparam integer DIM_BITS = DIM > 1 ? $clog2(DIM + 1) : 1;
  localparam integer WIDE_BITS = $clog2(WIDE_DEPTH);
  localparam integer ROPE_BITS = HEAD_DIM > 1 ? $clog2(HEAD_DIM) : 1;

  // The array's accumulators hold blocks of 16 products below 2^14, times a scale
  // below 2^8 and 2^10: with 8-bit activations the exponent is at most 17 - 7, and
  // with 4-bit ones the products lose what it gains. A score's products are below
  // 2^15, its exponents 10 and 9; a mix has no scale.
  localparam integer MATRIX_BITS = 37 + $clog2((WIDEST + 15) / 16);
  localparam integer SCORE_TOTAL_BITS = 35 + $clog2(HEAD_DIM);
  localparam integer MIX_BITS = 29 + $clog2((MAX_SEQ + 15) / 16);
  localparam integer DOT_BITS = MATRIX_BITS > SCORE_TOTAL_BITS ? MATRIX_BITS : SCORE_TOTAL_BITS;
  localparam integer TOTAL_BITS = DOT_BITS > MIX_BITS ? DOT_BITS : MIX_BITS;

  // The sum of 2^16 squares of 15 bits leaves room for epsilon. A false condition
  // names a module that does not exist.
  generate
    if (!((K == 2 || K == 4 || K == 8 || K == 16) && (R == 1 || R == 2) &&
          (MULTIPLIER_BITS == 16 || MULTIPLIER_BITS == 18) && (ACT_BITS == 4 || ACT_BITS == 8)))
      unsupported_lanes unsupported ();
    if (WIDEST > 32768 || WIDE_DEPTH > 65536 || MAX_SEQ > 65520 || HEADS > 256)
      unsupported_size unsupported ();
    if (HEAD_DIM < 2 || HEAD_DIM > 128 || HEAD_DIM % 2 != 0) unsupported_head_dim unsupported ();
  endgenerate

  // Command.
  reg start;
  reg [4:0] operation;
  reg [1:0] variant;
  reg [15:0] source;
  reg [15:0] target;
  reg [15:0] count;
  reg [15:0] blocks;
  reg [15:0] rows;
  reg [5:0] shift;
  reg [3:0] shift2;
  reg [47:0] constant;
  reg one_row;
  reg [7:0] head;
  reg [7:0] kv_head;
  reg [15:0] positions;
  reg [15:0] position;
  wire vector_busy;
  wire array_busy;
  wire gating;
  wire accept = cmd_valid_i && cmd_ready_o;

  // What the command is, for all that must know it at once.
  localparam ATTENDS = HEADS != 0 ? 1 : 0;
  reg on_array;
  reg is_score;
  reg is_mix;
  reg is_exp;
  reg is_head;
  reg to_stage;
  reg nine_bits;
  reg four_bits;
  reg [2:0] matrix_to;
  wire heads = ATTENDS != 0 &&
      (cmd_function_i == ROPE || (cmd_function_i == COPY && cmd_variant_i != 2'd3));
  wire narrow = cmd_function_i == NORM && cmd_shift2_i != 4'd0 ? cmd_shift2_i == 4'd4
                                                                : ACT_BITS == 4;

  always @(posedge clk_i) begin
    start <= accept && !rst_i;
    cmd_ready_o <= !accept && !start && !vector_busy && !array_busy && !gating &&
                   !logit_valid_o;
    if (accept) begin
      on_array <= cmd_function_i >= MATRIX && !cmd_function_i[4];
      is_score <= ATTENDS != 0 && cmd_function_i == SCORE;
      is_mix <= ATTENDS != 0 && cmd_function_i == MIX;
      is_exp <= ATTENDS != 0 && cmd_function_i == EXP;
      is_head <= heads;
      to_stage <= heads && cmd_variant_i != 2'd0;
      nine_bits <= heads && cmd_variant_i == 2'd1;
      four_bits <= narrow && !heads && (ATTENDS == 0 || cmd_function_i != EXP);
      matrix_to <= cmd_function_i == MATRIX ? 3'd1 << cmd_variant_i : 3'd0;
      operation <= cmd_function_i;
      variant <= cmd_variant_i;
      source <= cmd_source_i;
      target <= cmd_target_i;
      count <= cmd_function_i == EXP ? cmd_positions_i : cmd_count_i;
      blocks <= cmd_blocks_i;
      rows <= cmd_rows_i;
      shift <= cmd_shift_i;
      shift2 <= cmd_shift2_i;
      constant <= cmd_constant_i;
      one_row <= cmd_one_row_i;
      head <= cmd_head_i;
      kv_head <= cmd_kv_head_i;
      positions <= cmd_positions_i;
    end
    if (load_position_i) position <= load_data_i[15:0];
  end

  wire on_mixer = operation[4];
  wire from_gated = INNER != 0 && variant != 2'd0;

  // Array.
  wire [15:0] operand_offset;
  wire [8*K-1:0] operand_word;
  wire [3:0] operand_exponent;
  wire logit_stall;
  wire result_valid;
  wire [15:0] result_index;
  wire signed [31:0] result;
  wire [17:0] result_wide;
  wire [3:0] value_exponent;
  wire [5:0] sum_length;
  reg [5:0] array_shift;

  always @(posedge clk_i) array_shift <= is_mix ? sum_length - 6'd1 : shift;

  array #(
      .FAMILY(FAMILY),
      .MULTIPLIER_BITS(MULTIPLIER_BITS),
      .K(K),
      .R(R),
      .HEAD_DIM(HEAD_DIM),
      .TOTAL_BITS(TOTAL_BITS)
  ) lanes (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(start && on_array),
      .score_i(is_score),
      .mix_i(is_mix),
      .two_rows_i(R == 2 && !one_row),
      .rows_i(rows),
      .blocks_i(blocks),
      .positions_i(positions),
      .shift_i(array_shift),
      .stall_i(logit_stall),
      .busy_o(array_busy),
      .beat_valid_i(beat_valid_i),
      .beat_ready_o(beat_ready_o),
      .weights_i(weights_i),
      .scales_i(scales_i),
      .operand_address_o(operand_offset),
      .operand_word_i(operand_word),
      .operand_exponent_i(operand_exponent),
      .kv_re_o(kv_re_o),
      .kv_last_o(kv_last_o),
      .kv_word_i(kv_word_i),
      .kv_exponent_i(kv_exponent_i),
      .kv_value_exponent_i(kv_value_exponent_i),
      .result_valid_o(result_valid),
      .result_index_o(result_index),
      .result_o(result),
      .result_narrow_o(result_wide),
      .result_value_exponent_o(value_exponent)
  );

  assign kv_start_o = start && (is_score || is_mix);
  assign {kv_is_value_o, kv_head_o} = {is_mix, kv_head};

  // Scores.
  wire signed [17:0] score_max;
  wire [3:0] value_exponent_max;
  wire [15:0] vector_index;
  wire [21:0] vector_score;

  score_store #(
      .MAX_SEQ(MAX_SEQ)
  ) scores (
      .clk_i(clk_i),
      .clear_i(start && is_score),
      .valid_i(result_valid && is_score),
      .index_i(result_index),
      .score_i(result_wide),
      .exponent_i(value_exponent),
      .position_i(position),
      .read_address_i(vector_index),
      .read_data_o(vector_score),
      .score_max_o(score_max),
      .exponent_max_o(value_exponent_max)
  );

  // Vector unit.
  wire [15:0] wide_address;
  wire [15:0] rope_address;
  wire signed [31:0] vector_residual;
  wire signed [31:0] gated;
  wire [17:0] vector_wide;
  wire [15:0] vector_rope;
  wire element_valid;
  wire element_last;
  wire [17:0] element;
  wire quantiser_busy;
  wire vector_writes;
  wire [15:0] vector_write_address;
  wire [17:0] vector_write_data;

  vector_unit #(
      .FAMILY(FAMILY),
      .MULTIPLIER_BITS(MULTIPLIER_BITS),
      .TABLE_FILE(TABLE_FILE)
  ) vectors (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(start && !on_array && !on_mixer),
      .function_i(operation[3:0]),
      .source_i(source),
      .target_i(target),
      .count_i(count),
      .shift_i(shift),
      .shift2_i(shift2),
      .epsilon_i(constant),
      .position_i(position),
      .to_wide_i(INNER != 0 && variant == 2'd2),
      .busy_o(vector_busy),
      .index_o(vector_index),
      .wide_address_o(wide_address),
      .rope_address_o(rope_address),
      .residual_i(from_gated ? gated : vector_residual),
      .wide_i(vector_wide),
      .rope_i(vector_rope),
      .score_i(vector_score[17:0]),
      .value_exponent_i(vector_score[21:18]),
      .score_max_i(score_max),
      .value_exponent_max_i(value_exponent_max),
      .sum_length_o(sum_length),
      .element_valid_o(element_valid),
      .element_last_o(element_last),
      .element_o(element),
      .quantiser_busy_i(quantiser_busy),
      .wide_write_o(vector_writes),
      .wide_write_address_o(vector_write_address),
      .wide_write_data_o(vector_write_data)
  );

  // What the vector unit makes of them for the array and for the KV cache.
  quantised_store #(
      .K(K),
      .WIDEST(WIDEST),
      .HEADS(HEADS),
      .HEAD_DIM(HEAD_DIM),
      .MAX_SEQ(MAX_SEQ)
  ) quantised (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(start),
      .in_queries_i(is_head || is_score),
      .in_probabilities_i(is_mix || is_exp),
      .head_i(head),
      .whole_head_i(is_head),
      .nine_bits_i(nine_bits),
      .four_bits_i(four_bits),
      .to_stage_i(to_stage),
      .busy_o(quantiser_busy),
      .element_valid_i(element_valid),
      .element_last_i(element_last),
      .element_i(element),
      .offset_i(operand_offset),
      .operand_o(operand_word),
      .exponent_o(operand_exponent),
      .stage_address_i(stage_address_i),
      .stage_word_o(stage_word_o),
      .stage_exponent_o(stage_exponent_o)
  );

  // Stores.
  residual_store #(
      .DIM(DIM + 1)
  ) residual (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .load_i(load_residual_i),
      .load_address_i(load_address_i[DIM_BITS-1:0]),
      .load_value_i(load_data_i),
      .add_i(result_valid && matrix_to[TO_RESIDUAL]),
      .add_address_i(result_index[DIM_BITS-1:0]),
      .add_value_i(result),
      .read_address_i(vector_index[DIM_BITS-1:0]),
      .read_value_o(vector_residual)
  );

  wire array_writes = result_valid && (is_mix || matrix_to[TO_WIDE]);
  wire [15:0] array_write_address = target + result_index;
  wire gating_reads;
  wire gating_writes;
  wire [15:0] gating_address;
  wire [15:0] gating_write_address;
  wire [17:0] gating_write_data;

  // One writes at a time.
  wire [15:0] wide_write_address = vector_writes ? vector_write_address :
                                   gating_writes ? gating_write_address : array_write_address;
  wire [17:0] wide_write_data = vector_writes ? vector_write_data :
                                gating_writes ? gating_write_data : result_wide;

  store #(
      .WIDTH(18),
      .DEPTH(WIDE_DEPTH)
  ) wide (
      .clk_i(clk_i),
      .write_i(array_writes || vector_writes || gating_writes),
      .write_address_i(wide_write_address[WIDE_BITS-1:0]),
      .write_data_i(wide_write_data),
      .read_address_i(gating_reads ? gating_address[WIDE_BITS-1:0] : wide_address[WIDE_BITS-1:0]),
      .read_data_o(vector_wide)
  );

  mixer_column #(
      .INNER  (INNER),
      .ROTATES(ROTATES),
      .TWELVE (TWELVE)
  ) part (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(start && on_mixer),
      .function_i(operation[1:0]),
      .to_wide_i(variant != 2'd0),
      .source_i(source),
      .target_i(target),
      .count_i(count),
      .shift_i(shift),
      .busy_o(gating),
      .half_valid_i(half_valid_i),
      .half_ready_o(half_ready_o),
      .half_i(half_i),
      .wide_read_o(gating_reads),
      .wide_address_o(gating_address),
      .wide_i(vector_wide),
      .wide_write_o(gating_writes),
      .wide_write_address_o(gating_write_address),
      .wide_write_data_o(gating_write_data),
      .gated_address_i(vector_index),
      .gated_o(gated),
      .mixer_reads_i(mixer_reads_i),
      .mixer_read_address_i(mixer_read_address_i),
      .mixer_wide_write_i(mixer_wide_write_i),
      .mixer_gated_write_i(mixer_gated_write_i),
      .mixer_write_address_i(mixer_write_address_i),
      .mixer_write_data_i(mixer_write_data_i)
  );

  assign mixer_wide_o = vector_wide;

  store #(
      .WIDTH(16),
      .DEPTH(HEAD_DIM)
  ) rope (
      .clk_i(clk_i),
      .write_i(load_rope_i),
      .write_address_i(load_address_i[ROPE_BITS-1:0]),
      .write_data_i(load_data_i[15:0]),
      .read_address_i(rope_address[ROPE_BITS-1:0]),
      .read_data_o(vector_rope)
  );

  // Logits.
  logit_queue #(
      .WIDTH(34)
  ) logits (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .write_i(result_valid && matrix_to[TO_LOGITS]),
      .write_data_i({result_index, result_wide}),
      .stall_o(logit_stall),
      .read_valid_o(logit_valid_o),
      .read_ready_i(logit_ready_i),
      .read_data_o({logit_row_o, logit_o})
  );

  // Addresses are 16 bits wide whatever the stores' depths.
  wire unused = &{1'b0, load_address_i, vector_index, wide_address, rope_address,
                  gating_address, wide_write_address};

endmodule

`default_nettype wire
