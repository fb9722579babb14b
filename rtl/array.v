// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The multipliers: K inputs x R rows a beat, in dot direction (MATRIX, SCORE)
// or in lane direction (MIX), and what brings their sums down to results.
//
// Timing: see array_issue. Addresses and the KV read go out the cycle after a
// beat is issued; operands and KV words are there two cycles after that. A
// result leaves (result_valid_o) 12 cycles after its last beat's addresses, a
// second row's one cycle later. Results leave in order of rows, positions or
// lanes; result_index_o counts them from 0.
// Resources: K multipliers of 8 x 9 bits, K x (R - 1) of 8 x WEIGHT_BITS, R of
// 18 x 9.
module array #(
    parameter K = 8,
    parameter R = 2,
    parameter WEIGHT_BITS = 4,
    parameter HEAD_DIM = 64
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
    input wire [15:0] position_i,  // later positions do not count
    input wire stall_i,
    output wire busy_o,

    input wire beat_valid_i,
    output wire beat_ready_o,
    input wire [K*R*WEIGHT_BITS-1:0] beat_i,
    input wire [8*R-1:0] scale_i,

    output wire [19:0] operand_address_o,  // a word of K, from the region's start
    input wire [8*K-1:0] operand_word_i,
    input wire [3:0] operand_exponent_i,

    output wire kv_re_o,
    output wire [15:0] kv_position_o,
    output wire [7:0] kv_word_o,
    input wire [9*K-1:0] kv_word_i,
    input wire [3:0] kv_exponent_i,

    output reg result_valid_o,
    output reg [15:0] result_index_o,
    output reg [31:0] result_o
);

  localparam LANE_BITS = $clog2(K);

  wire use_kv = score_i || mix_i;

  // Stage 0: a beat's place, addresses.
  wire valid_0;
  wire [15:0] outer_0;
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
      .outer_o(outer_0),
      .middle_o(middle_0),
      .inner_o(inner_0),
      .inner_last_o(inner_last_0),
      .middle_last_o(middle_last_0)
  );

  wire [19:0] place = {middle_0, inner_0};
  wire [19:0] mix_word = place >> LANE_BITS;
  wire [19:0] dot_word = ({4'd0, middle_0} << (4 - LANE_BITS)) | {16'd0, inner_0};

  assign operand_address_o = mix_i ? mix_word : dot_word;
  assign kv_re_o = valid_0 && use_kv;
  assign kv_position_o = mix_i ? place[15:0] : outer_0;
  assign kv_word_o = mix_i ? outer_0[7:0] : dot_word[7:0];

  // The marks of a beat on its way.
  wire valid_2;
  wire [LANE_BITS-1:0] byte_2;
  wire counts_2;
  wire valid_3;
  wire first_beat_3;
  wire last_beat_3;
  wire valid_4;
  wire first_beat_4;
  wire last_beat_4;
  wire first_block_4;
  wire last_block_4;
  wire ends_block_6;
  wire first_block_6;
  wire last_block_6;

  delay #(
      .WIDTH (LANE_BITS + 2),
      .CYCLES(2)
  ) delay_to_2 (
      .clk_i (clk_i),
      .data_i({valid_0, inner_0[LANE_BITS-1:0], place <= {4'd0, position_i}}),
      .data_o({valid_2, byte_2, counts_2})
  );

  delay #(
      .WIDTH (2),
      .CYCLES(3)
  ) delay_to_3 (
      .clk_i (clk_i),
      .data_i({inner_0 == 4'd0, inner_last_0}),
      .data_o({first_beat_3, last_beat_3})
  );

  delay #(
      .WIDTH (1),
      .CYCLES(1)
  ) delay_valid_3 (
      .clk_i (clk_i),
      .data_i(valid_2 && !rst_i),
      .data_o(valid_3)
  );

  delay #(
      .WIDTH (3),
      .CYCLES(1)
  ) delay_to_4 (
      .clk_i (clk_i),
      .data_i({valid_3, first_beat_3, last_beat_3}),
      .data_o({valid_4, first_beat_4, last_beat_4})
  );

  delay #(
      .WIDTH (2),
      .CYCLES(4)
  ) delay_block_to_4 (
      .clk_i (clk_i),
      .data_i({middle_0 == 16'd0, middle_last_0}),
      .data_o({first_block_4, last_block_4})
  );

  delay #(
      .WIDTH (3),
      .CYCLES(2)
  ) delay_to_6 (
      .clk_i (clk_i),
      .data_i({valid_4 && last_beat_4 && !mix_i, first_block_4, last_block_4}),
      .data_o({ends_block_6, first_block_6, last_block_6})
  );

  // Stage 2: weights and operands meet; the tape's weights wait for them.
  wire [K*R*WEIGHT_BITS-1:0] beat_2;
  wire [8*R-1:0] scale_6;
  reg [8*K-1:0] operands_3;
  wire [7:0] broadcast = operand_word_i[8*byte_2+:8];

  delay #(
      .WIDTH (K * R * WEIGHT_BITS),
      .CYCLES(3)
  ) delay_beat (
      .clk_i (clk_i),
      .data_i(beat_i),
      .data_o(beat_2)
  );

  delay #(
      .WIDTH (8 * R),
      .CYCLES(7)
  ) delay_scale (
      .clk_i (clk_i),
      .data_i(scale_i),
      .data_o(scale_6)
  );

  always @(posedge clk_i) operands_3 <= mix_i ? {K{broadcast}} : operand_word_i;

  wire [4:0] exponent_2 = {1'b0, operand_exponent_i} + {1'b0, score_i ? kv_exponent_i : 4'd0};
  wire [4:0] exponent_4;
  wire [4:0] exponent_6;

  delay #(
      .WIDTH (5),
      .CYCLES(2)
  ) delay_exponent_to_4 (
      .clk_i (clk_i),
      .data_i(exponent_2),
      .data_o(exponent_4)
  );

  delay #(
      .WIDTH (5),
      .CYCLES(2)
  ) delay_exponent_to_6 (
      .clk_i (clk_i),
      .data_i(exponent_4),
      .data_o(exponent_6)
  );

  // Stages 3 to 6: row 0 also takes the KV cache's mantissas, of 9 bits.
  wire [16*K-1:0] products_4;
  wire signed [19:0] row_sum_6;
  reg [9*K-1:0] weights_3;

  genvar g;
  generate
    for (g = 0; g < K; g = g + 1) begin : g_weight
      wire [WEIGHT_BITS-1:0] weight = beat_2[g*R*WEIGHT_BITS+:WEIGHT_BITS];
      wire [8:0] extended = {{9 - WEIGHT_BITS{weight[WEIGHT_BITS-1]}}, weight};
      wire [8:0] cached = mix_i && !counts_2 ? 9'd0 : kv_word_i[9*g+:9];
      always @(posedge clk_i) weights_3[9*g+:9] <= use_kv ? cached : extended;
    end
  endgenerate

  array_row #(
      .K(K),
      .WEIGHT_BITS(9)
  ) row_0 (
      .clk_i(clk_i),
      .valid_i(valid_3),
      .first_i(first_beat_3),
      .operands_i(operands_3),
      .weights_i(weights_3),
      .products_o(products_4),
      .sum_o(row_sum_6)
  );

  wire lane_valid_6;
  wire [LANE_BITS-1:0] lane_6;
  wire signed [18:0] lane_sum_6;
  wire [6:0] lane_mark_6;

  lane_sums #(
      .K(K),
      .MARK_BITS(7)
  ) lanes (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .valid_i(valid_4 && mix_i),
      .first_i(first_beat_4),
      .last_i(last_beat_4),
      .products_i(products_4),
      .mark_i({first_block_4, last_block_4, exponent_4}),
      .valid_o(lane_valid_6),
      .index_o(lane_6),
      .sum_o(lane_sum_6),
      .mark_o(lane_mark_6)
  );

  // Stage 6 to 9.
  wire total_valid_9;
  wire [47:0] total_9;

  row_accumulator #(
      .ACCUMULATORS(K)
  ) accumulator_0 (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .valid_i(mix_i ? lane_valid_6 : ends_block_6),
      .first_i(mix_i ? lane_mark_6[6] : first_block_6),
      .last_i(mix_i ? lane_mark_6[5] : last_block_6),
      .index_i(mix_i ? lane_6 : {LANE_BITS{1'b0}}),
      .sum_i(mix_i ? {lane_sum_6[18], lane_sum_6} : row_sum_6),
      .scale_i(use_kv ? 8'd1 : scale_6[7:0]),
      .exponent_i(mix_i ? lane_mark_6[4:0] : exponent_6),
      .valid_o(total_valid_9),
      .total_o(total_9)
  );

  // The second row's total waits for the first row's to pass.
  wire second_pending;
  wire [47:0] second_total;

  generate
    if (R == 2) begin : g_second
      wire [K*WEIGHT_BITS-1:0] weights_2;
      reg  [K*WEIGHT_BITS-1:0] weights_row_3;
      wire signed [19:0] sum_6;
      wire valid_9;
      wire [47:0] row_total_9;
      wire [16*K-1:0] products;
      reg pending;
      reg [47:0] waiting;

      for (g = 0; g < K; g = g + 1) begin : g_lane
        assign weights_2[g*WEIGHT_BITS+:WEIGHT_BITS] = beat_2[(g*2+1)*WEIGHT_BITS+:WEIGHT_BITS];
      end

      array_row #(
          .K(K),
          .WEIGHT_BITS(WEIGHT_BITS)
      ) row_1 (
          .clk_i(clk_i),
          .valid_i(valid_3),
          .first_i(first_beat_3),
          .operands_i(operands_3),
          .weights_i(weights_row_3),
          .products_o(products),
          .sum_o(sum_6)
      );

      row_accumulator #(
          .ACCUMULATORS(2)
      ) accumulator_1 (
          .clk_i(clk_i),
          .rst_i(rst_i),
          .valid_i(ends_block_6 && two_rows_i && !use_kv),
          .first_i(first_block_6),
          .last_i(last_block_6),
          .index_i(1'b0),
          .sum_i(sum_6),
          .scale_i(scale_6[15:8]),
          .exponent_i(exponent_6),
          .valid_o(valid_9),
          .total_o(row_total_9)
      );

      always @(posedge clk_i) begin
        weights_row_3 <= weights_2;
        pending <= valid_9 && !rst_i;
        waiting <= row_total_9;
      end

      assign second_pending = pending;
      assign second_total   = waiting;

      wire unused = &{1'b0, products};
    end else begin : g_single
      assign second_pending = 1'b0;
      assign second_total   = 48'd0;
    end
  endgenerate

  // Stage 10 to 12: totals, one after the other, down to results.
  reg [11:10] result_valid;
  reg [47:0] total_10;
  wire [55:0] rounded_11;
  wire [31:0] limited_11;

  round_shift #(
      .WIDTH(56),
      .SHIFT_BITS(6)
  ) scale_down (
      .clk_i  (clk_i),
      .value_i({total_10, 8'd0}),
      .shift_i(shift_i),
      .value_o(rounded_11)
  );

  saturate #(
      .IN_BITS (56),
      .OUT_BITS(32)
  ) limit (
      .value_i(rounded_11),
      .value_o(limited_11)
  );

  always @(posedge clk_i) begin
    total_10 <= second_pending ? second_total : total_9;
    result_valid <= rst_i ? 2'd0 : {result_valid[10], total_valid_9 || second_pending};
    result_valid_o <= !rst_i && result_valid[11];
    result_o <= limited_11;
    result_index_o <= start_i ? 16'd0 : result_index_o + {15'd0, result_valid_o};
  end

endmodule

`default_nettype wire
