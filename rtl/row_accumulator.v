// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The end of one row of the array: block sums times their group's scale, times
// 2^exponent, summed over the blocks, and scaled down to a result.
//
// In dot direction a row uses accumulator 0; in lane direction row 0 sums K
// lanes in turn, each in its own of the ACCUMULATORS.
//
// Timing: takes a block sum a cycle. The result of a sum that is marked last_i
// is valid_o, five cycles later, for one cycle.
// Resources: an 18 x 9 bit multiplier, shifters of 28 and 56 bits, a 48-bit
// adder, ACCUMULATORS x 48 bits of small RAM.
module row_accumulator #(
    parameter ACCUMULATORS = 8,
    parameter INDEX_BITS = ACCUMULATORS > 1 ? $clog2(ACCUMULATORS) : 1
) (
    input wire clk_i,
    input wire rst_i,

    input wire valid_i,
    input wire first_i,
    input wire last_i,
    input wire [INDEX_BITS-1:0] index_i,
    input wire signed [18:0] sum_i,
    input wire [7:0] scale_i,
    input wire [4:0] exponent_i,
    input wire [5:0] shift_i,  // still during a pass

    output wire valid_o,
    output reg [31:0] result_o
);

  reg signed [47:0] accumulator[0:ACCUMULATORS-1];

  reg signed [27:0] scaled_1;
  reg signed [47:0] shifted_2;
  reg signed [47:0] total_3;
  wire signed [55:0] rounded_4;
  wire [31:0] limited_4;

  reg [5:1] result_valid;
  reg [2:1] first;
  reg [2:1] valid;
  reg [4:0] exponent_1;
  reg [INDEX_BITS-1:0] index_1;
  reg [INDEX_BITS-1:0] index_2;

  // 18 of the sum's 19 bits fit a multiplier's input; the last one is added.
  wire signed [17:0] sum_high = sum_i[18:1];
  wire signed [8:0] scale = {1'b0, scale_i};
  wire signed [26:0] product = sum_high * scale;
  wire signed [47:0] scaled_wide = {{20{scaled_1[27]}}, scaled_1};
  wire signed [47:0] previous = first[2] ? 48'sd0 : accumulator[index_2];
  wire signed [47:0] total = previous + shifted_2;

  always @(posedge clk_i) begin
    valid <= rst_i ? 2'd0 : {valid[1], valid_i};
    result_valid <= rst_i ? 5'd0 : {result_valid[4:1], valid_i && last_i};
    first <= {first[1], first_i};
    exponent_1 <= exponent_i;
    index_1 <= index_i;
    index_2 <= index_1;

    scaled_1 <= {product, 1'b0} + {20'd0, sum_i[0] ? scale_i : 8'd0};
    shifted_2 <= scaled_wide <<< exponent_1;
    total_3 <= total;
    if (valid[2]) accumulator[index_2] <= total;
    result_o <= limited_4;
  end

  round_shift #(
      .WIDTH(56),
      .SHIFT_BITS(6)
  ) scale_down (
      .clk_i  (clk_i),
      .value_i({total_3, 8'd0}),
      .shift_i(shift_i),
      .value_o(rounded_4)
  );

  saturate #(
      .IN_BITS (56),
      .OUT_BITS(32)
  ) limit (
      .value_i(rounded_4),
      .value_o(limited_4)
  );

  assign valid_o = result_valid[5];

endmodule

`default_nettype wire
