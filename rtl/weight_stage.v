// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Makes multiplier operands of a beat's weights, once for all columns: two
// 4-bit weights in one operand, or a single 8-bit weight (dot_product.v).
//
// w1 x 2^OFFSET + w0 is w0's bits, its sign up to bit OFFSET - 1, and w1, less
// one where w0 is negative: -9 to 7, which needs five bits.
//
// Timing: takes weights and scales of a beat in the cycle in which the columns
// take it; factors_o and scales_o are theirs three cycles later, as the columns
// expect them. Whether weights come in pairs holds from start_i to the next.
// Resources: 8K + 8R registers twice, and BITS x K, of which many are copies of
// one sign; an adder of five bits for each input.
module weight_stage #(
    parameter BITS = 18,
    parameter K = 8,
    parameter R = 2
) (
    input wire clk_i,

    input wire start_i,
    input wire [3:0] weight_bits_i,  // 8: a weight is single
    input wire [8*K*R-1:0] weights_i,  // sign-extended, input i's of row r at 8 * (R * i + r)
    input wire [8*R-1:0] scales_i,

    output reg  [BITS*K-1:0] factors_o,
    output wire [   8*R-1:0] scales_o
);

  localparam OFFSET = BITS == 18 ? 13 : 11;

  reg paired;
  reg [8*K-1:0] narrow_1;
  reg [8*K-1:0] narrow_2;

  always @(posedge clk_i) begin
    if (start_i) paired <= R == 2 && weight_bits_i != 4'd8;
    narrow_2 <= narrow_1;
  end

  // Of the second row four bits count.
  wire unused = &{1'b0, weights_i};

  genvar g;
  generate
    for (g = 0; g < K; g = g + 1) begin : g_input
      wire [7:0] row_0 = weights_i[8*R*g+:8];
      wire [3:0] row_1 = weights_i[8*(R*g+R-1)+:4];
      wire [3:0] low = narrow_2[8*g+:4];
      wire [3:0] high = narrow_2[8*g+4+:4];
      wire [4:0] borrowed = {high[3], high} - {4'd0, low[3]};

      always @(posedge clk_i) begin
        narrow_1[8*g+:8] <= paired ? {row_1, row_0[3:0]} : row_0;
        factors_o[BITS*g+:BITS] <= paired ? {borrowed, {OFFSET - 4{low[3]}}, low} :
                                             {{BITS - 8{high[3]}}, high, low};
      end
    end
  endgenerate

  delay #(
      .WIDTH (8 * R),
      .CYCLES(3)
  ) delay_scales (
      .clk_i (clk_i),
      .data_i(scales_i),
      .data_o(scales_o)
  );

endmodule

`default_nettype wire
