// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// A memory with one write and one read port.
//
// Timing: the word at read_address_i in cycle t is read_data_o in cycle t + 2;
// the second register has no logic before it, so that it can be the block
// RAM's own. A write in cycle t is seen by reads from cycle t + 1 on; what a
// read of the same address in the same cycle gives must not be used, so that a
// block RAM needs no logic around it. In simulation it gives the wrong value.
// Resources: WIDTH x DEPTH bits of RAM, WIDTH registers.
module store #(
    parameter WIDTH = 18,
    parameter DEPTH = 1024,
    parameter ADDRESS_BITS = DEPTH > 1 ? $clog2(DEPTH) : 1
) (
    input wire clk_i,
    input wire write_i,
    input wire [ADDRESS_BITS-1:0] write_address_i,
    input wire [WIDTH-1:0] write_data_i,
    input wire [ADDRESS_BITS-1:0] read_address_i,
    output reg [WIDTH-1:0] read_data_o
);

  (* no_rw_check *)reg [WIDTH-1:0] memory[0:DEPTH-1];
  reg [WIDTH-1:0] word;

  always @(posedge clk_i) begin
    if (write_i) memory[write_address_i] <= write_data_i;
    word <= memory[read_address_i];
`ifndef SYNTHESIS
    if (write_i && write_address_i == read_address_i) word <= ~write_data_i;
`endif
    read_data_o <= word;
  end

endmodule

`default_nettype wire
