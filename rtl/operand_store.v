// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The array's operands: 8-bit mantissas, K a word, and one exponent for every
// 16 of them.
//
// Timing: mantissas and exponent of one address appear two cycles later. A
// written word sets its block's exponent too.
// Resources: BLOCKS x 16 bytes and BLOCKS x 4 bits of RAM.
module operand_store #(
    parameter K = 8,
    parameter BLOCKS = 64,
    parameter BLOCK_BITS = BLOCKS > 1 ? $clog2(BLOCKS) : 1,
    parameter ADDRESS_BITS = BLOCK_BITS + 4 - $clog2(K)
) (
    input wire clk_i,
    input wire write_i,
    input wire [ADDRESS_BITS-1:0] write_address_i,
    input wire [8*K-1:0] write_word_i,
    input wire [3:0] write_exponent_i,
    input wire [ADDRESS_BITS-1:0] read_address_i,
    output wire [8*K-1:0] read_word_o,
    output wire [3:0] read_exponent_o
);

  store #(
      .WIDTH(8 * K),
      .DEPTH(1 << ADDRESS_BITS)
  ) mantissas (
      .clk_i(clk_i),
      .write_i(write_i),
      .write_address_i(write_address_i),
      .write_data_i(write_word_i),
      .read_address_i(read_address_i),
      .read_data_o(read_word_o)
  );

  store #(
      .WIDTH(4),
      .DEPTH(1 << BLOCK_BITS)
  ) exponents (
      .clk_i(clk_i),
      .write_i(write_i),
      .write_address_i(write_address_i[ADDRESS_BITS-1-:BLOCK_BITS]),
      .write_data_i(write_exponent_i),
      .read_address_i(read_address_i[ADDRESS_BITS-1-:BLOCK_BITS]),
      .read_data_o(read_exponent_o)
  );

endmodule

`default_nettype wire
