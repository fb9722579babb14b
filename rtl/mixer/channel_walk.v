// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Counts through an operation's channels as the mixer takes them: a group of 16
// for one column after another, then the next group for all of them again. So
// what belongs to a channel is read once for all columns, and a column has what
// the one before it left in the slot that they may share.
//
// Timing: step_i moves on at the next edge; start_i goes back to the beginning.
// Resources: 28 registers.
module channel_walk #(
    parameter GROUPS = 4
) (
    input wire clk_i,
    input wire start_i,
    input wire step_i,
    input wire [7:0] last_column_i,

    output reg [3:0] channel_o,  // of the group
    output reg [7:0] column_o,
    output reg [11:0] group_o,

    // This is the last channel of the group, of all.
    output wire ends_group_o,
    output wire ends_o
);

  localparam [11:0] LAST_GROUP = GROUPS[11:0] - 12'd1;

  wire ends_column = channel_o == 4'd15;

  assign ends_group_o = ends_column && column_o == last_column_i;
  assign ends_o = ends_group_o && group_o == LAST_GROUP;

  always @(posedge clk_i)
    if (start_i) begin
      channel_o <= 4'd0;
      column_o  <= 8'd0;
      group_o   <= 12'd0;
    end else if (step_i) begin
      channel_o <= channel_o + 4'd1;
      if (ends_column) column_o <= ends_group_o ? 8'd0 : column_o + 8'd1;
      if (ends_group_o) group_o <= group_o + 12'd1;
    end

endmodule

`default_nettype wire
