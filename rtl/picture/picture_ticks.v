// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The number of the tick, and what is left of it modulo 1, 2, ... RING_MAX.
//
// Timing: reset_i and next_i for one cycle; the outputs follow by one.
// Resources: RING_MAX x 5 and 16 registers.
module picture_ticks #(
    parameter RING_MAX = 16
) (
    input wire clk_i,
    input wire reset_i,
    input wire next_i,
    output reg [15:0] tick_o,
    output reg [5*RING_MAX-1:0] ticks_o
);

  integer ring;

  always @(posedge clk_i)
    if (reset_i) begin
      tick_o  <= 16'd0;
      ticks_o <= {5 * RING_MAX{1'b0}};
    end else if (next_i) begin
      tick_o <= tick_o + 16'd1;
      for (ring = 1; ring <= RING_MAX; ring = ring + 1)
        if (ticks_o[5*(ring-1)+:5] == ring[4:0] - 5'd1) ticks_o[5*(ring-1)+:5] <= 5'd0;
        else ticks_o[5*(ring-1)+:5] <= ticks_o[5*(ring-1)+:5] + 5'd1;
    end

endmodule

`default_nettype wire
