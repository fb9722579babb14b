// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// K multipliers and what sums their products over a block of 16 inputs.
//
// A multiplier makes one product, or two with the same operand: `weight` is then
// w1 x 2^OFFSET + w0, with w0 and w1 from -8 to 7 (packed in weight_stage.v).
// With operands from -127 to 127 a product w0 x a is 1016 at most, so GROUP of
// them fit OFFSET bits with their sign, and products are added as they are, in
// groups of GROUP. A group's sum is then split: the lower OFFSET bits are one
// number with its sign, and what lies above them, and one more where the lower
// number is negative, the other. A sum of single products, of 8 x 9 bits at
// most, is split likewise and is high_o x 2^OFFSET + low_o.
//
//                 OFFSET  GROUP
//   BITS = 18     13      4 (2 where K = 2)   4 x 1016 < 2^12
//   BITS = 16     11      1                       1016 < 2^10
//
// Timing: operands and weights of a beat in one cycle, with valid_i and whether
// the beat is its block's first or last. ends_o, with mark_i as it was at the
// last beat, comes one cycle before low_o and high_o. LATENCY is from a last
// beat to ends_o.
// Resources: K multipliers; an adder of 24 to 26 bits for each input but one of
// a group, two of 15 bits for each group.
module dot_product #(
    parameter FAMILY = "generic",
    parameter BITS = 18,
    parameter K = 8,
    parameter MARK_BITS = 1
) (
    input wire clk_i,
    input wire rst_i,

    input wire valid_i,
    input wire first_i,
    input wire last_i,
    input wire [MARK_BITS-1:0] mark_i,
    input wire [8*K-1:0] operands_i,
    input wire [BITS*K-1:0] weights_i,

    output wire ends_o,
    output wire [MARK_BITS-1:0] mark_o,
    output reg signed [15:0] low_o,
    output reg signed [15:0] high_o
);

  localparam OFFSET = BITS == 18 ? 13 : 11;
  localparam GROUP = BITS != 18 ? 1 : K < 4 ? K : 4;
  localparam LEVELS = $clog2(GROUP);
  localparam GROUPS = K / GROUP;
  localparam SUM = OFFSET + 11 + LEVELS;
  localparam LATENCY = 2 + LEVELS + (GROUPS > 1 ? 1 : 0);

  // Products, and their sums over a group, two at a time: level by level.
  wire [SUM*K*(LEVELS+1)-1:0] levels;
  wire [SUM*GROUPS-1:0] group_sums = levels[SUM*K*LEVELS+:SUM*GROUPS];

  genvar g;
  genvar level;
  generate
    for (g = 0; g < K; g = g + 1) begin : g_lane
      wire [2*BITS-1:0] product;

      multiplier #(
          .FAMILY(FAMILY),
          .BITS  (BITS)
      ) lane (
          .clk_i(clk_i),
          .a_i({{BITS - 8{operands_i[8*g+7]}}, operands_i[8*g+:8]}),
          .b_i(weights_i[BITS*g+:BITS]),
          .product_o(product)
      );

      assign levels[SUM*g+:SUM] = product[SUM-1:0];

      wire unused = &{1'b0, product};
    end
    for (level = 1; level <= LEVELS; level = level + 1) begin : g_level
      for (g = 0; g < K >> level; g = g + 1) begin : g_pair
        reg [SUM-1:0] sum;
        always @(posedge clk_i)
          sum <= levels[SUM*(K*(level-1)+2*g)+:SUM] + levels[SUM*(K*(level-1)+2*g+1)+:SUM];
        assign levels[SUM*(K*level+g)+:SUM] = sum;
      end
      // A level is shorter than the one before it.
      assign levels[SUM*(K*level+(K>>level))+:SUM*(K-(K>>level))] =
          {SUM * (K - (K >> level)) {1'b0}};
    end
  endgenerate

  // Split and summed over the groups. Each adder but the block's takes the
  // carry of the group that it adds, in a bit below its lowest; the first
  // group's is left to the block's.
  reg [16*GROUPS-1:0] lows;
  reg [16*GROUPS-1:0] highs;
  reg [GROUPS-1:0] carries;
  reg [16:0] carried;
  wire [15:0] beat_low;
  wire [15:0] beat_high;
  wire beat_carry;

  integer group;
  integer half;

  always @* begin
    for (group = 0; group < GROUPS; group = group + 1) begin
      lows[16*group+:16] = {
        {16 - OFFSET{group_sums[SUM*group+OFFSET-1]}}, group_sums[SUM*group+:OFFSET]
      };
      highs[16*group+:16] = {
        {16 - SUM + OFFSET{group_sums[SUM*group+SUM-1]}}, group_sums[SUM*group+OFFSET+:SUM-OFFSET]
      };
      carries[group] = group_sums[SUM*group+OFFSET-1];
    end
    carried = 17'd0;
    for (half = GROUPS / 2; half >= 1; half = half / 2)
    for (group = 0; group < half; group = group + 1) begin
      lows[16*group+:16] = lows[16*group+:16] + lows[16*(group+half)+:16];
      carried = {highs[16*group+:16], 1'b1} + {highs[16*(group+half)+:16], carries[group+half]};
      highs[16*group+:16] = carried[16:1];
    end
  end

  // The marks keep pace: beats up to the block's adder, the block's end beyond.
  reg [LATENCY:1] valid;
  reg [LATENCY:1] first;
  reg [LATENCY:1] last;

  always @(posedge clk_i) begin
    valid <= rst_i ? {LATENCY{1'b0}} : {valid[LATENCY-1:1], valid_i};
    first <= {first[LATENCY-1:1], first_i};
    last  <= {last[LATENCY-1:1], last_i};
  end

  assign ends_o = valid[LATENCY] && last[LATENCY];

  delay #(
      .WIDTH (MARK_BITS),
      .CYCLES(LATENCY)
  ) delay_mark (
      .clk_i (clk_i),
      .data_i(mark_i),
      .data_o(mark_o)
  );

  generate
    if (GROUPS > 1) begin : g_groups
      reg [15:0] low;
      reg [15:0] high;
      reg carry;
      always @(posedge clk_i) {low, high, carry} <= {lows[15:0], highs[15:0], carries[0]};
      assign {beat_low, beat_high, beat_carry} = {low, high, carry};
    end else begin : g_group
      assign {beat_low, beat_high, beat_carry} = {lows, highs, carries};
    end
  endgenerate

  // A block of one beat has nothing to be added to.
  wire starts = K == 16 || first[LATENCY];
  wire [16:0] high_sum = {starts ? 16'd0 : high_o, 1'b1} + {beat_high, beat_carry};

  always @(posedge clk_i)
    if (valid[LATENCY]) begin
      low_o  <= (starts ? 16'd0 : low_o) + beat_low;
      high_o <= high_sum[16:1];
    end

  wire unused = &{1'b0, levels, high_sum[0], carried[0]};

endmodule

`default_nettype wire
