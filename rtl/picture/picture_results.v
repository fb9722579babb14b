// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Counts a step's results and says where their values go: all columns' are at the
// same place of their stores. A step has ended when the last has been written.
//
// Timing: valid_i with a result, at most every other cycle, with wide_source_i
// every third at most and not every fourth. Constants are asked for in the same
// cycle; a value is written nine later (picture_post.v). start_i for one cycle,
// fields hold until busy_o falls; busy_o is high the cycle after start_i.
// Resources: counters, about 150 registers.
module picture_results #(
    parameter K = 4
) (
    input wire clk_i,
    input wire rst_i,

    input wire start_i,
    input wire valid_i,
    input wire wide_source_i,
    input wire to_words_i,
    input wire to_wides_i,
    input wire to_outs_i,
    input wire keeps_i,  // the other operand of a sum is kept at a strip's end
    input wire [15:0] outputs_last_i,
    input wire [15:0] groups_last_i,
    input wire [15:0] block_last_i,  // channels after which blocks begin anew
    input wire [15:0] constants_i,
    input wire [15:0] words_row_i,  // addresses of the rows
    input wire [15:0] wides_row_i,
    input wire [15:0] outs_row_i,
    input wire [15:0] source_row_i,
    input wire [15:0] other_row_i,
    output wire busy_o,

    output wire [15:0] constant_address_o,
    output wire [15:0] wide_read_o,
    output wire [15:0] wide_previous_o,  // the same of the last group of pixels
    output wire wide_other_o,  // what is read is the other operand of a sum
    output wire [15:0] channel_4_o,
    output wire first_group_6_o,
    output wire keep_7_o,  // what was read is the last group's other operand
    output wire wide_write_o,
    output wire [15:0] wide_address_o,
    output wire out_write_o,
    output wire [15:0] out_address_o,
    output wire element_valid_o,
    output wire element_last_o,
    input wire quantised_i,
    output wire word_write_o,
    output wire [15:0] word_address_o
);

  localparam VALUE = 9;
  localparam [4:0] FLUSH = VALUE + 1;
  localparam LANE_BITS = $clog2(K);
  localparam integer BEATS = 16 / K;
  localparam [4:0] BEATS_LAST = BEATS[4:0] - 5'd1;

  // Results as they come.
  reg [15:0] count;
  reg [15:0] channel;
  reg [15:0] in_block;
  reg [15:0] group;
  reg busy;
  reg counted;  // the last result has come
  reg [4:0] flushed;
  reg [1:0] blocks;  // in the quantiser

  wire channel_last = channel == outputs_last_i;
  wire block_last = in_block == block_last_i || channel_last;
  wire block_ends = block_last || in_block[3:0] == 4'd15;

  assign busy_o = busy && !(flushed == FLUSH && blocks == 2'd0);
  assign constant_address_o = constants_i + channel;

  always @(posedge clk_i)
    if (rst_i) busy <= 1'b0;
    else busy <= start_i || busy_o;

  always @(posedge clk_i) begin
    if (start_i) begin
      {count, channel, in_block, group} <= 64'd0;
      {counted, flushed} <= 6'd0;
    end else begin
      if (counted && flushed != FLUSH) flushed <= flushed + 5'd1;
      if (valid_i) begin
        count <= count + 16'd1;
        channel <= channel_last ? 16'd0 : channel + 16'd1;
        in_block <= block_last ? 16'd0 : in_block + 16'd1;
        if (channel_last) group <= group + 16'd1;
        counted <= channel_last && group == groups_last_i;
      end
    end
  end

  // The other operand of a sum is asked for four cycles later, values are written
  // nine later.
  wire valid_4;
  wire [15:0] count_4;
  wire keep_5;
  wire [15:0] count_5;
  wire valid_9;
  wire [15:0] count_9;
  wire last_9;

  delay #(
      .WIDTH (33),
      .CYCLES(4)
  ) delay_other (
      .clk_i (clk_i),
      .data_i({valid_i, count, channel}),
      .data_o({valid_4, count_4, channel_4_o})
  );

  // For the next strip it is read once more, where the port is free.
  delay #(
      .WIDTH (17),
      .CYCLES(5)
  ) delay_keep (
      .clk_i (clk_i),
      .data_i({valid_i && keeps_i && group == groups_last_i && !rst_i, count}),
      .data_o({keep_5, count_5})
  );

  delay #(
      .WIDTH (1),
      .CYCLES(2)
  ) delay_kept (
      .clk_i (clk_i),
      .data_i(keep_5),
      .data_o(keep_7_o)
  );

  delay #(
      .WIDTH (1),
      .CYCLES(6)
  ) delay_first_group (
      .clk_i (clk_i),
      .data_i(group == 16'd0),
      .data_o(first_group_6_o)
  );

  delay #(
      .WIDTH (18),
      .CYCLES(VALUE)
  ) delay_value (
      .clk_i (clk_i),
      .data_i({valid_i, count, block_ends}),
      .data_o({valid_9, count_9, last_9})
  );

  assign wide_read_o = valid_i && wide_source_i ? source_row_i + count :
                       other_row_i + (keep_5 ? count_5 : count_4);
  assign wide_previous_o = wide_read_o - outputs_last_i - 16'd1;
  assign wide_other_o = !(valid_i && wide_source_i) && !keep_5;
  assign wide_write_o = valid_9 && to_wides_i && !rst_i;
  assign wide_address_o = wides_row_i + count_9;
  assign out_write_o = valid_9 && to_outs_i && !rst_i;
  assign out_address_o = outs_row_i + count_9;
  assign element_valid_o = valid_9 && to_words_i;
  assign element_last_o = last_9;

  // Words of blocks, of which a short one's last are not kept: the step may have ended
  // when they come.
  reg stale;
  reg [15:0] words;
  reg [4:0] word;
  reg [15:0] rest;  // channels of the block and those after it, less one

  // The last word that is kept, known by a block's second: held to 5 bits.
  wire [15:0] rest_words = rest >> LANE_BITS;
  reg [4:0] kept_last;
  wire keep = kept_last >= word && !stale;
  wire word_last = word == BEATS_LAST;
  wire block_kept = quantised_i && keep && (word_last || kept_last == word);
  wire short = rest < 16'd16;

  assign word_write_o = quantised_i && keep && to_words_i;
  assign word_address_o = words_row_i + words;

  always @(posedge clk_i) kept_last <= rest_words[15:5] != 11'd0 ? 5'd31 : rest_words[4:0];

  always @(posedge clk_i)
    if (rst_i) {word, stale, blocks} <= 8'd0;
    else begin
      blocks <= blocks + {1'b0, element_valid_o && element_last_o} - {1'b0, block_kept};
      if (quantised_i) word <= word_last ? 5'd0 : word + 5'd1;
      if (start_i) begin
        stale <= quantised_i ? !word_last : word != 5'd0;
        words <= 16'd0;
        rest  <= block_last_i;
      end else if (quantised_i) begin
        if (keep) words <= words + 16'd1;
        if (word_last) stale <= 1'b0;
        if (word_last && !stale) rest <= short ? block_last_i : rest - 16'd16;
      end
    end

  wire unused = &{1'b0, valid_4};

endmodule

`default_nettype wire
