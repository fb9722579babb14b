// SPDX-License-Identifier: Apache-2.0
// Bytes from a UART's line: a start bit, eight data bits, lowest first, one stop bit.
//
// rx_i may change at any time: it goes through two registers.  A bit is sampled in its
//   middle, counted from the start bit's edge; a start bit that is high again by its
//   middle is noise, a byte whose stop bit is low is dropped.
// Stream: valid and ready.  The line cannot wait: a byte that is not taken within the
//   ten bits of the next one is overwritten by it.
// Latency: from the middle of the stop bit to valid_o, one cycle.
// Resources: about 30 registers.
`default_nettype none
module uart_receiver #(
    parameter DIVIDER = 50          // clocks a bit, at least 4
) (
    input  wire       clk_i,
    input  wire       rst_i,
    input  wire       rx_i,
    output reg        valid_o,
    input  wire       ready_i,
    output reg  [7:0] data_o
);
    localparam BITS = $clog2(DIVIDER);
    localparam [BITS-1:0] WHOLE = DIVIDER - 1;
    localparam [BITS-1:0] HALF = DIVIDER / 2 - 1;

    reg [1:0]      line;
    reg [BITS-1:0] clocks;
    reg [3:0]      bits_left;       // with the start and the stop bit; 0: none under way
    reg [7:0]      shift;

    wire sample = (bits_left != 4'd0) & (clocks == 0);

    always @(posedge clk_i) begin
        line <= {line[0], rx_i};
        if (ready_i) valid_o <= 1'b0;
        if (bits_left == 4'd0) begin
            clocks <= HALF;
            if (~line[1]) bits_left <= 4'd10;
        end else if (~sample) begin
            clocks <= clocks - 1'b1;
        end else begin
            clocks <= WHOLE;
            bits_left <= bits_left - 1'b1;
            if (bits_left == 4'd10) begin
                if (line[1]) bits_left <= 4'd0;
            end else if (bits_left != 4'd1) begin
                shift <= {line[1], shift[7:1]};
            end else if (line[1]) begin
                data_o <= shift;
                valid_o <= 1'b1;
            end
        end
        if (rst_i) begin
            line <= 2'b11;
            bits_left <= 4'd0;
            valid_o <= 1'b0;
        end
    end
endmodule
`default_nettype wire
