// SPDX-License-Identifier: Apache-2.0
// Bytes to a UART's line: a start bit, eight data bits, lowest first, one stop bit.
//
// Stream: valid and ready; ready_o is high while the line is idle, so that a byte takes
//   ten bits of the line and one cycle.
// Latency: the start bit begins in the cycle after a byte is taken.
// Resources: about 25 registers.
`default_nettype none
module uart_transmitter #(
    parameter DIVIDER = 50          // clocks a bit, at least 2
) (
    input  wire       clk_i,
    input  wire       rst_i,
    input  wire       valid_i,
    output reg        ready_o,
    input  wire [7:0] data_i,
    output wire       tx_o
);
    localparam BITS = $clog2(DIVIDER);
    localparam [BITS-1:0] WHOLE = DIVIDER - 1;

    reg [BITS-1:0] clocks;
    reg [3:0]      bits_left;       // with the start and the stop bit
    reg [8:0]      shift;           // the line, then what follows: ones after the byte

    assign tx_o = shift[0];

    always @(posedge clk_i) begin
        if (ready_o) begin
            clocks <= WHOLE;
            if (valid_i) begin
                shift <= {data_i, 1'b0};
                bits_left <= 4'd10;
                ready_o <= 1'b0;
            end
        end else if (clocks != 0) begin
            clocks <= clocks - 1'b1;
        end else begin
            clocks <= WHOLE;
            shift <= {1'b1, shift[8:1]};
            bits_left <= bits_left - 1'b1;
            if (bits_left == 4'd1) ready_o <= 1'b1;
        end
        if (rst_i) begin
            shift <= 9'h1FF;
            ready_o <= 1'b1;
        end
    end
endmodule
`default_nettype wire
