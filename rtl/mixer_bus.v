// SPDX-License-Identifier: Apache-2.0
// Between the mixer and the columns: their wide stores' values to it, its results to
// the column that they belong to; and what it has to know of their positions.
//
// Timing: a read's address and column in cycle t have their value in cycle t + 4; what
//   is written in cycle t is in the store, and may be read, from t + 2 on.
// Resources: about 80 registers, a multiplexer of COLUMNS words.
`default_nettype none
module mixer_bus #(
    parameter COLUMNS = 2
) (
    input  wire                  clk_i,
    input  wire                  rst_i,
    input  wire [COLUMNS*16-1:0] positions_i,
    output reg  [COLUMNS-1:0]    fresh_o,           // position 0
    output reg  [COLUMNS*2-1:0]  turns_o,           // position modulo 4
    // Mixer
    input  wire [7:0]            read_column_i,
    input  wire [15:0]           read_address_i,
    output reg  [17:0]           read_data_o,
    input  wire [7:0]            write_column_i,
    input  wire [15:0]           write_address_i,
    input  wire                  wide_write_i,
    input  wire [17:0]           wide_data_i,
    input  wire                  gated_write_i,
    input  wire [31:0]           gated_data_i,
    // Columns
    output reg  [15:0]           read_address_o,
    input  wire [COLUMNS*18-1:0] wide_i,            // two cycles after their address
    output reg  [COLUMNS-1:0]    wide_write_o,
    output reg  [COLUMNS-1:0]    gated_write_o,
    output reg  [15:0]           write_address_o,
    output reg  [31:0]           write_data_o
);
    wire [7:0] column_3;
    delay #(.WIDTH(8), .CYCLES(3)) delay_column (
        .clk_i(clk_i), .data_i(read_column_i), .data_o(column_3)
    );

    integer c;
    reg [17:0] chosen;
    always @* begin
        chosen = 18'd0;
        for (c = 0; c < COLUMNS; c = c + 1)
            if (column_3 == c[7:0]) chosen = chosen | wide_i[18*c +: 18];
    end

    integer d;
    always @(posedge clk_i) begin
        read_address_o <= read_address_i;
        read_data_o <= chosen;
        write_address_o <= write_address_i;
        write_data_o <= gated_write_i ? gated_data_i : {14'd0, wide_data_i};
        for (d = 0; d < COLUMNS; d = d + 1) begin
            fresh_o[d] <= (positions_i[16*d +: 16] == 16'd0);
            turns_o[2*d +: 2] <= positions_i[16*d +: 2];
            wide_write_o[d] <= wide_write_i & (write_column_i == d[7:0]) & ~rst_i;
            gated_write_o[d] <= gated_write_i & (write_column_i == d[7:0]) & ~rst_i;
        end
    end
endmodule
`default_nettype wire
