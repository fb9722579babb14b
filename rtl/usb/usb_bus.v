// SPDX-License-Identifier: Apache-2.0
// The state of the bus below packets: reset, high-speed detection and suspend (USB 2.0, 7.1.7),
// in terms of a UTMI transceiver.
//
// line_state_i: 0 SE0, 1 J, 2 K as a full-speed receiver sees them; at high speed 0 is silence.
// bus_reset_o is high from the 2.5th microsecond of SE0 until the speed is settled.
// is_high_o: high speed is in use.  chirp_o: drive K now (op_mode_o is 2 while so).
// suspended_o: 3 ms of silence; the transceiver is at full speed then, and what was in use
//   before comes back with a resume.
// CLOCK_MHZ cycles are a microsecond; SCALE divides the long times, for simulation.
// Resources: about 60 registers.
`default_nettype none
module usb_bus #(
    parameter HIGH_SPEED = 1,
    parameter [19:0] CLOCK_MHZ = 20'd60,
    parameter [19:0] SCALE = 20'd1
) (
    input  wire       clk_i,
    input  wire       rst_i,
    input  wire [1:0] line_state_i,
    output wire       bus_reset_o,
    output reg        is_high_o,
    output wire       chirp_o,
    output reg        suspended_o,
    output wire       xcvr_full_o,      // UTMI XcvrSelect and TermSelect
    output wire       term_full_o,
    output wire [1:0] op_mode_o
);
    localparam [1:0] SE0 = 2'd0, J = 2'd1, K = 2'd2;
    localparam [19:0] RESET_AFTER = (20'd5 * CLOCK_MHZ) / 20'd2;
    localparam [19:0] FILTER = (20'd5 * CLOCK_MHZ) / 20'd2;             // of a chirp, 2.5 us
    localparam [19:0] IDLE_TIME = (20'd3000 * CLOCK_MHZ) / SCALE;
    localparam [19:0] REVERT_TIME = (20'd300 * CLOCK_MHZ) / SCALE;  // 100 to 875 us
    localparam [19:0] CHIRP_TIME = (20'd1500 * CLOCK_MHZ) / SCALE;  // 1 to 7 ms
    localparam [19:0] ANSWER_TIME = (20'd2000 * CLOCK_MHZ) / SCALE; // 1 to 2.5 ms

    localparam [2:0] FULL = 3'd0, HIGH = 3'd1, REVERT = 3'd2, CHIRP = 3'd3, ANSWER = 3'd4,
                     RESET_ENDS = 3'd5;
    reg [2:0]  state;
    reg [19:0] time_in;         // what the state counts
    reg [19:0] steady;          // cycles since the line changed
    reg [1:0]  line;
    reg [2:0]  chirps;          // of the hub: K, J, K, J, K, J

    wire expected = (line == (chirps[0] ? J : K));
    assign bus_reset_o = (state == CHIRP) | (state == ANSWER) | (state == RESET_ENDS);
    assign chirp_o = (state == CHIRP);
    assign term_full_o = ~((state == HIGH) | ((state == ANSWER) & (chirps == 3'd6)));
    assign xcvr_full_o = (state == FULL) | (state == REVERT) | (state == RESET_ENDS);
    assign op_mode_o = ((state == CHIRP) | (state == ANSWER)) ? 2'd2 : 2'd0;

    always @(posedge clk_i) begin
        line <= line_state_i;
        steady <= (line != line_state_i) ? 20'd0 : (steady == 20'hFFFFF) ? steady : steady + 1'b1;
        time_in <= time_in + 1'b1;
        case (state)
            FULL: begin
                if (steady == IDLE_TIME & (line == J)) suspended_o <= 1'b1;
                if ((line == K) & ~is_high_o) suspended_o <= 1'b0;
                // A bus that was at high speed is so again when the resume's K ends.
                if (suspended_o & is_high_o & (line == SE0) & (steady == 20'd1)) begin
                    suspended_o <= 1'b0;
                    state <= HIGH;
                end
                if ((line == SE0) & (steady == RESET_AFTER)) begin
                    suspended_o <= 1'b0;
                    is_high_o <= 1'b0;
                    time_in <= 20'd0;
                    state <= (HIGH_SPEED != 0) ? CHIRP : RESET_ENDS;
                end
            end
            // Silence for 3 ms is a reset or a suspend: a pull-up tells which.
            HIGH: if ((line == SE0) & (steady == IDLE_TIME)) begin
                time_in <= 20'd0;
                state <= REVERT;
            end
            REVERT: if (time_in == REVERT_TIME) begin
                time_in <= 20'd0;
                state <= (line == SE0) ? CHIRP : FULL;
                suspended_o <= (line != SE0);
                if (line == SE0) is_high_o <= 1'b0;
            end
            CHIRP: if (time_in == CHIRP_TIME) begin
                time_in <= 20'd0;
                chirps <= 3'd0;
                state <= ANSWER;
            end
            ANSWER: begin
                if ((chirps != 3'd6) & expected & (steady == FILTER)) chirps <= chirps + 1'b1;
                if ((chirps == 3'd6) & (line == SE0) & (steady == FILTER)) begin
                    is_high_o <= 1'b1;
                    state <= HIGH;
                end
                if ((chirps != 3'd6) & (time_in == ANSWER_TIME)) state <= RESET_ENDS;
            end
            RESET_ENDS: if (line != SE0) state <= FULL;
            default: state <= FULL;
        endcase
        if (rst_i) begin
            state <= FULL;
            is_high_o <= 1'b0;
            suspended_o <= 1'b0;
            line <= J;
            steady <= 20'd0;
        end
    end
endmodule
`default_nettype wire
