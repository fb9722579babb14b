// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The scan's state: words of LANES mantissas, and an exponent for 16 elements.
//
// Timing: the word at read_address_i in cycle t is there in cycle t + 3, with its
// exponent. A write is seen by reads two cycles later. Each write sets its block's
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

  reg write;
  reg [ADDRESS_BITS-1:0] write_address;
  reg [LANES*STATE_BITS-1:0] write_word;
  reg [4:0] write_exponent;
  reg [ADDRESS_BITS-1:0] read_address;

  always @(posedge clk_i) begin
    write <= write_i;
    write_address <= write_address_i;
    write_word <= write_word_i;
    write_exponent <= write_exponent_i;
    read_address <= read_address_i;
  end

  store #(
      .WIDTH(LANES * STATE_BITS),
      .DEPTH(WORDS)
  ) mantissas (
      .clk_i(clk_i),
      .write_i(write),
      .write_address_i(write_address),
      .write_data_i(write_word),
      .read_address_i(read_address),
      .read_data_o(word_o)
  );

  store #(
      .WIDTH(5),
      .DEPTH(WORDS >> BLOCK_WORDS_BITS)
  ) exponents (
      .clk_i(clk_i),
      .write_i(write),
      .write_address_i(write_address[ADDRESS_BITS-1:BLOCK_WORDS_BITS]),
      .write_data_i(write_exponent),
      .read_address_i(read_address[ADDRESS_BITS-1:BLOCK_WORDS_BITS]),
      .read_data_o(exponent_o)
  );

endmodule

`default_nettype wire
