// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// A signed multiplier of 18 x 18 bits with registers before and behind it, of
// what the FPGA has: one multiplier of that width, or three of 16 bits and the
// sums of their products.
//
// Timing: product_o belongs to the inputs of two cycles ago; of three multipliers
// it comes out of two adders, not of registers.
// Resources: one multiplier, or three and about 60 LUTs.
module wide_multiplier #(
    parameter FAMILY = "generic",
    parameter BITS   = 18           // of one of the FPGA's multipliers: 18 or 16
) (
    input wire clk_i,
    input wire signed [17:0] a_i,
    input wire signed [17:0] b_i,
    output wire signed [35:0] product_o
);

  generate
    if (BITS == 16) begin : g_parts
      // a = 2^16 a_high + a_low, where a_high has the sign, and b likewise.
      wire [31:0] low_low;
      wire [31:0] high_low;
      wire [31:0] low_high;
      reg signed [1:0] a_high;
      reg signed [1:0] b_high;
      reg signed [3:0] high_high;

      always @(posedge clk_i) begin
        {a_high, b_high} <= {a_i[17:16], b_i[17:16]};
        high_high <= a_high * b_high;
      end

      multiplier #(
          .FAMILY  (FAMILY),
          .BITS    (16),
          .A_SIGNED(1'b0),
          .B_SIGNED(1'b0)
      ) multiply_low (
          .clk_i(clk_i),
          .a_i(a_i[15:0]),
          .b_i(b_i[15:0]),
          .product_o(low_low)
      );

      multiplier #(
          .FAMILY  (FAMILY),
          .BITS    (16),
          .B_SIGNED(1'b0)
      ) multiply_a (
          .clk_i(clk_i),
          .a_i({{14{a_i[17]}}, a_i[17:16]}),
          .b_i(b_i[15:0]),
          .product_o(high_low)
      );

      multiplier #(
          .FAMILY  (FAMILY),
          .BITS    (16),
          .B_SIGNED(1'b0)
      ) multiply_b (
          .clk_i(clk_i),
          .a_i({{14{b_i[17]}}, b_i[17:16]}),
          .b_i(a_i[15:0]),
          .product_o(low_high)
      );

      // The cross products have 18 bits with their sign.
      wire [19:0] crosses = {{2{high_low[17]}}, high_low[17:0]} +
                            {{2{low_high[17]}}, low_high[17:0]};
      wire [19:0] high = {high_high, low_low[31:16]} + crosses;

      assign product_o = {high, low_low[15:0]};

      wire unused = &{1'b0, high_low, low_high};
    end else begin : g_whole
      multiplier #(
          .FAMILY(FAMILY),
          .BITS  (18)
      ) whole (
          .clk_i(clk_i),
          .a_i(a_i),
          .b_i(b_i),
          .product_o(product_o)
      );
    end
  endgenerate

endmodule

`default_nettype wire
