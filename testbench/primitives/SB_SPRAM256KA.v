// SPDX-License-Identifier: Apache-2.0
// The iCE40UP5K's large RAM, as far as rtl/spram_block.v uses it: whole words, never asleep.
// What it shows lasts for one cycle.
`default_nettype none
module SB_SPRAM256KA (
    input  wire        CLOCK,
    input  wire        CHIPSELECT,
    input  wire        WREN,
    input  wire [3:0]  MASKWREN,
    input  wire [13:0] ADDRESS,
    input  wire [15:0] DATAIN,
    output reg  [15:0] DATAOUT,
    input  wire        STANDBY,
    input  wire        SLEEP,
    input  wire        POWEROFF     // low where the power is off
);
    reg [15:0] memory [0:16383];

    always @(posedge CLOCK) begin
        if (CHIPSELECT & WREN) memory[ADDRESS] <= DATAIN;
        DATAOUT <= (CHIPSELECT & ~WREN) ? memory[ADDRESS] : 16'hDEAD;
    end

    wire unused = &{1'b0, MASKWREN, STANDBY, SLEEP, POWEROFF};
endmodule
`default_nettype wire
