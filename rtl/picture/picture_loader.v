// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Keeps a row of the picture, as its bytes come, and gives it to the columns and the
// tail, while the tick runs: pixel x to column x mod COLUMNS, after CONTEXT pixels that
// only the tail takes.
//
// Timing: bytes with valid_i, always taken; clear_i forgets those of an unfinished
// row. start_i for one cycle; until busy_o falls no byte may come, and load_o says in
// every third cycle at most, never while hold_i is high, that there is a pixel.
// Resources: a row in RAM, counters.
module picture_loader #(
    parameter COLUMNS = 4,
    parameter CHANNELS = 1,
    parameter X_BITS = 6,
    parameter CONTEXT = 0  // pixels before the columns'
) (
    input wire clk_i,
    input wire rst_i,

    input wire clear_i,
    input wire valid_i,
    input wire [7:0] data_i,

    input wire start_i,
    input wire hold_i,
    input wire [15:0] width_last_i,  // of the columns' pixels
    output wire busy_o,
    output wire load_o,
    output wire to_columns_o,
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

  // And away: a pixel is there two cycles after it is asked for.
  reg busy;
  reg [1:0] age;

  assign busy_o = busy;
  assign to_columns_o = x_o + 16'd1 > CONTEXT[15:0];
  assign load_o = busy && age == 2'd2 && !hold_i;

  always @(posedge clk_i)
    if (rst_i) busy <= 1'b0;
    else busy <= start_i || (busy && !(load_o && x_o == width_last_i + CONTEXT[15:0]));

  always @(posedge clk_i) begin
    age <= start_i || load_o ? 2'd0 : age == 2'd2 ? age : age + 2'd1;
    if (start_i) {x_o, column_o, group_o} <= 48'd0;
    else if (load_o) begin
      x_o <= x_o + 16'd1;
      if (to_columns_o) begin
        column_o <= column_o == COLUMNS_LAST[15:0] ? 16'd0 : column_o + 16'd1;
        if (column_o == COLUMNS_LAST[15:0]) group_o <= group_o + 16'd1;
      end
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
      .read_address_i(x_o[X_BITS-1:0]),
      .read_data_o(pixel_o)
  );

  wire unused = &{1'b0, pixel, whole};

endmodule

`default_nettype wire
