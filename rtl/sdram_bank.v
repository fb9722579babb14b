// SPDX-License-Identifier: Apache-2.0
// What one bank of an SDRAM is doing: whether a row is open, which, and whether the
// bank has rested: an open one long enough to be precharged, a closed one to be opened.
//
// Timing: inputs are the commands of this cycle, outputs hold from the next on.
//   rested_o is true T cycles after a command that asks for T, two at the least.
// Constraint: T_RAS <= T_RCD + 8, so that a burst outlasts it: 42 ns up to 200 MHz.
// Resources: ROW_BITS + 7 registers.
`default_nettype none
module sdram_bank #(
    parameter ROW_BITS = 13,
    parameter T_RP = 3,             // at least tRP, and tRC - tRAS
    parameter T_RAS = 5,
    parameter T_WR = 2
) (
    input  wire                clk_i,
    input  wire                rst_i,
    input  wire                activate_i,
    input  wire [ROW_BITS-1:0] row_i,
    input  wire                precharge_i,
    input  wire                read_i,
    input  wire                write_i,
    input  wire                auto_i,      // the read or write closes the row
    output reg                 open_o,
    output reg  [ROW_BITS-1:0] row_o,
    output reg                 rested_o
);
    localparam BURST = 8;
    localparam AFTER_ACTIVATE = T_RAS - 1;
    localparam AFTER_PRECHARGE = T_RP - 1;
    localparam AFTER_READ = BURST - 1;
    localparam AFTER_READ_AUTO = BURST + T_RP - 1;
    localparam AFTER_WRITE = BURST + T_WR - 2;
    localparam AFTER_WRITE_AUTO = BURST + T_WR + T_RP - 2;

    reg  [4:0] left;                // cycles until rested
    reg  [4:0] next;

    wire commanded = activate_i | precharge_i | read_i | write_i;

    always @* begin
        next = (left == 0) ? 5'd0 : left - 1'b1;
        if (activate_i) next = AFTER_ACTIVATE[4:0];
        if (precharge_i) next = AFTER_PRECHARGE[4:0];
        if (read_i) next = auto_i ? AFTER_READ_AUTO[4:0] : AFTER_READ[4:0];
        if (write_i) next = auto_i ? AFTER_WRITE_AUTO[4:0] : AFTER_WRITE[4:0];
    end

    always @(posedge clk_i) begin
        if (activate_i) row_o <= row_i;
        if (rst_i) begin
            open_o <= 1'b0;
            left <= 5'd0;
            rested_o <= 1'b1;
        end else begin
            if (activate_i) open_o <= 1'b1;
            else if (precharge_i | ((read_i | write_i) & auto_i)) open_o <= 1'b0;
            left <= next;
            rested_o <= ~commanded & (left <= 5'd1);
        end
    end
endmodule
`default_nettype wire
