// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// What a channel's scan needs before its state: reads x and dt and the head's
// record, and makes of them the time step, the state's input, D x and, where a
// head has one decay, what the state keeps.
//
// Timing: runs from start_i on, a channel every fourth cycle, as long as the
// records are there and no more than CREDITS channels wait to be scanned. Each
// strobe comes once a channel, in order: d_x_valid_o with d_x_o; step_valid_o with
// step_o and step_shift_o (EVERY: the decays are multiplied later); input_valid_o
// with mantissa_o and right_o, and without EVERY keep_o. taken_i says that a
// channel is scanned. wide_data_i is the value at the address of five cycles ago,
// head_i and decay_i those of three cycles ago.
// Resources: two multipliers and a function table, without EVERY four and two.
module scan_front #(
    parameter FAMILY = "generic",
    parameter TABLE_FILE = "function_table.hex",
    parameter EVERY = 0,
    parameter INNER = 64,
    parameter HEADS = 4,
    parameter CREDITS = 16,
    parameter HEAD_BITS = 6  // of the address of a record that is stored
) (
    input wire clk_i,
    input wire rst_i,

    input wire start_i,
    input wire [15:0] source_i,
    input wire [15:0] rows_i,
    input wire [3:0] dt_left_i,
    input wire signed [7:0] format_right_i,
    input wire [7:0] last_column_i,

    input wire [HEAD_BITS:0] heads_stored_i,
    output wire heads_release_o,  // of 16
    output wire [HEAD_BITS-1:0] head_offset_o,
    input wire [55:0] head_i,
    input wire [15:0] decay_i,

    output wire [7:0] wide_column_o,
    output reg [15:0] wide_address_o,
    input wire signed [17:0] wide_data_i,

    input wire taken_i,
    output wire d_x_valid_o,
    output wire [33:0] d_x_o,
    output wire step_valid_o,
    output wire [16:0] step_o,
    output wire [5:0] step_shift_o,
    output wire input_valid_o,
    output wire [7:0] mantissa_o,
    output wire signed [6:0] right_o,
    output wire [16:0] keep_o
);

  localparam integer GROUPS = INNER / 16;
  localparam integer HEAD_GROUPS = EVERY != 0 ? 1 : INNER / HEADS / 16;
  localparam [11:0] LAST_OF_HEAD = HEAD_GROUPS[11:0] - 12'd1;
  localparam integer CREDIT_BITS = $clog2(CREDITS + 1);

  // Cycles 0 to 3: a channel's reads.
  reg reading;
  reg [1:0] phase;
  reg [CREDIT_BITS-1:0] waiting;  // channels, from their reads until they are taken
  reg issued;  // this channel is being read
  wire [3:0] channel;
  wire [11:0] group;
  wire ends_group;
  wire ends;
  reg [HEAD_BITS-1:0] head;
  reg [11:0] group_of_head;
  wire at_0 = phase == 2'd0;
  wire at_1 = phase == 2'd1;
  wire at_2 = phase == 2'd2;
  wire at_3 = phase == 2'd3;
  wire [HEAD_BITS:0] needed = {1'b0, head_offset_o};
  wire issue = at_0 && reading && waiting != CREDITS[CREDIT_BITS-1:0] && heads_stored_i > needed;
  wire step = at_3 && issued;

  channel_walk #(
      .GROUPS(GROUPS)
  ) walk (
      .clk_i(clk_i),
      .start_i(start_i),
      .step_i(step),
      .last_column_i(last_column_i),
      .channel_o(channel),
      .column_o(wide_column_o),
      .group_o(group),
      .ends_group_o(ends_group),
      .ends_o(ends)
  );

  always @(posedge clk_i) begin
    phase <= rst_i || start_i ? 2'd0 : phase + 2'd1;
    if (at_0) issued <= issue;
    waiting <= start_i ? {CREDIT_BITS{1'b0}} :
        waiting + {{CREDIT_BITS - 1{1'b0}}, issue} - {{CREDIT_BITS - 1{1'b0}}, taken_i};
    if (rst_i) reading <= 1'b0;
    else if (start_i) reading <= 1'b1;
    else if (issue && ends) reading <= 1'b0;
    if (start_i) begin
      head <= {HEAD_BITS{1'b0}};
      group_of_head <= 12'd0;
    end else if (step && ends_group) begin
      group_of_head <= group_of_head == LAST_OF_HEAD ? 12'd0 : group_of_head + 12'd1;
      if (group_of_head == LAST_OF_HEAD) head <= head + 1'b1;
    end
  end

  wire [15:0] channel_index = {group, channel};

  generate
    if (EVERY != 0) begin : g_own_head
      assign head_offset_o = {{HEAD_BITS - 4{1'b0}}, channel};
      assign heads_release_o = step && ends_group;
      always @* wide_address_o = at_0 ? source_i + channel_index : rows_i + channel_index;
    end else begin : g_head
      assign head_offset_o = head;
      assign heads_release_o = 1'b0;
      always @*
        wide_address_o = at_0 ? source_i + channel_index : rows_i + {{16 - HEAD_BITS{1'b0}}, head};
    end
  endgenerate

  // x at cycle 5, dt at 6; the record, which is there from 3 to 6, is kept at 6.
  reg [33:1] valid;  // cycles since the read
  reg [5*18-1:0] x;  // of five channels, the newest lowest
  reg [15:0] d_7;
  reg [31:0] bias_7;
  reg signed [29:0] dt_7;
  reg signed [33:0] v_8;

  always @(posedge clk_i) begin
    if (at_1) x <= {x[4*18-1:0], wide_data_i};
    if (at_2) begin
      bias_7 <= head_i[31:0];
      d_7 <= head_i[47:32];
      dt_7 <= {{12{wide_data_i[17]}}, wide_data_i} << dt_left_i;
    end
    valid <= rst_i ? 33'd0 : {valid[32:1], issue};
    v_8 <= {{4{dt_7[29]}}, dt_7} + {{2{bias_7[31]}}, bias_7};
  end

  // Cycle 8 to 22: the step.
  wire [5:0] step_shift;

  step_size #(
      .FAMILY(FAMILY),
      .TABLE_FILE(TABLE_FILE)
  ) softplus (
      .clk_i(clk_i),
      .phase_i(phase),
      .value_i(v_8),
      .mantissa_o(step_o),
      .shift_o(step_shift)
  );

  // D x at cycles 8 to 10, the input at 22 to 29.
  wire [7:0] mantissa_29;
  wire signed [6:0] right_29;

  scan_input #(
      .FAMILY(FAMILY)
  ) scale (
      .clk_i(clk_i),
      .phase_i(phase),
      .format_right_i(format_right_i),
      .d_i(d_7),
      .x_i(x[17:0]),
      .d_x_o(d_x_o),
      .step_i(step_o),
      .step_shift_i(step_shift),
      .step_x_i(x[5*18-1-:18]),
      .mantissa_o(mantissa_29),
      .right_o(right_29)
  );

  // The decay's shift comes with the step: 12 less than both together, 63 at most.
  reg [4*6-1:0] decay_shifts;
  wire [6:0] both = {1'b0, step_shift} + {1'b0, decay_shifts[23:18]} - 7'd12;

  always @(posedge clk_i) if (at_2) decay_shifts <= {decay_shifts[17:0], head_i[53:48]};

  assign step_shift_o = both[6] ? 6'd63 : both[5:0];
  assign step_valid_o = valid[22];
  assign d_x_valid_o  = valid[10];

  generate
    if (EVERY != 0) begin : g_later
      assign keep_o = 17'd0;
      assign mantissa_o = mantissa_29;
      assign right_o = right_29;
      assign input_valid_o = valid[29];

      wire unused = &{1'b0, decay_i, valid};
    end else begin : g_now
      reg [4*16-1:0] decays;
      reg [14:0] input_33;

      always @(posedge clk_i) begin
        if (at_2) decays <= {decays[47:0], decay_i};
        if (at_0) input_33 <= {mantissa_29, right_29};
      end

      decay #(
          .FAMILY(FAMILY),
          .TABLE_FILE(TABLE_FILE)
      ) keep (
          .clk_i(clk_i),
          .step_i(step_o),
          .shift_i(step_shift_o),
          .decay_i(decays[63:48]),
          .keep_o(keep_o)
      );

      assign {mantissa_o, right_o} = input_33;
      assign input_valid_o = valid[33];

      wire unused = &{1'b0, valid};
    end
  endgenerate

  wire unused = &{1'b0, head_i[55:54]};

endmodule

`default_nettype wire
