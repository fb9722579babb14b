// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Counts through a pass of the array, one beat a cycle, in three nested loops:
//
//            outer             middle                  inner
//   MATRIX   row group         block of 16 inputs      beat of the block
//   SCORE    position          block of 16 of a head   beat of the block
//   MIX      element of a head block of 16 positions   beat of the block
//
// Timing: start_i, with fields that hold still until busy_o falls. A MATRIX
// beat is issued where beat_valid_i and beat_ready_o are high; the other passes
// issue without a pause. The outputs of a beat issued in cycle t are there in
// t + 1; kv_valid_o is valid_o of a pass that is no MATRIX. stall_i stops a MATRIX
// in the next cycle. beat_ready_o comes from a register. After the last beat busy_o
// stays high for DRAIN cycles, until its results have been written.
// Resources: counters.
module array_issue #(
    parameter K = 8,
    parameter R = 2,
    parameter HEAD_DIM = 64
) (
    input wire clk_i,
    input wire rst_i,

    input wire start_i,
    input wire score_i,
    input wire mix_i,
    input wire two_rows_i,  // two rows a beat
    input wire [15:0] rows_i,
    input wire [15:0] blocks_i,
    input wire [15:0] positions_i,
    input wire stall_i,
    output wire busy_o,

    input wire beat_valid_i,
    output wire beat_ready_o,

    output reg valid_o,
    output reg kv_valid_o,
    output reg [15:0] middle_o,
    output reg [3:0] inner_o,
    output reg inner_last_o,
    output reg middle_last_o
);

  localparam [4:0] DRAIN = 20;
  localparam integer HEAD_BLOCKS_INT = (HEAD_DIM + 15) / 16;
  localparam [15:0] HEAD_BLOCKS_LAST = HEAD_BLOCKS_INT[15:0] - 16'd1;
  localparam [15:0] HEAD_LAST = HEAD_DIM[15:0] - 16'd1;
  localparam integer BEATS_INT = 16 / K;
  localparam [3:0] BEATS_LAST = BEATS_INT[3:0] - 4'd1;
  localparam [1:0] IDLE = 0, RUN = 1, WAIT = 2;

  reg [1:0] state;
  reg [4:0] waited;
  reg [15:0] outer;
  reg [15:0] middle;
  reg [3:0] inner;

  // Where the loops end. Whether a count is its last is known before it is reached,
  // so that no comparison lies between a beat and the next one's issue.
  reg [15:0] outer_end;
  reg [15:0] middle_end;
  reg outer_last;
  reg middle_last;

  wire [15:0] rows_last = R == 2 && two_rows_i ? (rows_i >> 1) - 16'd1 : rows_i - 16'd1;
  wire [15:0] positions_last = positions_i - 16'd1;
  wire [15:0] outer_to = mix_i ? HEAD_LAST : score_i ? positions_last : rows_last;
  wire [15:0] middle_to = mix_i ? {4'd0, positions_last[15:4]} :
                          score_i ? HEAD_BLOCKS_LAST : blocks_i - 16'd1;

  wire [15:0] outer_next = outer + 16'd1;
  wire [15:0] middle_next = middle_last ? 16'd0 : middle + 16'd1;
  wire inner_last = inner == BEATS_LAST;

  wire begins_matrix = !score_i && !mix_i;
  // Two results a beat leave one after the other, so beats that each end two
  // rows come every other cycle.
  wire begins_dense = two_rows_i && begins_matrix && BEATS_LAST == 4'd0 && blocks_i == 16'd1;
  reg matrix;
  reg dense;
  reg ready;
  reg unfed;  // it runs, and on no beats from outside
  wire issue = unfed || (ready && beat_valid_i);

  wire ends = inner_last && middle_last && outer_last;

  always @(posedge clk_i)
    if (rst_i) state <= IDLE;
    else
      case (state)
        IDLE: if (start_i) state <= RUN;
        RUN: if (issue && ends) state <= WAIT;
        default: if (waited == DRAIN) state <= IDLE;
      endcase

  always @(posedge clk_i)
    if (rst_i) unfed <= 1'b0;
    else unfed <= state == IDLE ? start_i && !begins_matrix : unfed && !ends;

  // A beat can be issued in the next cycle.
  always @(posedge clk_i)
    if (rst_i || stall_i) ready <= 1'b0;
    else if (state == IDLE) ready <= start_i && begins_matrix;
    else ready <= state == RUN && matrix && !(issue && (ends || dense));

  always @(posedge clk_i) begin
    waited <= state == WAIT ? waited + 5'd1 : 5'd1;
    {outer_end, middle_end} <= {outer_to, middle_to};
    if (state == IDLE) begin
      matrix <= begins_matrix;
      dense <= begins_dense;
      {outer, middle, inner} <= {16'd0, 16'd0, 4'd0};
      {outer_last, middle_last} <= {outer_to == 16'd0, middle_to == 16'd0};
    end else if (issue) begin
      inner <= inner_last ? 4'd0 : inner + 4'd1;
      if (inner_last) begin
        middle <= middle_next;
        middle_last <= middle_next == middle_end;
      end
      if (inner_last && middle_last) begin
        outer <= outer_next;
        outer_last <= outer_next == outer_end;
      end
    end

    valid_o <= issue && !rst_i;
    kv_valid_o <= issue && !matrix && !rst_i;
    {middle_o, inner_o} <= {middle, inner};
    {inner_last_o, middle_last_o} <= {inner_last, middle_last};
  end

  assign beat_ready_o = ready;
  assign busy_o = state != IDLE;

endmodule

`default_nettype wire
