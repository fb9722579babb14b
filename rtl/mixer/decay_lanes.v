// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Mamba, where each state element has a decay of its own: begins a channel's scan
// where its time step and its decays are there, and multiplies the two.
//
// Timing: word_o for one cycle says that a word of LANES state elements is due; its
// keep_o comes 14 cycles later. A channel's words come without a gap. decays_i
// belongs to offset_o of three cycles ago; a column has the same decays as the one
// before it, and a group's are released after the last one's.
// Resources: LANES times decay.v.
module decay_lanes #(
    parameter FAMILY = "generic",
    parameter TABLE_FILE = "function_table.hex",
    parameter LANES = 4,
    parameter STATE = 16,
    parameter GROUPS = 4,
    parameter DECAY_BITS = 7  // of a unit's address
) (
    input wire clk_i,
    input wire rst_i,
    input wire start_i,
    input wire [7:0] last_column_i,

    input wire step_valid_i,
    output wire step_taken_o,
    input wire [16:0] step_i,
    input wire [5:0] step_shift_i,

    input wire [DECAY_BITS:0] stored_i,
    output wire release_o,
    output wire [DECAY_BITS-1:0] offset_o,
    input wire [63:0] decays_i,

    output wire word_o,
    output wire [17*LANES-1:0] keep_o
);

  localparam integer WORDS = STATE / LANES;
  localparam integer WORD_BITS = $clog2(WORDS);
  localparam [WORD_BITS-1:0] LAST = WORDS[WORD_BITS-1:0] - 1'b1;
  localparam integer UNITS = STATE / 4;
  localparam integer UNIT_WORDS = 4 / LANES;  // that a unit of four decays is for
  localparam integer DECAY_SHIFT = 4 + $clog2(LANES);  // of a word's decays, in bits
  localparam [1:0] LAST_OF_UNIT = UNIT_WORDS[1:0] - 2'd1;

  reg [WORD_BITS-1:0] word;
  reg [DECAY_BITS-1:0] unit;
  wire [1:0] part = word[1:0] & LAST_OF_UNIT;
  wire [DECAY_BITS:0] needed = {1'b0, unit} + UNITS[DECAY_BITS:0];
  wire begins = step_valid_i && stored_i >= needed;
  wire last_word = word == LAST;
  wire next_channel = word_o && last_word;
  wire [3:0] channel;
  wire ends_column = channel == 4'd15;
  wire ends_group;

  assign word_o = word != {WORD_BITS{1'b0}} || begins;
  assign step_taken_o = next_channel;
  assign release_o = next_channel && ends_group;
  assign offset_o = unit;

  wire unused_walk_ends;
  wire [11:0] unused_walk_group;
  wire [7:0] unused_walk_column;
  channel_walk #(
      .GROUPS(GROUPS)
  ) walk (
      .clk_i(clk_i),
      .start_i(start_i),
      .step_i(next_channel),
      .last_column_i(last_column_i),
      .channel_o(channel),
      .column_o(unused_walk_column),
      .group_o(unused_walk_group),
      .ends_group_o(ends_group),
      .ends_o(unused_walk_ends)
  );

  always @(posedge clk_i)
    if (rst_i || start_i) begin
      word <= {WORD_BITS{1'b0}};
      unit <= {DECAY_BITS{1'b0}};
    end else if (word_o) begin
      word <= last_word ? {WORD_BITS{1'b0}} : word + 1'b1;
      if (part == LAST_OF_UNIT)
        unit <= last_word && ends_column ? {DECAY_BITS{1'b0}} : unit + 1'b1;
    end

  // Cycle 3: the decays are there.
  wire [1:0] part_3;
  wire [16:0] step_3;
  wire [5:0] shift_3;
  wire [63:0] shown_3 = decays_i >> ({4'd0, part_3} << DECAY_SHIFT);

  delay #(
      .WIDTH (25),
      .CYCLES(3)
  ) delay_step (
      .clk_i (clk_i),
      .data_i({part, step_shift_i, step_i}),
      .data_o({part_3, shift_3, step_3})
  );

  genvar g;
  generate
    for (g = 0; g < LANES; g = g + 1) begin : g_lane
      decay #(
          .FAMILY(FAMILY),
          .TABLE_FILE(TABLE_FILE)
      ) keep (
          .clk_i(clk_i),
          .step_i(step_3),
          .shift_i(shift_3),
          .decay_i(shown_3[16*g+:16]),
          .keep_o(keep_o[17*g+:17])
      );
    end
  endgenerate

  wire unused = &{1'b0, shown_3, unused_walk_column, unused_walk_group, unused_walk_ends};

endmodule

`default_nettype wire
