// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The residual stream X: DIM 32-bit values that matrices add to.
//
// Timing: with add_i low the value at read_address_i appears two cycles later.
// add_i adds add_value_i to the value at address_i, with saturation; the sum
// is in the store four cycles later. One addition a cycle; an address must not
// be added to twice within four cycles, and load_i must not meet a write.
// Resources: DIM x 32 bits of RAM, one 33-bit adder.
module residual_store #(
    parameter DIM = 64,
    parameter ADDRESS_BITS = DIM > 1 ? $clog2(DIM) : 1
) (
    input wire clk_i,
    input wire rst_i,

    input wire load_i,
    input wire [ADDRESS_BITS-1:0] load_address_i,
    input wire [31:0] load_value_i,

    input wire add_i,
    input wire [ADDRESS_BITS-1:0] add_address_i,
    input wire signed [31:0] add_value_i,

    input wire [ADDRESS_BITS-1:0] read_address_i,
    output wire signed [31:0] read_value_o
);

  reg [3:1] adding;
  wire [ADDRESS_BITS-1:0] address_3;
  wire signed [31:0] addend_2;
  wire [32:0] sum = $signed({read_value_o[31], read_value_o}) + $signed({addend_2[31], addend_2});
  wire [31:0] limited;
  reg [31:0] sum_3;

  always @(posedge clk_i) begin
    adding <= rst_i ? 3'd0 : {adding[2:1], add_i};
    sum_3  <= limited;
  end

  saturate #(
      .IN_BITS (33),
      .OUT_BITS(32)
  ) limit (
      .value_i(sum),
      .value_o(limited)
  );

  delay #(
      .WIDTH (32),
      .CYCLES(2)
  ) delay_addend (
      .clk_i (clk_i),
      .data_i(add_value_i),
      .data_o(addend_2)
  );

  delay #(
      .WIDTH (ADDRESS_BITS),
      .CYCLES(3)
  ) delay_address (
      .clk_i (clk_i),
      .data_i(add_address_i),
      .data_o(address_3)
  );

  store #(
      .WIDTH(32),
      .DEPTH(1 << ADDRESS_BITS)
  ) values (
      .clk_i(clk_i),
      .write_i(load_i || adding[3]),
      .write_address_i(load_i ? load_address_i : address_3),
      .write_data_i(load_i ? load_value_i : sum_3),
      .read_address_i(add_i ? add_address_i : read_address_i),
      .read_data_o(read_value_o)
  );

endmodule

`default_nettype wire
