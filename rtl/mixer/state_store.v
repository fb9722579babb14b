// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The scan's state: words of LANES mantissas, and an exponent for 16 elements.
//
// Timing: the word at read_address_i in cycle t is there in cycle t + 4, with its
// exponent. A write in cycle t is seen by reads from cycle t + 1 on. Each write sets its block's
// exponent; that of its last word stays.
// Resources: 2^ADDRESS_BITS x LANES x STATE_BITS bits of RAM or as much of it as
// WORDS says, and 5 for each block.
module state_store #(
    parameter LANES = 4,
    parameter STATE_BITS = 8,
    parameter WORDS = 1024,
    parameter ADDRESS_BITS = $clog2(WORDS)
) (
    input wire clk_i,
    input wire write_i,
    input wire [ADDRESS_BITS-1:0] write_address_i,
    input wire [LANES*STATE_BITS-1:0] write_word_i,
    input wire [4:0] write_exponent_i,
    input wire [ADDRESS_BITS-1:0] read_address_i,
    output wire [LANES*STATE_BITS-1:0] word_o,
    output wire [4:0] exponent_o
);

  localparam integer BLOCK_WORDS_BITS = 4 - $clog2(LANES);
  localparam integer BANK = 16384;  // an ECP5's block RAM has as many bits

  deep_store #(
      .WIDTH(LANES * STATE_BITS),
      .DEPTH(WORDS),
      .BANK (BANK)
  ) mantissas (
      .clk_i(clk_i),
      .write_i(write_i),
      .write_address_i(write_address_i),
      .write_data_i(write_word_i),
      .read_address_i(read_address_i),
      .read_data_o(word_o)
  );

  deep_store #(
      .WIDTH(5),
      .DEPTH(WORDS >> BLOCK_WORDS_BITS),
      .BANK (BANK)
  ) exponents (
      .clk_i(clk_i),
      .write_i(write_i),
      .write_address_i(write_address_i[ADDRESS_BITS-1:BLOCK_WORDS_BITS]),
      .write_data_i(write_exponent_i),
      .read_address_i(read_address_i[ADDRESS_BITS-1:BLOCK_WORDS_BITS]),
      .read_data_o(exponent_o)
  );

endmodule

`default_nettype wire
