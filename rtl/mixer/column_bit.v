// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The bit of bits_i that belongs to a column. Combinational.
module column_bit #(
    parameter COLUMNS = 1
) (
    input wire [COLUMNS-1:0] bits_i,
    input wire [7:0] column_i,
    output reg bit_o
);

  integer c;

  always @* begin
    bit_o = 1'b0;
    for (c = 0; c < COLUMNS; c = c + 1) if (column_i == c[7:0]) bit_o = bits_i[c];
  end

endmodule

`default_nettype wire
