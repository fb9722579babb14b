// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The end of one row of the array: block sums times their group's scale, times
// 2^exponent, summed over the blocks.
//
// In dot direction a row uses accumulator 0; in lane direction row 0 sums K
// lanes in turn, each in its own of the ACCUMULATORS.
//
// Timing: takes a block sum a cycle. Three cycles after a sum that is marked
// last_i comes the total, with valid_o, for one cycle.
// Resources: an 18 x 9 bit multiplier, a shifter of 28 bits, a 48-bit adder,
// ACCUMULATORS x 48 bits of small RAM.
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
    input wire signed [19:0] sum_i,
    input wire [7:0] scale_i,
    input wire [4:0] exponent_i,

    output wire valid_o,
    output reg signed [47:0] total_o
);

  reg signed [47:0] accumulator[0:ACCUMULATORS-1];

  reg signed [27:0] scaled_1;
  reg signed [47:0] shifted_2;

  reg [3:1] ends;
  reg [2:1] first;
  reg [2:1] valid;
  reg [4:0] exponent_1;
  reg [INDEX_BITS-1:0] index_1;
  reg [INDEX_BITS-1:0] index_2;

  // 18 of the sum's 20 bits fit a multiplier's input; the last two are added.
  wire signed [17:0] sum_high = sum_i[19:2];
  wire signed [8:0] scale = {1'b0, scale_i};
  wire signed [25:0] product = sum_high * scale;
  wire [7:0] ones = sum_i[0] ? scale_i : 8'd0;
  wire [7:0] twos = sum_i[1] ? scale_i : 8'd0;
  wire [9:0] product_low = {2'd0, ones} + {1'b0, twos, 1'b0};
  wire signed [47:0] scaled_wide = {{20{scaled_1[27]}}, scaled_1};
  wire signed [47:0] previous = first[2] ? 48'sd0 : accumulator[index_2];
  wire signed [47:0] total = previous + shifted_2;

  always @(posedge clk_i) begin
    valid <= rst_i ? 2'd0 : {valid[1], valid_i};
    ends <= rst_i ? 3'd0 : {ends[2:1], valid_i && last_i};
    first <= {first[1], first_i};
    exponent_1 <= exponent_i;
    index_1 <= index_i;
    index_2 <= index_1;

    scaled_1 <= {product, 2'd0} + {18'd0, product_low};
    shifted_2 <= scaled_wide <<< exponent_1;
    total_o <= total;
    if (valid[2]) accumulator[index_2] <= total;
  end

  assign valid_o = ends[3];

endmodule

`default_nettype wire
