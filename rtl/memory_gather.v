// SPDX-License-Identifier: Apache-2.0
// Beats of D bits to words of T bits, the first beat lowest.
//
// Timing: a word's valid_o is high for one cycle, the one after its last beat.
// Resources: 2 T - D registers, or T where a word is a beat.
`default_nettype none
module memory_gather #(
    parameter T = 32,               // a power of two times D
    parameter D = 16
) (
    input  wire         clk_i,
    input  wire         rst_i,
    input  wire         valid_i,
    input  wire [D-1:0] data_i,
    output reg          valid_o,
    output reg  [T-1:0] data_o
);
    localparam BEATS = T / D;
    generate
        if (BEATS > 1) begin : gathered
            localparam BITS = $clog2(BEATS);
            reg [BITS-1:0]  at;
            reg [T-D-1:0]   earlier;
            wire [T-1:0]    all = {data_i, earlier};

            always @(posedge clk_i) begin
                if (valid_i) earlier <= all[T-1:D];
                if (valid_i) data_o <= all;
                if (rst_i) begin
                    at <= 0;
                    valid_o <= 1'b0;
                end else begin
                    if (valid_i) at <= at + 1'b1;
                    valid_o <= valid_i & (&at);
                end
            end
        end else begin : passed
            always @(posedge clk_i) begin
                data_o <= data_i;
                valid_o <= valid_i & ~rst_i;
            end
        end
    endgenerate
endmodule
`default_nettype wire
