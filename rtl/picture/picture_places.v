// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The addresses of the rows that a step's values go to and come from: words 4 to 7 of a
// step (gen/image/program.h), the lowest first.
//
// Timing: rows_o belongs to the inputs of two cycles ago.
// Resources: four of picture_row.v.
module picture_places #(
    parameter RING_MAX = 4
) (
    input wire clk_i,
    input wire [5*RING_MAX-1:0] ticks_i,
    input wire [4*64-1:0] places_i,
    output wire [4*16-1:0] rows_o
);

  genvar p;
  generate
    for (p = 0; p < 4; p = p + 1) begin : g_place
      wire [63:0] place = places_i[64*p+:64];
      wire unused = &{1'b0, place};

      picture_row #(
          .RING_MAX(RING_MAX)
      ) row (
          .clk_i(clk_i),
          .ticks_i(ticks_i),
          .base_i(place[15:0]),
          .row_words_i(place[31:16]),
          .ring_i(place[36:32]),
          .delta_i(place[41:37]),
          .address_o(rows_o[16*p+:16])
      );
    end
  endgenerate

endmodule

`default_nettype wire
