// SPDX-License-Identifier: Apache-2.0
// Two registers in a stream that part its ready from the one behind: in_ready_o comes from a
// flip-flop, and no path leads through.
//
// Handshake: valid/ready on both sides. A word that is taken while the first register is
//   neither empty nor being emptied waits in the second, `spare`.
// Latency: one cycle, one word a cycle.  Resources: 2 WIDTH + 2 registers.
`default_nettype none
module skid_buffer #(
    parameter WIDTH = 8
) (
    input  wire             clk_i,
    input  wire             rst_i,
    input  wire             in_valid_i,
    output wire             in_ready_o,
    input  wire [WIDTH-1:0] in_data_i,
    output wire             out_valid_o,
    input  wire             out_ready_i,
    output wire [WIDTH-1:0] out_data_o
);
    reg [WIDTH-1:0] front;          // what the output shows
    reg             front_valid;
    reg [WIDTH-1:0] spare;
    reg             spare_valid;

    wire front_free = ~front_valid | out_ready_i;

    assign in_ready_o = ~spare_valid;
    assign out_valid_o = front_valid;
    assign out_data_o = front;

    always @(posedge clk_i) begin
        if (front_free) front <= spare_valid ? spare : in_data_i;
        if (~spare_valid) spare <= in_data_i;
        if (rst_i) begin
            front_valid <= 1'b0;
            spare_valid <= 1'b0;
        end else begin
            if (front_free) front_valid <= spare_valid | in_valid_i;
            spare_valid <= ~front_free & (spare_valid | in_valid_i);
        end
    end
endmodule
`default_nettype wire
