// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The multipliers: K inputs of one row or of two a beat (MATRIX), of a key
// (SCORE) or of K positions' values (MIX), and what brings their sums down to
// results.
//
// Timing: see array_issue. Addresses and the KV read go out the cycle after a
// beat is issued; operands, KV words and the beat's weights are there two cycles
// after that. A result leaves (result_valid_o) at most 17 cycles after its last
// beat's addresses, a second row's one cycle later, and with it the exponent that
// came with the last KV word. Results leave in order; result_index_o counts them
// from 0.
// Resources: K multipliers, and for the scales one, or two where K is 16.
module array #(
    parameter FAMILY = "generic",
    parameter MULTIPLIER_BITS = 18,
    parameter K = 8,
    parameter R = 2,
    parameter HEAD_DIM = 64,
    parameter TOTAL_BITS = 48
) (
    input wire clk_i,
    input wire rst_i,

    input wire start_i,
    input wire score_i,
    input wire mix_i,
    input wire two_rows_i,
    input wire [15:0] rows_i,
    input wire [15:0] blocks_i,
    input wire [15:0] positions_i,
    input wire [5:0] shift_i,
    input wire stall_i,
    output wire busy_o,

    input wire beat_valid_i,
    output wire beat_ready_o,
    input wire [MULTIPLIER_BITS*K-1:0] weights_i,  // three cycles after their beat
    input wire [8*R-1:0] scales_i,

    output wire [15:0] operand_address_o,  // a word of K, from the region's start
    input wire [8*K-1:0] operand_word_i,
    input wire [3:0] operand_exponent_i,

    output wire kv_re_o,
    output wire kv_last_o,  // of a key, or of an element's values
    input wire [9*K-1:0] kv_word_i,
    input wire [3:0] kv_exponent_i,
    input wire [3:0] kv_value_exponent_i,

    output wire result_valid_o,
    output reg [15:0] result_index_o,
    output wire [31:0] result_o,
    output wire [17:0] result_narrow_o,  // held to 18 bits
    output wire [3:0] result_value_exponent_o
);

  localparam BITS = MULTIPLIER_BITS;
  localparam LANE_BITS = $clog2(K);
  localparam SERIAL = K < 16 ? 1 : 0;

  wire use_kv = score_i || mix_i;
  wire paired = R == 2 && two_rows_i && !use_kv;

  // Stage 0: a beat's place, addresses.
  wire valid_0;
  wire kv_valid_0;
  wire [15:0] middle_0;
  wire [3:0] inner_0;
  wire inner_last_0;
  wire middle_last_0;

  array_issue #(
      .K(K),
      .R(R),
      .HEAD_DIM(HEAD_DIM)
  ) counters (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(start_i),
      .score_i(score_i),
      .mix_i(mix_i),
      .two_rows_i(two_rows_i),
      .rows_i(rows_i),
      .blocks_i(blocks_i),
      .positions_i(positions_i),
      .stall_i(stall_i),
      .busy_o(busy_o),
      .beat_valid_i(beat_valid_i),
      .beat_ready_o(beat_ready_o),
      .valid_o(valid_0),
      .kv_valid_o(kv_valid_0),
      .middle_o(middle_0),
      .inner_o(inner_0),
      .inner_last_o(inner_last_0),
      .middle_last_o(middle_last_0)
  );

  assign operand_address_o = (middle_0 << (4 - LANE_BITS)) | {12'd0, inner_0};
  assign kv_re_o = kv_valid_0;
  assign kv_last_o = inner_last_0 && middle_last_0;

  // Stage 2: weights, or the KV cache's mantissas, meet operands.
  wire valid_2;
  wire first_beat_2;
  wire last_beat_2;
  wire first_block_2;
  wire last_block_2;
  wire [BITS*K-1:0] factors_2;
  wire [7:0] scale_2 = use_kv ? 8'd1 : scales_i[7:0];
  wire [15:0] scales_2 = {paired ? scales_i[8*R-1-:8] : scale_2, scale_2};
  wire [4:0] exponent_2 = {1'b0, operand_exponent_i} + {1'b0, score_i ? kv_exponent_i : 4'd0};

  delay #(
      .WIDTH (5),
      .CYCLES(2)
  ) delay_to_2 (
      .clk_i (clk_i),
      .data_i({valid_0, inner_0 == 4'd0, inner_last_0, middle_0 == 16'd0, middle_last_0}),
      .data_o({valid_2, first_beat_2, last_beat_2, first_block_2, last_block_2})
  );

  genvar g;
  generate
    for (g = 0; g < K; g = g + 1) begin : g_lane
      wire [8:0] cached = kv_word_i[9*g+:9];
      assign factors_2[BITS*g+:BITS] =
          use_kv ? {{BITS - 9{cached[8]}}, cached} : weights_i[BITS*g+:BITS];
    end
  endgenerate

  // A block's sums, and one cycle before them what belongs to the block.
  wire ends;
  wire first_block;
  wire last_block;
  wire [4:0] exponent;
  wire [15:0] scales;
  wire [3:0] value_exponent;
  wire signed [15:0] low;
  wire signed [15:0] high;

  dot_product #(
      .FAMILY(FAMILY),
      .BITS(BITS),
      .K(K),
      .MARK_BITS(27)
  ) products (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .valid_i(valid_2),
      .first_i(first_beat_2),
      .last_i(last_beat_2),
      .mark_i({first_block_2, last_block_2, exponent_2, scales_2, kv_value_exponent_i}),
      .operands_i(operand_word_i),
      .weights_i(factors_2),
      .ends_o(ends),
      .mark_o({first_block, last_block, exponent, scales, value_exponent}),
      .low_o(low),
      .high_o(high)
  );

  // Totals, one after the other, down to results.
  wire total_valid;
  wire [TOTAL_BITS-1:0] total;

  row_totals #(
      .FAMILY(FAMILY),
      .BITS(BITS),
      .SERIAL(SERIAL),
      .TOTAL_BITS(TOTAL_BITS)
  ) totals (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .paired_i(paired),
      .ends_i(ends),
      .first_block_i(first_block),
      .last_block_i(last_block),
      .exponent_i(exponent),
      .scales_i(scales),
      .low_i(low),
      .high_i(high),
      .valid_o(total_valid),
      .total_o(total)
  );

  result_rounder #(
      .WIDTH(TOTAL_BITS)
  ) rounder (
      .clk_i(clk_i),
      .valid_i(total_valid && !rst_i),
      .total_i(total),
      .shift_i(shift_i),
      .valid_o(result_valid_o),
      .result_o(result_o),
      .narrow_o(result_narrow_o)
  );

  // From a score's last block to the score (row_totals, result_rounder).
  delay #(
      .WIDTH (4),
      .CYCLES(9 + SERIAL)
  ) delay_value_exponent (
      .clk_i (clk_i),
      .data_i(value_exponent),
      .data_o(result_value_exponent_o)
  );

  always @(posedge clk_i)
    result_index_o <= start_i ? 16'd0 : result_index_o + {15'd0, result_valid_o};

endmodule

`default_nettype wire
