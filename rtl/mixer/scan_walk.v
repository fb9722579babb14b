// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Counts through a scan's words of state, LANES elements each, channel by channel,
// and says where they lie.
//
// Timing: start_i with the layer goes to the first word; step_i moves on at the next
// edge. Do not step while busy_o.
// Resources: channel_walk, slot_address and a counter.
module scan_walk #(
    parameter GROUPS = 4,
    parameter COLUMNS = 1,
    parameter WORDS = 16,  // of a channel
    parameter WORD_BITS = 4,
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
    output wire [7:0] column_o,
    output reg [WORD_BITS-1:0] word_o,
    output wire [INDEX_BITS+WORD_BITS+3:0] address_o,
    output wire last_word_o  // of the channel
);

  localparam [WORD_BITS-1:0] LAST = WORDS[WORD_BITS-1:0] - 1'b1;

  wire [3:0] channel;
  wire ends_group;
  wire [INDEX_BITS-1:0] index;
  wire next_channel = step_i && last_word_o;

  assign last_word_o = word_o == LAST;
  assign address_o   = {index, channel, word_o};

  always @(posedge clk_i)
    if (start_i || next_channel) word_o <= {WORD_BITS{1'b0}};
    else if (step_i) word_o <= word_o + 1'b1;

  wire unused_walk_ends;
  wire [11:0] unused_walk_group;
  channel_walk #(
      .GROUPS(GROUPS)
  ) walk (
      .clk_i(clk_i),
      .start_i(start_i),
      .step_i(next_channel),
      .last_column_i(last_column_i),
      .channel_o(channel),
      .column_o(column_o),
      .group_o(unused_walk_group),
      .ends_group_o(ends_group),
      .ends_o(unused_walk_ends)
  );

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
      .next_i(next_channel && ends_group),
      .slot_i(prefill_i ? slot_i : column_o),
      .index_o(index)
  );

  wire unused = &{1'b0, unused_walk_group, unused_walk_ends};

endmodule

`default_nettype wire
