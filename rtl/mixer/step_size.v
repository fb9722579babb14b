// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// A time step to the base 2: log2(1 + 2^v) as mantissa_o / 2^shift_o, softplus2() of
// gen/op/scan.c. For v <= 0 it is 2^v times a chord of 2^x log2(1 + 2^-x), for v > 0
// the same of -v, plus v.
//
// Timing: takes value_i where phase_i, which counts the cycles modulo four, is 0;
// mantissa_o and shift_o belong to it 14 to 17 cycles later.
// Resources: one multiplier and one function table, taken in turn for the two chords
// and their product; a shifter.
module step_size #(
    parameter FAMILY = "generic",
    parameter TABLE_FILE = "function_table.hex"
) (
    input wire clk_i,
    input wire [1:0] phase_i,
    input wire signed [33:0] value_i,  // 12 fraction bits
    output reg [16:0] mantissa_o,
    output reg [5:0] shift_o
);

  localparam [8:0] EXP2 = 9'd256, SOFTPLUS = 9'd384;

  // Cycles 1 and 2: sign and magnitude, held to 17 bits.
  wire at_0 = phase_i == 2'd0;
  wire at_1 = phase_i == 2'd1;
  wire at_2 = phase_i == 2'd2;
  wire at_3 = phase_i == 2'd3;
  reg [33:0] magnitude_1;
  reg positive_1;
  reg [16:0] x_2;
  reg positive_2;
  reg [17:0] mark_6;  // positive, x
  reg [17:0] mark_10;

  always @(posedge clk_i) begin
    if (at_0) begin
      magnitude_1 <= value_i[33] ? -value_i : value_i;
      positive_1  <= !value_i[33] && value_i != 34'd0;
    end
    if (at_1) begin
      x_2 <= magnitude_1[33:17] != 17'd0 ? 17'h1ffff : magnitude_1[16:0];
      positive_2 <= positive_1;
      mark_6 <= {positive_2, x_2};
      mark_10 <= mark_6;
    end
  end

  // Cycles 2 and 3: the chords' addresses. What is beyond the table's end counts as
  // just before it.
  wire [14:0] near = x_2[16:15] != 2'd0 ? 15'h7fff : x_2[14:0];
  wire [8:0] ratio_address = SOFTPLUS + {4'd0, near[14:10]};
  wire [8:0] power_address = EXP2 + {3'd0, x_2[11:6]};
  wire signed [17:0] base_4;
  wire signed [17:0] slope_4;

  function_table #(
      .FILE(TABLE_FILE)
  ) functions (
      .clk_i(clk_i),
      .address_i(at_2 ? ratio_address : power_address),
      .base_o(base_4),
      .slope_o(slope_4)
  );

  // Cycles 4 and 5: slope times what is left of x; cycle 10: ratio times power.
  reg  signed [17:0] ratio;
  reg  signed [17:0] power;
  wire signed [17:0] base_6;
  wire signed [35:0] product;
  wire signed [17:0] left = at_0 ? {8'd0, near[9:0]} : {12'd0, x_2[5:0]};

  multiplier #(
      .FAMILY(FAMILY)
  ) multiply (
      .clk_i(clk_i),
      .a_i(at_2 ? ratio : slope_4),
      .b_i(at_2 ? power : left),
      .product_o(product)
  );

  delay #(
      .WIDTH (18),
      .CYCLES(2)
  ) delay_base (
      .clk_i (clk_i),
      .data_i(base_4),
      .data_o(base_6)
  );

  // Cycles 6 and 7: the chords; cycle 12: their product.
  wire [18:0] ratio_change = product[27:9] + 19'd1;
  wire [18:0] power_change = product[23:5] + 19'd1;
  wire [17:0] tail_12 = product[32:15] + 18'd1;
  wire [4:0] whole_12 = mark_10[16:12];
  reg [16:0] tail_13;
  reg positive_13;
  reg [16:0] x_13;
  reg [5:0] shift_13;
  wire [16:0] small_13;
  wire [17:0] sum_13 = {1'b0, x_13} + {1'b0, small_13};

  always @(posedge clk_i) begin
    if (at_2) ratio <= base_6 + $signed(ratio_change[18:1]);
    if (at_3) power <= base_6 + $signed(power_change[18:1]);
    if (at_0) begin
      tail_13 <= tail_12[17:1];
      {positive_13, x_13} <= mark_10;
      shift_13 <= mark_10[17] ? 6'd12 : 6'd16 + {1'b0, whole_12};
    end
    if (at_1) begin
      if (!positive_13) mantissa_o <= tail_13;
      else mantissa_o <= sum_13[17] ? 17'h1ffff : sum_13[16:0];
      shift_o <= shift_13;
    end
  end

  wire unused_sign;

  round_shift #(
      .WIDTH(18),
      .SHIFT_BITS(6)
  ) tail_small (
      .clk_i  (clk_i),
      .value_i({1'b0, tail_12[17:1]}),
      .shift_i({1'b0, whole_12} + 6'd4),
      .value_o({unused_sign, small_13})
  );

  wire unused = &{1'b0, product, ratio_change[0], power_change[0], tail_12[0], unused_sign};

endmodule

`default_nettype wire
