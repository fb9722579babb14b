// SPDX-License-Identifier: Apache-2.0
// How many refreshes an SDRAM is owed.  One is owed every T_REFI cycles; up to 8 may
// be put off (JEDEC allows as many), so that they can be done where nothing waits, or
// together, which costs the closing and opening of rows once for all of them.
//
// Timing: wanted_o and urgent_o follow refreshed_i by two cycles.
// Resources: a counter of T_REFI, one of 4 bits.
`default_nettype none
module sdram_refresh #(
    parameter T_REFI = 877
) (
    input  wire clk_i,
    input  wire rst_i,
    input  wire refreshed_i,        // a refresh is being given
    output reg  wanted_o,           // one or more is owed
    output reg  urgent_o            // no more may be put off
);
    localparam BITS = $clog2(T_REFI);
    localparam LAST = T_REFI - 1;
    localparam [3:0] MOST = 4'd8;

    reg [BITS-1:0] cycle;
    reg [3:0]      owed;

    wire due = (cycle == LAST[BITS-1:0]);

    always @(posedge clk_i) begin
        wanted_o <= (owed != 0) & ~rst_i;
        urgent_o <= (owed >= MOST) & ~rst_i;
        if (rst_i) begin
            cycle <= 0;
            owed <= 4'd0;
        end else begin
            cycle <= due ? {BITS{1'b0}} : cycle + 1'b1;
            owed <= owed + {3'd0, due} - {3'd0, refreshed_i};
        end
    end
endmodule
`default_nettype wire
