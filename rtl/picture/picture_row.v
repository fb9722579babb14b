// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Where a row lies in its ring of rows: a node's row that was written in tick t
// has slot t mod ring, so the row written delta_i ticks ago has slot
// (now - delta) mod ring; its address is base + slot x words of a row.
//
// Timing: address_o belongs to the inputs of two cycles ago; takes new ones every
// cycle. delta_i is below ring_i.
// Resources: a multiplexer of RING_MAX x 5 bits, six adders.
module picture_row #(
    parameter RING_MAX = 16
) (
    input wire clk_i,
    input wire [5*RING_MAX-1:0] ticks_i,  // the tick modulo 1, 2, ... RING_MAX
    input wire [15:0] base_i,
    input wire [15:0] row_words_i,
    input wire [4:0] ring_i,
    input wire [4:0] delta_i,
    output reg [15:0] address_o
);

  wire [4:0] index = ring_i - 5'd1;
  wire [4:0] now = ticks_i[5*index+:5];

  reg [4:0] slot;
  reg [15:0] base;
  reg [15:0] words;

  wire [15:0] low = (slot[0] ? words : 16'd0) + (slot[1] ? words << 1 : 16'd0);
  wire [15:0] high = (slot[2] ? words << 2 : 16'd0) + (slot[3] ? words << 3 : 16'd0);
  wire [15:0] top = base + (slot[4] ? words << 4 : 16'd0);

  always @(posedge clk_i) begin
    slot <= now >= delta_i ? now - delta_i : now - delta_i + ring_i;
    {base, words} <= {base_i, row_words_i};
    address_o <= low + high + top;
  end

endmodule

`default_nettype wire
