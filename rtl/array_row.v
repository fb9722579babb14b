// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// K lanes: K products a cycle, and in dot direction their sum over the beats
// of a block.
//
// Timing: products_o belong to the inputs of one cycle ago; sum_o, the block's
// sum up to and with those inputs, of three cycles ago. first_i marks the
// block's first beat; valid_i low leaves the sum as it is. A weight is from
// -128 up, but a key of 9 bits from -255 to 255, an operand from -127 to 127:
// a product fits 16 bits and 16 of them 20 bits.
// Resources: K multipliers of 8 x WEIGHT_BITS bits, a tree of K - 1 adders.
module array_row #(
    parameter K = 8,
    parameter WEIGHT_BITS = 8
) (
    input wire clk_i,
    input wire valid_i,
    input wire first_i,
    input wire [8*K-1:0] operands_i,
    input wire [WEIGHT_BITS*K-1:0] weights_i,
    output reg [16*K-1:0] products_o,
    output reg signed [19:0] sum_o
);

  reg [20*K-1:0] tree;
  reg signed [19:0] beat_sum;
  reg [2:1] valid;
  reg [2:1] first;

  integer lane;
  integer half;

  always @* begin
    for (lane = 0; lane < K; lane = lane + 1)
    tree[20*lane+:20] = {{4{products_o[16*lane+15]}}, products_o[16*lane+:16]};
    for (half = K / 2; half >= 1; half = half / 2)
    for (lane = 0; lane < half; lane = lane + 1)
    tree[20*lane+:20] = tree[20*lane+:20] + tree[20*(lane+half)+:20];
  end

  genvar g;
  generate
    for (g = 0; g < K; g = g + 1) begin : g_lane
      wire signed [7:0] operand = operands_i[8*g+:8];
      wire signed [WEIGHT_BITS-1:0] weight = weights_i[WEIGHT_BITS*g+:WEIGHT_BITS];
      wire signed [15:0] product = operand * weight;
      always @(posedge clk_i) products_o[16*g+:16] <= product;
    end
  endgenerate

  always @(posedge clk_i) begin
    valid <= {valid[1], valid_i};
    first <= {first[1], first_i};
    beat_sum <= tree[19:0];
    if (valid[2]) sum_o <= first[2] ? beat_sum : sum_o + beat_sum;
  end

endmodule

`default_nettype wire
