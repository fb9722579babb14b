// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The WIDTH bits of bits_i that belong to a column. Combinational.
module column_bit #(
    parameter COLUMNS = 1,
    parameter WIDTH = 1
) (
    input wire [WIDTH*COLUMNS-1:0] bits_i,
    input wire [7:0] column_i,
    output reg [WIDTH-1:0] bit_o
);

  integer c;

  always @* begin
    bit_o = {WIDTH{1'b0}};
    for (c = 0; c < COLUMNS; c = c + 1) if (column_i == c[7:0]) bit_o = bits_i[WIDTH*c+:WIDTH];
  end

endmodule

`default_nettype wire
