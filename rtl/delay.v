// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// data_o is data_i of CYCLES (at least 1) cycles ago.
// Resources: WIDTH x CYCLES registers.
module delay #(
    parameter WIDTH  = 1,
    parameter CYCLES = 2
) (
    input wire clk_i,
    input wire [WIDTH-1:0] data_i,
    output wire [WIDTH-1:0] data_o
);

  reg [WIDTH*CYCLES-1:0] line;

  generate
    if (CYCLES == 1) begin : g_one
      always @(posedge clk_i) line <= data_i;
    end else begin : g_many
      always @(posedge clk_i) line <= {line[WIDTH*(CYCLES-1)-1:0], data_i};
    end
  endgenerate

  assign data_o = line[WIDTH*CYCLES-1-:WIDTH];

endmodule

`default_nettype wire
