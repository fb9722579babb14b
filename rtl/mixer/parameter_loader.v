// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Reads every column's B and C and has them quantised, in gen/op/scan.c's blocks of
// 16, on their way to their stores.
//
// Timing: start_i with the fields. reading_o is high while addresses are given, a
// value a cycle; busy_o falls when the last pair has been written. The quantiser
// is the mixer's. wide_data_i is the value at the address of five cycles ago.
// Resources: 50 registers.
module parameter_loader #(
    parameter STATE = 64,
    parameter STATE_BITS = 6  // of an element's number
) (
    input wire clk_i,
    input wire rst_i,

    input wire start_i,
    input wire [15:0] target_i,
    input wire [7:0] last_column_i,
    output reg reading_o,
    output reg busy_o,

    output reg [7:0] wide_column_o,
    output wire [15:0] wide_address_o,
    output wire element_valid_o,
    input wire word_valid_i,

    output wire write_b_o,
    output wire write_c_o,
    output reg [7:0] write_column_o,
    output reg [STATE_BITS-2:0] write_pair_o
);

  localparam integer ELEMENTS = 2 * STATE;
  localparam [STATE_BITS:0] LAST = ELEMENTS[STATE_BITS:0] - 1'b1;
  localparam [STATE_BITS-2:0] LAST_PAIR = STATE[STATE_BITS-1:1] - 1'b1;

  reg [STATE_BITS:0] element;
  reg writing_c;
  wire ends_column = element == LAST;
  wire ends_write = write_pair_o == LAST_PAIR;

  always @(posedge clk_i)
    if (rst_i) begin
      reading_o <= 1'b0;
      busy_o <= 1'b0;
    end else if (start_i) begin
      reading_o <= 1'b1;
      busy_o <= 1'b1;
      wide_column_o <= 8'd0;
      element <= {STATE_BITS + 1{1'b0}};
      write_column_o <= 8'd0;
      write_pair_o <= {STATE_BITS - 1{1'b0}};
      writing_c <= 1'b0;
    end else begin
      if (reading_o) begin
        element <= ends_column ? {STATE_BITS + 1{1'b0}} : element + 1'b1;
        if (ends_column) wide_column_o <= wide_column_o + 8'd1;
        if (ends_column && wide_column_o == last_column_i) reading_o <= 1'b0;
      end
      if (busy_o && word_valid_i) begin
        write_pair_o <= ends_write ? {STATE_BITS - 1{1'b0}} : write_pair_o + 1'b1;
        if (ends_write) writing_c <= !writing_c;
        if (ends_write && writing_c) write_column_o <= write_column_o + 8'd1;
        if (ends_write && writing_c && write_column_o == last_column_i) busy_o <= 1'b0;
      end
    end

  delay #(
      .WIDTH (1),
      .CYCLES(5)
  ) delay_element (
      .clk_i (clk_i),
      .data_i(reading_o),
      .data_o(element_valid_o)
  );

  assign wide_address_o = target_i + {{15 - STATE_BITS{1'b0}}, element};
  assign write_b_o = busy_o && word_valid_i && !writing_c;
  assign write_c_o = busy_o && word_valid_i && writing_c;

endmodule

`default_nettype wire
