// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The products of a Mamba block that are not the vector unit's: gen/op/gate.c and the
// weights of gen/op/norm.c's NORM_SCALED.
//
//   GATE   count, source, target: gated x wide[source..] -> gated, or, with
//          to_wide_i, wide[target..], the same as the source or disjoint from it. A
//          block of 16 is read twice, first for its exponent.
//   SCALE  count, target: wide[target..] x payload -> wide, in place, one 16-bit word
//          of the payload an element
//
// Timing: start_i with fields that hold still until busy_o falls. GATE issues two
// reads an element, one a cycle; SCALE an element for each payload word, which is
// taken where half_valid_i and half_ready_o are high. Reads are answered two
// cycles after their address; an element is written 12 cycles after its issue.
// Resources: an 18 x 18 multiplier, three shifters.
module gate_unit (
    input wire clk_i,
    input wire rst_i,

    input wire start_i,
    input wire scale_i,
    input wire to_wide_i,
    input wire [15:0] source_i,
    input wire [15:0] target_i,
    input wire [15:0] count_i,  // of GATE a multiple of 16
    input wire [5:0] shift_i,
    output wire busy_o,

    input wire half_valid_i,
    output wire half_ready_o,
    input wire signed [15:0] half_i,

    output reg [15:0] gated_address_o,
    input wire signed [31:0] gated_i,
    output reg [15:0] wide_address_o,
    input wire signed [17:0] wide_i,

    output wire gated_write_o,
    output wire wide_write_o,
    output reg [15:0] write_address_o,  // from the first element on, of the store written
    output wire [31:0] write_data_o  // 18 bits for the wide store
);

  localparam [1:0] IDLE = 0, RUN = 1, DRAIN = 2;

  // An element of a block is {second, index[3:0]}: 16 reads, then 16 again.
  reg [1:0] state;
  reg [15:0] index;
  reg second;
  reg [12:1] valid;  // an element to write
  wire issue = state == RUN && (!scale_i || half_valid_i);
  wire block_ends = index[3:0] == 4'd15;
  wire again = !scale_i && block_ends && !second;
  wire last = index == count_i - 16'd1 && !again && (second || scale_i);

  always @(posedge clk_i) begin
    if (rst_i) state <= IDLE;
    else if (start_i) state <= RUN;
    else if (state == RUN && issue && last) state <= DRAIN;
    else if (state == DRAIN && valid == 12'd0) state <= IDLE;

    if (start_i) {second, index} <= 17'd0;
    else if (issue) begin
      if (again) index[3:0] <= 4'd0;
      else index <= index + 16'd1;
      if (block_ends) second <= !second;
    end
    valid <= rst_i ? 12'd0 : {valid[11:1], issue && (second || scale_i)};
  end

  assign busy_o = state != IDLE;
  assign half_ready_o = state == RUN && scale_i;

  // Stage 1: addresses. Stage 4 and 5: the values.
  reg signed [31:0] gated_4;
  reg signed [31:0] gated_5;
  reg [30:0] magnitude_4;
  wire first_read_4;
  wire block_ends_5;
  wire opens_4;

  always @(posedge clk_i) begin
    gated_address_o <= index;
    wide_address_o <= (scale_i ? target_i : source_i) + index;
    gated_4 <= gated_i;
    gated_5 <= gated_4;
    magnitude_4 <= gated_i[31] ? ~gated_i[30:0] + 31'd1 : gated_i[30:0];
  end

  delay #(
      .WIDTH (2),
      .CYCLES(4)
  ) delay_first_read (
      .clk_i (clk_i),
      .data_i({issue && !second, index[3:0] == 4'd0}),
      .data_o({first_read_4, opens_4})
  );

  delay #(
      .WIDTH (1),
      .CYCLES(5)
  ) delay_block_end (
      .clk_i (clk_i),
      .data_i(issue && again),
      .data_o(block_ends_5)
  );

  // All magnitudes of a block or-ed together have the bit length of the largest.
  reg [30:0] seen;
  reg [3:0] exponent;
  reg [5:0] right;
  reg [3:0] left;
  wire [4:0] length;
  wire [4:0] excess = length - 5'd17;
  wire [6:0] distance = {1'b0, shift_i} - {3'd0, exponent};
  wire [6:0] opposite = {3'd0, exponent} - {1'b0, shift_i};

  bit_length #(
      .WIDTH(31)
  ) length_of_largest (
      .value_i (seen),
      .length_o(length)
  );

  always @(posedge clk_i) begin
    if (first_read_4) seen <= opens_4 ? magnitude_4 : seen | magnitude_4;
    if (scale_i) exponent <= 4'd0;
    else if (block_ends_5) exponent <= length > 5'd17 ? excess[3:0] : 4'd0;
    right <= distance[6] ? 6'd0 : distance[5:0];
    left <= opposite[6] ? 4'd0 : opposite[3:0];
  end

  // Stage 6 and 7: y in 18 bits, or the weight; silu(z), or what is weighed.
  wire signed [31:0] rounded_6;
  wire [17:0] limited_6;
  wire signed [15:0] weight_6;
  wire signed [17:0] wide_6;
  reg signed [17:0] factor_a;
  reg signed [17:0] factor_b;
  reg signed [35:0] product;

  round_shift #(
      .WIDTH(32),
      .SHIFT_BITS(4)
  ) narrow (
      .clk_i  (clk_i),
      .value_i(gated_5),
      .shift_i(exponent),
      .value_o(rounded_6)
  );

  saturate #(
      .IN_BITS (32),
      .OUT_BITS(18)
  ) limit_narrow (
      .value_i(rounded_6),
      .value_o(limited_6)
  );

  delay #(
      .WIDTH (16),
      .CYCLES(6)
  ) delay_weight (
      .clk_i (clk_i),
      .data_i(half_i),
      .data_o(weight_6)
  );

  delay #(
      .WIDTH (18),
      .CYCLES(3)
  ) delay_wide (
      .clk_i (clk_i),
      .data_i(wide_i),
      .data_o(wide_6)
  );

  always @(posedge clk_i) begin
    factor_a <= scale_i ? {{2{weight_6[15]}}, weight_6} : limited_6;
    factor_b <= wide_6;
    product  <= factor_a * factor_b;
  end

  // Stage 9 to 11: times 2^exponent, down by the shift: one of the two is left.
  wire signed [35:0] scaled_9;
  reg signed [49:0] raised_10;
  wire [31:0] limited_10;
  wire [17:0] wide_11;
  reg [31:0] limited_11;
  reg [31:0] data_12;

  round_shift #(
      .WIDTH(36),
      .SHIFT_BITS(6)
  ) scale_product (
      .clk_i  (clk_i),
      .value_i(product),
      .shift_i(right),
      .value_o(scaled_9)
  );

  saturate #(
      .IN_BITS (50),
      .OUT_BITS(32)
  ) limit_result (
      .value_i(raised_10),
      .value_o(limited_10)
  );

  saturate #(
      .IN_BITS (32),
      .OUT_BITS(18)
  ) limit_wide (
      .value_i(limited_11),
      .value_o(wide_11)
  );

  wire to_wide = scale_i || to_wide_i;

  always @(posedge clk_i) begin
    raised_10 <= {{14{scaled_9[35]}}, scaled_9} <<< left;
    limited_11 <= limited_10;
    data_12 <= to_wide ? {14'd0, wide_11} : limited_11;
    write_address_o <= start_i ? (to_wide ? target_i : 16'd0)
                               : write_address_o + {15'd0, valid[12]};
  end

  assign gated_write_o = valid[12] && !to_wide;
  assign wide_write_o  = valid[12] && to_wide;
  assign write_data_o  = data_12;

  wire unused = &{1'b0, excess[4], opposite[5:4]};

endmodule

`default_nettype wire
