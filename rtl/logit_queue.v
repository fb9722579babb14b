// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Holds logits until they are taken, and says in time when to stop the array.
//
// Timing: write_i always finds room, given that at most 3 / 4 x DEPTH writes come
// after stall_o has risen. read_* is a valid/ready stream.
// Resources: DEPTH x WIDTH bits of small RAM.
module logit_queue #(
    parameter WIDTH = 34,
    parameter DEPTH = 32
) (
    input wire clk_i,
    input wire rst_i,

    input wire write_i,
    input wire [WIDTH-1:0] write_data_i,
    output wire stall_o,

    output wire read_valid_o,
    input wire read_ready_i,
    output wire [WIDTH-1:0] read_data_o
);

  localparam INDEX_BITS = $clog2(DEPTH);

  reg [WIDTH-1:0] memory[0:DEPTH-1];
  reg [INDEX_BITS:0] written;
  reg [INDEX_BITS:0] taken;
  wire [INDEX_BITS:0] count = written - taken;
  wire take = read_valid_o && read_ready_i;
  reg some;

  always @(posedge clk_i)
    if (rst_i) begin
      written <= {INDEX_BITS + 1{1'b0}};
      taken   <= {INDEX_BITS + 1{1'b0}};
      some    <= 1'b0;
    end else begin
      if (write_i) written <= written + 1'b1;
      if (take) taken <= taken + 1'b1;
      some <= write_i || (some && !(take && count == 1));
    end

  always @(posedge clk_i) if (write_i) memory[written[INDEX_BITS-1:0]] <= write_data_i;

  assign stall_o = |count[INDEX_BITS:INDEX_BITS-2];
  assign read_valid_o = some;
  assign read_data_o = memory[taken[INDEX_BITS-1:0]];

endmodule

`default_nettype wire
