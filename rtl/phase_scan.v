// SPDX-License-Identifier: Apache-2.0
// Finds the phase of a memory's clock: runs the memory's test at each of the STEPS
// phases in a turn, and leaves the clock in the middle of the widest window in which
// the test passes, where it runs the test once more.
//
// A window may lie across the end of the turn, so the scan makes two turns and notes the
//   longest row of passes, of STEPS at most.
// PLL: phase_step_o rises to ask for one step, holds until phase_done_i answers it, and
//   does not rise again before phase_done_i has fallen.  phase_direction_o is 0: later.
// Memory: restart_o holds it in reset, SETTLE cycles from the step's end on; run_o then
//   runs its test, until test_done_i.
// Timing: done_o rises after 2 STEPS + 1 tests and start-ups of the memory, and stays.
// Resources: some 60 registers.
`default_nettype none
module phase_scan #(
    parameter STEPS = 48,
    parameter SETTLE = 1024
) (
    input  wire clk_i,
    input  wire rst_i,
    output wire phase_step_o,
    output wire phase_direction_o,
    input  wire phase_done_i,
    output wire restart_o,
    output wire run_o,
    input  wire test_done_i,
    input  wire test_failed_i,
    output wire done_o,
    output reg  failed_o,
    output reg  [$clog2(STEPS+1)-1:0] window_o      // phases in it: 0 where none passes
);
    localparam BITS = $clog2(STEPS + 1);
    localparam SETTLE_BITS = $clog2(SETTLE + 1);
    localparam LAST = STEPS - 1;
    localparam ALL = STEPS;
    localparam [2:0] RESTART = 3'd0, TEST = 3'd1, ASK = 3'd2, RELEASE = 3'd3, CHOOSE = 3'd4,
                     END = 3'd5;
    localparam [1:0] FIRST_TURN = 2'd0, SECOND_TURN = 2'd1, GO_BACK = 2'd2, AT_PLACE = 2'd3;

    reg [2:0]             state;
    reg [1:0]             turn;
    reg [BITS-1:0]        phase;            // where the clock is
    reg [BITS-1:0]        passes;           // in a row, up to here
    reg [BITS-1:0]        window_end;       // the last phase of the widest window
    reg [BITS-1:0]        target;
    reg [SETTLE_BITS-1:0] settle;

    wire [BITS-1:0] more = (passes == ALL[BITS-1:0]) ? ALL[BITS-1:0] : passes + 1'b1;
    wire            scanning = (turn == FIRST_TURN) | (turn == SECOND_TURN);
    wire [BITS-1:0] half = window_o >> 1;
    assign phase_step_o = (state == ASK);
    assign phase_direction_o = 1'b0;
    assign restart_o = (state != TEST) & (state != END);
    assign run_o = (state == TEST) | (state == END);
    assign done_o = (state == END);

    always @(posedge clk_i) begin
        if (rst_i) begin
            state <= RESTART;
            turn <= FIRST_TURN;
            phase <= 0;
            passes <= 0;
            window_o <= 0;
            window_end <= 0;
            settle <= SETTLE[SETTLE_BITS-1:0];
            failed_o <= 1'b0;
        end else case (state)
            RESTART: begin
                settle <= settle - 1'b1;
                if (settle == 0) begin
                    settle <= SETTLE[SETTLE_BITS-1:0];
                    state <= TEST;
                end
            end
            TEST: if (test_done_i) begin
                failed_o <= test_failed_i;
                passes <= test_failed_i ? {BITS{1'b0}} : more;
                if (scanning & ~test_failed_i & (more > window_o)) begin
                    window_o <= more;
                    window_end <= phase;
                end
                state <= scanning ? ASK : END;
            end
            ASK: if (phase_done_i) begin
                phase <= (phase == LAST[BITS-1:0]) ? {BITS{1'b0}} : phase + 1'b1;
                if (scanning & (phase == LAST[BITS-1:0])) turn <= turn + 1'b1;
                state <= RELEASE;
            end
            RELEASE: if (~phase_done_i) state <= scanning ? RESTART : CHOOSE;
            CHOOSE: begin
                target <= (window_end >= half) ? window_end - half
                                                : window_end + ALL[BITS-1:0] - half;
                // The second time round the target is known.
                if (turn == GO_BACK) turn <= AT_PLACE;
                else state <= (phase == target) ? RESTART : ASK;
            end
            default: state <= END;
        endcase
    end
endmodule
`default_nettype wire
