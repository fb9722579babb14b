// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Counts through a scan's windows, the state of 16 channels of one slot each, in the
// order in which the mixer takes the channels, and says where they lie.
//
// Timing: start_i with the layer goes to the first window; step_i moves on at the next
// edge. Do not step while busy_o.
// Resources: slot_address and 20 registers.
module window_walk #(
    parameter GROUPS = 4,
    parameter COLUMNS = 1,
    parameter INDEX_BITS = 2
) (
    input wire clk_i,
    input wire rst_i,
    input wire start_i,
    input wire [7:0] layer_i,
    input wire [7:0] last_column_i,
    input wire prefill_i,
    input wire [7:0] slot_i,
    output wire busy_o,

    input wire step_i,
    output wire first_column_o,  // of its group
    output wire [INDEX_BITS-1:0] index_o,
    output reg over_o  // all windows have been passed
);

  localparam [11:0] LAST_GROUP = GROUPS[11:0] - 12'd1;

  reg [7:0] column;
  reg [11:0] group;
  wire ends_group = column == last_column_i;

  assign first_column_o = column == 8'd0;

  always @(posedge clk_i)
    if (rst_i) over_o <= 1'b1;
    else if (start_i) begin
      column <= 8'd0;
      group  <= 12'd0;
      over_o <= 1'b0;
    end else if (step_i) begin
      column <= ends_group ? 8'd0 : column + 8'd1;
      if (ends_group) group <= group + 12'd1;
      over_o <= ends_group && group == LAST_GROUP;
    end

  slot_address #(
      .GROUPS(GROUPS),
      .SLOTS(COLUMNS),
      .INDEX_BITS(INDEX_BITS)
  ) place (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(start_i),
      .layer_i(layer_i),
      .busy_o(busy_o),
      .next_i(step_i && ends_group),
      .slot_i(prefill_i ? slot_i : column),
      .index_o(index_o)
  );

endmodule

`default_nettype wire
