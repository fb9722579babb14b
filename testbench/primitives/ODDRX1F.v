// SPDX-License-Identifier: Apache-2.0
// A plain model of the ECP5's ODDRX1F: D0 and D1, taken at a rising edge, follow one another
// in the halves of the cycle after it, D0 first (Lattice, FPGA-TN-02035).
`default_nettype none
module ODDRX1F (
    input  wire SCLK,
    input  wire RST,
    input  wire D0,
    input  wire D1,
    output wire Q
);
    reg first;
    reg second;
    reg late;
    always @(posedge SCLK) begin
        first <= D0 & ~RST;
        second <= D1 & ~RST;
    end
    always @(negedge SCLK) late <= second;
    assign Q = SCLK ? first : late;
endmodule
`default_nettype wire
