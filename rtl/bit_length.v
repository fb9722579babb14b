// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The bits needed to write value_i: 0 for 0, 1 for 1, 8 for 255.
// Combinational. Resources: a priority encoder.
module bit_length #(
    parameter WIDTH = 18,
    parameter LENGTH_BITS = $clog2(WIDTH + 1)
) (
    input wire [WIDTH-1:0] value_i,
    output reg [LENGTH_BITS-1:0] length_o
);

  integer i;

  always @* begin
    length_o = {LENGTH_BITS{1'b0}};
    for (i = 0; i < WIDTH; i = i + 1) if (value_i[i]) length_o = i[LENGTH_BITS-1:0] + 1'b1;
  end

endmodule

`default_nettype wire
