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
    parameter [7:0] CLOCK_MHZ = 8'd60,
    parameter [10:0] SCALE = 11'd1
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
    // Times are counted in 2.5 us, which is also how long a reset's SE0 and a chirp must last
    // to be one.
    localparam [7:0] TICK = 8'd2 * CLOCK_MHZ + CLOCK_MHZ / 8'd2;
    localparam [10:0] IDLE_TICKS = 11'd1200 / SCALE;        // 3 ms
    localparam [10:0] REVERT_TICKS = 11'd120 / SCALE;       // 100 to 875 us
    localparam [10:0] CHIRP_TICKS = 11'd600 / SCALE;        // 1 to 7 ms
    localparam [10:0] ANSWER_TICKS = 11'd800 / SCALE;       // 1 to 2.5 ms

    localparam [2:0] FULL = 3'd0, HIGH = 3'd1, REVERT = 3'd2, CHIRP = 3'd3, ANSWER = 3'd4,
                     RESET_ENDS = 3'd5;
    reg [2:0]  state_now;
    reg [7:0]  cycles;          // since the line changed or the last tick
    reg [10:0] steady;          // ticks since the line changed
    reg [10:0] time_in;         // ticks in the state, within one
    reg [1:0]  line;
    reg [2:0]  chirps;          // of the hub: K, J, K, J, K, J

    // Without high speed there are two states, and no logic for the others.
    wire [2:0] state = ((HIGH_SPEED != 0) | (state_now == RESET_ENDS)) ? state_now : FULL;
    // Our own chirp is nothing to listen to.
    wire changes = (line != line_state_i) & (state != CHIRP);
    wire tick = (cycles == TICK - 1'b1);
    wire filtered = tick & (steady == 11'd0);
    wire idle = tick & (steady == IDLE_TICKS - 1'b1);
    wire expected = (line == (chirps[0] ? J : K));
    assign bus_reset_o = (state == CHIRP) | (state == ANSWER) | (state == RESET_ENDS);
    assign chirp_o = (state == CHIRP);
    assign term_full_o = ~((state == HIGH) | ((state == ANSWER) & (chirps == 3'd6)));
    assign xcvr_full_o = (state == FULL) | (state == REVERT) | (state == RESET_ENDS);
    assign op_mode_o = ((state == CHIRP) | (state == ANSWER)) ? 2'd2 : 2'd0;

    always @(posedge clk_i) begin
        if (changes) line <= line_state_i;
        cycles <= (changes | tick) ? 8'd0 : cycles + 1'b1;
        if (changes) steady <= 11'd0;
        else if (tick & ~(&steady)) steady <= steady + 1'b1;
        if (tick) time_in <= time_in + 1'b1;
        case (state)
            FULL: begin
                if (idle & (line == J)) suspended_o <= 1'b1;
                if ((line == K) & ~is_high_o) suspended_o <= 1'b0;
                // A bus that was at high speed is so again when the resume's K ends.
                if (suspended_o & is_high_o & (line == SE0)) begin
                    suspended_o <= 1'b0;
                    state_now <= HIGH;
                end
                if ((line == SE0) & filtered) begin
                    suspended_o <= 1'b0;
                    is_high_o <= 1'b0;
                    time_in <= 11'd0;
                    state_now <= (HIGH_SPEED != 0) ? CHIRP : RESET_ENDS;
                end
            end
            // Silence for 3 ms is a reset or a suspend: a pull-up tells which.
            HIGH: if ((line == SE0) & idle) begin
                time_in <= 11'd0;
                state_now <= REVERT;
            end
            REVERT: if (time_in == REVERT_TICKS) begin
                time_in <= 11'd0;
                state_now <= (line == SE0) ? CHIRP : FULL;
                suspended_o <= (line != SE0);
                if (line == SE0) is_high_o <= 1'b0;
            end
            CHIRP: if (time_in == CHIRP_TICKS) begin
                time_in <= 11'd0;
                chirps <= 3'd0;
                state_now <= ANSWER;
            end
            ANSWER: begin
                if ((chirps != 3'd6) & expected & filtered) chirps <= chirps + 1'b1;
                if ((chirps == 3'd6) & (line == SE0) & filtered) begin
                    is_high_o <= 1'b1;
                    state_now <= HIGH;
                end
                if ((chirps != 3'd6) & (time_in == ANSWER_TICKS)) state_now <= RESET_ENDS;
            end
            RESET_ENDS: if (line != SE0) state_now <= FULL;
            default: state_now <= FULL;
        endcase
        if (rst_i) begin
            state_now <= FULL;
            is_high_o <= 1'b0;
            suspended_o <= 1'b0;
            line <= J;
            cycles <= 8'd0;
            steady <= 11'd0;
        end
    end
endmodule
`default_nettype wire
