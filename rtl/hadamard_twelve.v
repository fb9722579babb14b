// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Paley's Hadamard matrix of order 12 (gen/quant/hadamard12.h) across twelve groups of
// the wide store, in place, each sum divided by 4 (gen/op/rotate.c).
//
// Timing: start_i with fields that hold still until busy_o falls. An element of the
// groups takes 159 cycles: 12 reads, 3 until they are there, 144 additions. Reads are
// answered two cycles after their address.
// Resources: 12 words of RAM, an adder of 22 bits.
module hadamard_twelve (
    input wire clk_i,
    input wire rst_i,

    input wire start_i,
    input wire [3:0] stages_i,  // a group has 2^stages elements
    input wire [15:0] source_i,
    output wire busy_o,

    output reg [15:0] read_address_o,
    input wire signed [17:0] read_i,

    output reg write_o,
    output reg [15:0] write_address_o,
    output reg [17:0] write_data_o
);

  localparam [1:0] IDLE = 0, READ = 1, WAIT = 2, ADD = 3;

  // Bit d: is d a square modulo 11, or 0?
  localparam [15:0] SQUARES = 16'b01000111011;

  // Sequence: for each element its twelve are read, then added row by row.
  reg [1:0] state;
  reg [1:0] waited;
  reg [15:0] element;
  reg [3:0] row;
  reg [3:0] column;
  reg [3:0] difference;  // of row and column, modulo 11
  reg [3:1] valid;  // a row's last column, on its way
  wire [15:0] stride = 16'd1 << stages_i;
  wire [15:0] element_next = element + 16'd1;
  wire row_ends = state == ADD && column == 4'd11;
  wire matrix_ends = row_ends && row == 4'd11;

  always @(posedge clk_i)
    if (rst_i) state <= IDLE;
    else
      case (state)
        IDLE: if (start_i) state <= READ;
        READ: if (column == 4'd11) state <= WAIT;
        WAIT: if (waited == 2'd2) state <= ADD;
        default: if (matrix_ends) state <= element_next == stride ? IDLE : READ;
      endcase

  always @(posedge clk_i) begin
    waited <= state == WAIT ? waited + 2'd1 : 2'd0;
    if (state == IDLE) element <= 16'd0;
    else if (matrix_ends) element <= element_next;

    if (state == IDLE || state == WAIT || column == 4'd11) column <= 4'd0;
    else column <= column + 4'd1;

    if (state != ADD) row <= 4'd0;
    else if (row_ends) row <= row + 4'd1;

    // Column 1 of a row differs from it by the row less 1; of row 0 it does not matter.
    if (column == 4'd0) difference <= row - 4'd1;
    else difference <= difference == 4'd0 ? 4'd10 : difference - 4'd1;

    valid <= rst_i ? 3'd0 : {valid[2:1], row_ends};
  end

  assign busy_o = state != IDLE || valid != 3'd0;

  // Reads, into a memory of their own: the sums replace what they are made of.
  reg [17:0] values[0:15];
  wire arrives_3;
  wire [3:0] column_3;

  delay #(
      .WIDTH (5),
      .CYCLES(3)
  ) delay_reads (
      .clk_i (clk_i),
      .data_i({state == READ, column}),
      .data_o({arrives_3, column_3})
  );

  always @(posedge clk_i) begin
    read_address_o <= column == 4'd0 ? source_i + element : read_address_o + stride;
    if (arrives_3) values[column_3] <= read_i;
  end

  // Stage 1: a value and its sign; stage 2: the sum; stage 3: written.
  reg signed [17:0] value_1;
  reg subtract_1;
  reg first_1;
  reg signed [21:0] sum_2;
  wire signed [21:0] previous = first_1 ? 22'd0 : sum_2;
  wire signed [21:0] quarter = (sum_2 >>> 2) + $signed({21'd0, sum_2[1]});
  wire square = SQUARES[difference];
  wire plus = row == 4'd0 || (column != 4'd0 && square);
  wire [17:0] limited;

  saturate #(
      .IN_BITS (22),
      .OUT_BITS(18)
  ) limit (
      .value_i(quarter),
      .value_o(limited)
  );

  always @(posedge clk_i) begin
    value_1 <= values[column];
    subtract_1 <= !plus;
    first_1 <= column == 4'd0;
    sum_2 <= subtract_1 ? previous - {{4{value_1[17]}}, value_1}
                        : previous + {{4{value_1[17]}}, value_1};
    write_data_o <= limited;
    write_o <= valid[2] && !rst_i;
    if (state == WAIT) write_address_o <= source_i + element;
    else if (write_o) write_address_o <= write_address_o + stride;
  end

endmodule

`default_nettype wire
