// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Counts through a step that has no convolution: a value that is read takes a
// result's place every third cycle, which leaves the store's port to the other
// operand of a sum (picture_results.v) in the cycles between.
//
// Timing: start_i for one cycle, fields hold until done_o. valid_o stands for a
// result that is valid in this cycle.
// Resources: counters.
module picture_wide_issue (
    input wire clk_i,
    input wire rst_i,
    input wire start_i,
    input wire [15:0] outputs_last_i,
    input wire [15:0] groups_last_i,
    input wire [7:0] pace_i,
    output wire valid_o
);

  reg busy;
  reg [7:0] cycles;
  reg [15:0] outputs;
  reg [15:0] group;

  wire [7:0] pace = pace_i < 8'd3 ? 8'd3 : pace_i + {7'd0, pace_i == 8'd4};
  wire pixels_end = outputs == outputs_last_i;

  assign valid_o = busy && cycles == 8'd1;

  always @(posedge clk_i)
    if (rst_i) busy <= 1'b0;
    else busy <= start_i || (busy && !(valid_o && pixels_end && group == groups_last_i));

  always @(posedge clk_i) begin
    cycles <= start_i || cycles == 8'd1 ? pace : cycles - 8'd1;
    if (start_i) {outputs, group} <= 32'd0;
    else if (valid_o) begin
      outputs <= pixels_end ? 16'd0 : outputs + 16'd1;
      if (pixels_end) group <= group + 16'd1;
    end
  end

endmodule

`default_nettype wire
