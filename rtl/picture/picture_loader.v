// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Keeps a row of the picture, as its bytes come, and gives it to the columns and the
// tail, a pixel a cycle: pixel x to column x mod COLUMNS.
//
// Timing: bytes with valid_i, always taken; clear_i forgets those of an unfinished
// row. start_i for one cycle; load_o and what belongs to it follow until busy_o falls.
// A byte of the next row may come while a row is given away, not two a cycle.
// Resources: a row in RAM, counters.
module picture_loader #(
    parameter COLUMNS = 4,
    parameter CHANNELS = 1,
    parameter X_BITS = 6
) (
    input wire clk_i,
    input wire rst_i,

    input wire clear_i,
    input wire valid_i,
    input wire [7:0] data_i,

    input wire start_i,
    input wire [15:0] width_last_i,
    output wire busy_o,
    output wire load_o,
    output reg [15:0] x_o,
    output reg [15:0] column_o,
    output reg [15:0] group_o,
    output wire [8*CHANNELS-1:0] pixel_o
);

  localparam integer CHANNELS_LAST = CHANNELS - 1;
  localparam integer COLUMNS_LAST = COLUMNS - 1;

  // Bytes to pixels.
  reg [1:0] channel;
  reg [X_BITS-1:0] x_in;
  reg [23:0] pixel;
  wire [23:0] whole = {data_i, pixel[23:8]};
  wire pixel_ends = channel == CHANNELS_LAST[1:0];

  always @(posedge clk_i)
    if (clear_i) {channel, x_in} <= {2 + X_BITS{1'b0}};
    else if (valid_i) begin
      pixel   <= whole;
      channel <= pixel_ends ? 2'd0 : channel + 2'd1;
      if (pixel_ends) x_in <= x_in + 1'b1;
    end

  // And away: asked for in order, there two cycles later.
  reg [2:0] busy;
  reg [15:0] x;

  assign busy_o = busy != 3'd0;
  assign load_o = busy[2];

  always @(posedge clk_i)
    if (rst_i) busy <= 3'd0;
    else busy <= {busy[1:0], start_i || (busy[0] && x != width_last_i)};

  always @(posedge clk_i) begin
    x <= start_i ? 16'd0 : x + 16'd1;
    if (start_i) {x_o, column_o, group_o} <= 48'd0;
    else if (load_o) begin
      x_o <= x_o + 16'd1;
      column_o <= column_o == COLUMNS_LAST[15:0] ? 16'd0 : column_o + 16'd1;
      if (column_o == COLUMNS_LAST[15:0]) group_o <= group_o + 16'd1;
    end
  end

  store #(
      .WIDTH(8 * CHANNELS),
      .DEPTH(1 << X_BITS)
  ) row (
      .clk_i(clk_i),
      .write_i(valid_i && pixel_ends),
      .write_address_i(x_in),
      .write_data_i(whole[23-:8*CHANNELS]),
      .read_address_i(x[X_BITS-1:0]),
      .read_data_o(pixel_o)
  );

  wire unused = &{1'b0, x, pixel, whole};

endmodule

`default_nettype wire
