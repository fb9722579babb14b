// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Butterflies of the fast Walsh-Hadamard transform (gen/op/rotate.c) in the wide
// store, in place: in each group of 2^stages elements. A pair is (a + b, a - b),
// halved in every second stage.
//
// Timing: start_i with fields that hold still until busy_o falls. A stage takes
// count_i cycles to read, an element a cycle, and 7 until all is written;
// stages_i may be 0. Reads are answered two cycles after their address.
// Resources: two adders of 19 bits and one to round.
module hadamard (
    input wire clk_i,
    input wire rst_i,

    input wire start_i,
    input wire [3:0] stages_i,
    input wire [15:0] source_i,
    input wire [15:0] count_i,  // a multiple of 2^stages
    output wire busy_o,

    output reg [15:0] read_address_o,
    input wire signed [17:0] read_i,

    output wire write_o,
    output wire [15:0] write_address_o,
    output reg [17:0] write_data_o
);

  // `lower` is the pair's first element, which lacks the bit `span`.
  reg running;
  reg issue;
  reg [3:0] stage;
  reg [15:0] span;
  reg [15:0] lower;
  reg second;
  reg [6:1] valid;
  wire drained = !issue && valid == 6'd0;
  wire more = {1'b0, stage} + 5'd1 < {1'b0, stages_i};
  wire [15:0] upper = lower | span;
  wire last = second && upper == count_i - 16'd1;
  wire [15:0] after = upper + 16'd1;

  always @(posedge clk_i) begin
    if (rst_i) running <= 1'b0;
    else if (start_i) running <= 1'b1;
    else if (drained && !more) running <= 1'b0;

    if (rst_i) issue <= 1'b0;
    else if (start_i) issue <= stages_i != 4'd0;
    else if (issue) issue <= !last;
    else issue <= running && drained && more;

    if (start_i) {stage, span} <= {4'd0, 16'd1};
    else if (drained && more) {stage, span} <= {stage + 4'd1, span << 1};

    if (!issue) {lower, second} <= 17'd0;
    else begin
      second <= !second;
      if (second) lower <= after & ~span;
    end
    valid <= rst_i ? 6'd0 : {valid[5:1], issue};
  end

  assign busy_o = running;

  // Stage 1: addresses. When a pair's second element comes, in stage 3, the first
  // is in stage 4; the difference waits a cycle for the sum to be written.
  wire second_3;
  wire second_4;
  reg signed [17:0] read_4;
  reg signed [18:0] sum_4;
  reg signed [18:0] difference_4;
  reg signed [18:0] difference_5;
  wire signed [18:0] chosen = second_4 ? sum_4 : difference_5;
  wire signed [18:0] halved = (chosen >>> 1) + $signed({18'd0, chosen[0]});
  wire [17:0] limited;

  delay #(
      .WIDTH (1),
      .CYCLES(3)
  ) delay_second (
      .clk_i (clk_i),
      .data_i(second),
      .data_o(second_3)
  );

  delay #(
      .WIDTH (1),
      .CYCLES(1)
  ) delay_second_again (
      .clk_i (clk_i),
      .data_i(second_3),
      .data_o(second_4)
  );

  // What is read at issue t is written at t + 6: the sum goes where the first came from.
  delay #(
      .WIDTH (16),
      .CYCLES(5)
  ) delay_address (
      .clk_i (clk_i),
      .data_i(read_address_o),
      .data_o(write_address_o)
  );

  saturate #(
      .IN_BITS (19),
      .OUT_BITS(18)
  ) limit (
      .value_i(stage[0] ? halved : chosen),
      .value_o(limited)
  );

  always @(posedge clk_i) begin
    read_address_o <= source_i + (second ? upper : lower);
    read_4 <= read_i;
    if (second_3) begin
      sum_4 <= {read_4[17], read_4} + {read_i[17], read_i};
      difference_4 <= {read_4[17], read_4} - {read_i[17], read_i};
    end
    difference_5 <= difference_4;
    write_data_o <= limited;
  end

  assign write_o = valid[6];

endmodule

`default_nettype wire
