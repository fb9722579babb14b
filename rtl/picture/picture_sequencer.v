// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Plays a network's program once a tick: takes each step's words, which it reads
// while the step before runs, and runs the step where its row lies in the picture. In
// tick t a step with the lag L computes row t - L; gen/image/program.h has the words.
//
// Timing: start_i for one cycle, with program_i, tick_i and height_i until busy_o
// falls. step_o, row_o and ticks_i hold from begin_o, one cycle, until step_busy_i
// has fallen. next_o is high for one cycle before a step begins, at most one step ahead,
// edges_ready_i low from the next cycle on until it may. busy_i must follow begin_o by one
// cycle. The next step's segments pass by with segment_write_o, and are the step's after
// segment_take_o.
// Resources: 16 x 64 registers, counters.
module picture_sequencer #(
    parameter FILE = "",
    parameter WORDS = 16
) (
    input wire clk_i,
    input wire rst_i,

    input wire start_i,
    input wire [15:0] program_i,  // the first step's first word
    input wire [15:0] tick_i,
    input wire [15:0] height_i,
    output wire busy_o,

    output reg [511:0] step_o,
    output reg [15:0] row_o,
    output wire begin_o,
    input wire step_busy_i,

    output wire next_o,  // the next step that has a row in this tick is known
    output wire [511:0] next_step_o,
    output wire [9:0] next_words_o,  // of a tap of its first segment
    input wire edges_ready_i,  // it may begin

    output wire segment_take_o,
    output wire segment_write_o,
    output wire [4:0] segment_index_o,  // word 0 or 1 of a segment is its lowest bit
    output wire [63:0] segment_word_o
);

  localparam ADDRESS_BITS = WORDS > 1 ? $clog2(WORDS) : 1;
  localparam [1:0] IDLE = 0, TAKE = 1, BEGIN = 2, RUN = 3;
  localparam [5:0] STEP_WORDS = 6'd8;

  // The next step's words, while the last one runs.
  reg [511:0] next;
  reg reading;
  reg ready;
  reg [15:0] at;
  reg [5:0] asked;  // words of the step asked for
  reg [5:0] come;  // and those that have come: two less
  reg arrived;  // there are as many
  wire [63:0] word;
  wire arrives = reading && arrived;

  // The step's length is in its first word.
  wire [5:0] length = STEP_WORDS + {1'b0, next[14:11], 1'b0};
  wire complete = arrives && come != 6'd0 && come == length - 6'd1;

  reg [1:0] state;
  wire last = step_o[10];
  wire ended = state == RUN && !step_busy_i;
  wire take = ready && (state == TAKE || (ended && !last));
  reg in_picture;

  // The next step that will run, once.
  reg offered;
  reg [9:0] next_words;
  wire [15:0] next_row = tick_i - {8'd0, next[29:22]};
  wire next_in_picture = tick_i >= {8'd0, next[29:22]} && next_row < height_i;

  assign next_o = ready && !offered && state != BEGIN && next_in_picture;
  assign next_step_o = next;
  assign next_words_o = next_words;

  assign segment_write_o = arrives && come >= STEP_WORDS;
  assign segment_index_o = {come[4:3] - STEP_WORDS[4:3], come[2:0]};
  assign segment_word_o = word;
  assign segment_take_o = take;
  assign begin_o = state == BEGIN && in_picture && edges_ready_i;
  assign busy_o = state != IDLE;

  picture_rom #(
      .FILE (FILE),
      .WIDTH(64),
      .DEPTH(WORDS)
  ) words (
      .clk_i(clk_i),
      .address_i(at[ADDRESS_BITS-1:0]),
      .word_o(word)
  );

  always @(posedge clk_i)
    if (rst_i) state <= IDLE;
    else
      case (state)
        IDLE: if (start_i) state <= TAKE;
        TAKE: if (ready) state <= BEGIN;
        BEGIN: if (begin_o || !in_picture) state <= in_picture ? RUN : last ? IDLE : TAKE;
        default: if (ended) state <= last ? IDLE : ready ? BEGIN : TAKE;
      endcase

  integer i;

  always @(posedge clk_i) begin
    if (start_i || rst_i) {reading, ready} <= {!rst_i, 1'b0};
    else if (take) {reading, ready} <= {!next[10], 1'b0};
    else if (complete) {reading, ready} <= 2'b01;

    if (start_i) at <= program_i;
    // What was asked for beyond the step's end is asked for again.
    else if (reading) at <= complete ? at - {10'd0, asked - length} : at + 16'd1;
    asked <= reading && !complete ? asked + 6'd1 : 6'd0;
    come <= asked - 6'd1;
    arrived <= reading && !complete && asked != 6'd0;
    if (arrives)
      for (i = 0; i < 8; i = i + 1) if (come == i[5:0]) next[64*i+:64] <= word;
    if (take) {step_o, row_o, in_picture} <= {next, next_row, next_in_picture};
    offered <= ready && !take && !start_i && !rst_i && (offered || next_o);
    if (segment_write_o && come == STEP_WORDS) next_words <= word[51:42];
  end

  wire unused = &{1'b0, at};

endmodule

`default_nettype wire
