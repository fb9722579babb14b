// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// CONV of a Mamba block without its silu, which the columns' vector units do: reads
// each channel's input, quantises it with the 15 others of its group, and writes what
// the taps make of it and of the slot's inputs before it in its place.
//
// The inputs before, TAPS - 1 of each channel, are kept as they were quantised: 12
// bits each, the newest highest, a word a channel.
//
// Timing: start_i with the fields, which hold still until busy_o falls. A channel a
// cycle while records are there (stored_i); the quantiser is the mixer's, and has
// gen/op/conv.c's blocks of 16. wide_data_i is the value at the address of five
// cycles ago.
// Resources: TAPS multipliers, LAYERS x GROUPS x SLOTS x 16 words of history.
module conv_unit #(
    parameter FAMILY = "generic",
    parameter TAPS = 4,
    parameter LAYERS = 1,
    parameter GROUPS = 4,
    parameter COLUMNS = 1,
    parameter STORED_BITS = 7
) (
    input wire clk_i,
    input wire rst_i,

    input wire start_i,
    input wire [7:0] layer_i,
    input wire [15:0] source_i,
    input wire [3:0] bias_shift_i,
    input wire [7:0] last_column_i,
    input wire prefill_i,
    input wire [7:0] slot_i,
    input wire [COLUMNS-1:0] fresh_i,
    output reg busy_o,

    input wire [STORED_BITS-1:0] stored_i,
    output reg release_o,
    output reg [3:0] offset_o,
    input wire [63:0] record_i,

    output wire [7:0] wide_column_o,
    output wire [15:0] wide_address_o,
    input wire [17:0] wide_data_i,

    output wire element_valid_o,
    output wire [17:0] element_o,
    input wire word_valid_i,
    input wire [17:0] word_i,
    input wire [3:0] exponent_i,

    output wire write_o,
    output wire [7:0] write_column_o,
    output wire [15:0] write_address_o,
    output wire [17:0] write_data_o
);

  localparam integer USED = LAYERS * GROUPS * COLUMNS;  // groups of all layers and slots
  localparam integer PARTS = USED > 1 ? USED : 2;
  localparam integer INDEX_BITS = $clog2(PARTS);
  localparam integer PAST_BITS = 12 * (TAPS - 1);

  // Reads.
  reg reading;
  reg [STORED_BITS-5:0] ahead;  // groups that are being read and have their records still
  wire [3:0] read_channel;
  wire [11:0] read_group;
  wire read_ends;
  wire addressing;
  wire begins_group = read_channel == 4'd0 && wide_column_o == 8'd0;
  wire issue = reading && !addressing && (!begins_group || stored_i[STORED_BITS-1:4] > ahead);

  wire unused_read_walk_ends_group;
  channel_walk #(
      .GROUPS(GROUPS)
  ) read_walk (
      .clk_i(clk_i),
      .start_i(start_i),
      .step_i(issue),
      .last_column_i(last_column_i),
      .channel_o(read_channel),
      .column_o(wide_column_o),
      .group_o(read_group),
      .ends_group_o(unused_read_walk_ends_group),
      .ends_o(read_ends)
  );

  delay #(
      .WIDTH (1),
      .CYCLES(5)
  ) delay_issue (
      .clk_i (clk_i),
      .data_i(issue),
      .data_o(element_valid_o)
  );

  assign wide_address_o = source_i + {read_group, read_channel};
  assign element_o = wide_data_i;

  // Quantised, two a word: one a cycle again.
  reg second;
  reg [7:0] second_mantissa;
  reg [3:0] second_exponent;
  wire valid = word_valid_i || second;
  wire [11:0] newest =
      word_valid_i ? {exponent_i, word_i[7:0]} : {second_exponent, second_mantissa};

  always @(posedge clk_i) begin
    second <= word_valid_i && !rst_i;
    second_mantissa <= word_i[16:9];
    second_exponent <= exponent_i;
  end

  wire [3:0] channel;
  wire [7:0] column;
  wire ends_group;
  wire [INDEX_BITS-1:0] index;
  wire fresh;

  wire unused_walk_ends;
  wire [11:0] unused_walk_group;
  channel_walk #(
      .GROUPS(GROUPS)
  ) walk (
      .clk_i(clk_i),
      .start_i(start_i),
      .step_i(valid),
      .last_column_i(last_column_i),
      .channel_o(channel),
      .column_o(column),
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
      .busy_o(addressing),
      .next_i(valid && ends_group),
      .slot_i(prefill_i ? slot_i : column),
      .index_o(index)
  );

  column_bit #(
      .COLUMNS(COLUMNS)
  ) select_fresh (
      .bits_i  (fresh_i),
      .column_i(column),
      .bit_o   (fresh)
  );

  // Cycle 4: with the past, and the past to come. A channel comes again 16 cycles
  // later at the earliest.
  wire [INDEX_BITS+3:0] address = {index, channel};
  wire [INDEX_BITS+3:0] address_4;
  wire [PAST_BITS-1:0] past_4;
  wire [11:0] newest_4;
  wire valid_4;
  wire fresh_4;
  wire [12*TAPS-1:0] window_4 = {newest_4, fresh_4 ? {PAST_BITS{1'b0}} : past_4};

  // The record is there three cycles after its place was said.
  always @(posedge clk_i) begin
    release_o <= valid && ends_group && !rst_i;
    offset_o  <= channel;
  end

  delay #(
      .WIDTH (INDEX_BITS + 4),
      .CYCLES(4)
  ) delay_address (
      .clk_i (clk_i),
      .data_i(address),
      .data_o(address_4)
  );

  delay #(
      .WIDTH (14),
      .CYCLES(4)
  ) delay_newest (
      .clk_i (clk_i),
      .data_i({valid && !rst_i, fresh, newest}),
      .data_o({valid_4, fresh_4, newest_4})
  );

  deep_store #(
      .WIDTH(PAST_BITS),
      .DEPTH(PARTS * 16),
      .BANK (2048)
  ) past (
      .clk_i(clk_i),
      .write_i(valid_4),
      .write_address_i(address_4),
      .write_data_i(window_4[12*TAPS-1:12]),
      .read_address_i(address),
      .read_data_o(past_4)
  );

  conv_sum #(
      .FAMILY(FAMILY),
      .TAPS  (TAPS)
  ) sum (
      .clk_i(clk_i),
      .window_i(window_4),
      .record_i(record_i),
      .bias_shift_i(bias_shift_i),
      .y_o(write_data_o)
  );

  delay #(
      .WIDTH (1),
      .CYCLES(7)
  ) delay_write (
      .clk_i (clk_i),
      .data_i(valid_4 && !rst_i),
      .data_o(write_o)
  );

  // Writes.
  wire [3:0] write_channel;
  wire [11:0] write_group;
  wire write_ends;

  wire unused_write_walk_ends_group;
  channel_walk #(
      .GROUPS(GROUPS)
  ) write_walk (
      .clk_i(clk_i),
      .start_i(start_i),
      .step_i(write_o),
      .last_column_i(last_column_i),
      .channel_o(write_channel),
      .column_o(write_column_o),
      .group_o(write_group),
      .ends_group_o(unused_write_walk_ends_group),
      .ends_o(write_ends)
  );

  assign write_address_o = source_i + {write_group, write_channel};

  always @(posedge clk_i)
    if (rst_i) begin
      reading <= 1'b0;
      busy_o  <= 1'b0;
    end else if (start_i) begin
      reading <= 1'b1;
      busy_o <= 1'b1;
      ahead <= {STORED_BITS - 4{1'b0}};
    end else begin
      if (issue && read_ends) reading <= 1'b0;
      if (write_o && write_ends) busy_o <= 1'b0;
      ahead <= ahead + {{STORED_BITS - 5{1'b0}}, issue && begins_group} -
          {{STORED_BITS - 5{1'b0}}, release_o};
    end

  wire unused = &{
    1'b0,
    stored_i[3:0],
    word_i[17],
    word_i[8],
    unused_read_walk_ends_group,
    unused_walk_group,
    unused_walk_ends,
    unused_write_walk_ends_group
  };

endmodule

`default_nettype wire
