// SPDX-License-Identifier: Apache-2.0
// The start-up of an SDR SDRAM: INIT_CYCLES of rest, precharge all, eight refreshes,
// mode register (bursts of 8, sequential, written as bursts too).
//
// Timing: command_o (RAS, CAS, WE, low active) and address_o hold for one cycle each,
//   no operation between; done_o rises T_MRD after the mode register and stays.
// Resources: some 40 registers.
`default_nettype none
module sdram_initialise #(
    parameter ADDRESS_BITS = 13,
    parameter CAS_LATENCY = 3,
    parameter INIT_CYCLES = 22500,  // 200 us
    parameter T_RP = 3,
    parameter T_RFC = 8,
    parameter T_MRD = 2
) (
    input  wire                    clk_i,
    input  wire                    rst_i,
    output reg  [2:0]              command_o,
    output reg  [ADDRESS_BITS-1:0] address_o,
    output reg                     done_o
);
    localparam [2:0] NONE = 3'b111, PRECHARGE = 3'b010, REFRESH = 3'b001, SET_MODE = 3'b000;
    localparam ALL_BANKS = 1 << 10;
    localparam MODE = (CAS_LATENCY << 4) | 3;
    localparam [3:0] PRECHARGES = 4'd0, MODE_STEP = 4'd9, END = 4'd10;
    localparam BITS = $clog2(INIT_CYCLES + 1);
    localparam WAIT_RP = T_RP - 1, WAIT_RFC = T_RFC - 1, WAIT_MRD = T_MRD - 1;

    reg [3:0]      step;            // 0 precharge, 1 to 8 refresh, 9 mode, 10 the end
    reg [BITS-1:0] left;

    always @(posedge clk_i) begin
        command_o <= NONE;
        address_o <= (step == PRECHARGES) ? ALL_BANKS[ADDRESS_BITS-1:0] : MODE[ADDRESS_BITS-1:0];
        if (rst_i) begin
            step <= PRECHARGES;
            left <= INIT_CYCLES[BITS-1:0];
            done_o <= 1'b0;
        end else if (left != 0) begin
            left <= left - 1'b1;
        end else if (step != END) begin
            step <= step + 1'b1;
            command_o <= (step == PRECHARGES) ? PRECHARGE
                       : (step == MODE_STEP) ? SET_MODE : REFRESH;
            left <= (step == PRECHARGES) ? WAIT_RP[BITS-1:0]
                  : (step == MODE_STEP) ? WAIT_MRD[BITS-1:0] : WAIT_RFC[BITS-1:0];
        end else begin
            done_o <= 1'b1;
        end
    end
endmodule
`default_nettype wire
