// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// A memory whose words are part of the design: a network's weights, scales,
// constants or program, from a file of hexadecimal words.
//
// Timing: word_o belongs to address_i of two cycles ago, as store's.
// Resources: WIDTH x DEPTH bits of RAM.
module picture_rom #(
    parameter FILE = "",  // "": all words are 0
    parameter WIDTH = 32,
    parameter DEPTH = 16,
    parameter ADDRESS_BITS = DEPTH > 1 ? $clog2(DEPTH) : 1
) (
    input wire clk_i,
    input wire [ADDRESS_BITS-1:0] address_i,
    output reg [WIDTH-1:0] word_o
);

  reg [WIDTH-1:0] memory[0:DEPTH-1];
  reg [WIDTH-1:0] word;

  generate
    if (FILE != "") begin : g_file
      initial $readmemh(FILE, memory);
    end else begin : g_zero
      integer i;
      initial for (i = 0; i < DEPTH; i = i + 1) memory[i] = {WIDTH{1'b0}};
    end
  endgenerate

  always @(posedge clk_i) begin
    word   <= memory[address_i];
    word_o <= word;
  end

endmodule

`default_nettype wire
