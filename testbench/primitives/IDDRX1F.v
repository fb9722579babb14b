// SPDX-License-Identifier: Apache-2.0
// A plain model of the ECP5's IDDRX1F: what D is at a rising and at the following falling
// edge shows on Q0 and Q1 from the rising edge after them on (Lattice, FPGA-TN-02035).
`default_nettype none
module IDDRX1F (
    input  wire SCLK,
    input  wire RST,
    input  wire D,
    output reg  Q0,
    output reg  Q1
);
    reg rose;
    reg fell;
    always @(posedge SCLK) begin
        rose <= D & ~RST;
        Q0 <= rose;
        Q1 <= fell;
    end
    always @(negedge SCLK) fell <= D & ~RST;
endmodule
`default_nettype wire
