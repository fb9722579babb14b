// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The array in lane direction: every lane sums its own products over a block
// of 16 beats; then the K sums leave one after the other. Probabilities and
// values are 8-bit mantissas: 16 products of 127 x 127 at most fit 19 bits.
//
// Timing: first_i and last_i mark a block's first and last beat. The sums
// begin to leave (valid_o, index_o, sum_o) two cycles after the last beat and
// take K cycles, so blocks of 16 beats may follow each other without a gap.
// What mark_i was at the last beat is mark_o while that block's sums leave.
// Resources: K adders of 19 bits, 38 x K registers.
module lane_sums #(
    parameter K = 8,
    parameter MARK_BITS = 6,
    parameter INDEX_BITS = $clog2(K)
) (
    input wire clk_i,
    input wire rst_i,

    input wire valid_i,
    input wire first_i,
    input wire last_i,
    input wire [16*K-1:0] products_i,
    input wire [MARK_BITS-1:0] mark_i,

    output reg valid_o,
    output reg [INDEX_BITS-1:0] index_o,
    output wire signed [18:0] sum_o,
    output reg [MARK_BITS-1:0] mark_o
);

  localparam [INDEX_BITS-1:0] LAST = K[INDEX_BITS-1:0] - 1'b1;

  reg [19*K-1:0] sums;
  reg [19*K-1:0] leaving;
  reg full;
  reg [MARK_BITS-1:0] mark;

  genvar g;
  generate
    for (g = 0; g < K; g = g + 1) begin : g_lane
      wire [18:0] product = {{3{products_i[16*g+15]}}, products_i[16*g+:16]};
      always @(posedge clk_i)
        if (valid_i) sums[19*g+:19] <= first_i ? product : sums[19*g+:19] + product;
    end
  endgenerate

  always @(posedge clk_i) begin
    full <= valid_i && last_i && !rst_i;
    mark <= mark_i;
    if (full) begin
      leaving <= sums;
      mark_o  <= mark;
      index_o <= {INDEX_BITS{1'b0}};
    end else begin
      leaving <= leaving >> 19;
      index_o <= index_o + 1'b1;
    end
    valid_o <= !rst_i && (full || (valid_o && index_o != LAST));
  end

  assign sum_o = leaving[18:0];

endmodule

`default_nettype wire
