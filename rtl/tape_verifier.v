// SPDX-License-Identifier: Apache-2.0
// Stands between the tape's reader and what plays it, and can play the tape through by
// itself to learn whether what is in the memory is one.
//
// Passes on, without delay and where not busy: header_ready, op_valid/op_ready and
//   payload_valid/payload_ready. While busy, what plays the tape is ready for nothing.
// Verify: `start_i` for one cycle, with the reader restarted in the same cycle.  busy falls
//   after the END line or at an error; either restarts the reader.  state_o then
//   holds: 1 good, 2 a header is wrong, 3 the whole tape's checksum is; and crc_o, the tape's
//   checksum as its END line states it, if good.  `forget_i` takes state_o back to 0: unknown.
// Latency: a word a cycle.  Resources: about 40 registers.
`default_nettype none
module tape_verifier #(
    parameter T = 64                // bits of the tape bus
) (
    input  wire         clk_i,
    input  wire         rst_i,
    input  wire         start_i,
    input  wire         forget_i,
    output wire         busy_o,
    output reg  [1:0]   state_o,
    output wire [31:0]  crc_o,
    output wire         restart_o,
    // The reader
    output wire         header_ready_o,
    input  wire         header_valid_i,
    input  wire [3:0]   header_at_i,
    input  wire [T-1:0] header_word_i,
    input  wire         op_valid_i,
    output wire         op_ready_o,
    input  wire         op_is_end_i,
    input  wire [1:0]   tape_error_i,
    input  wire         payload_valid_i,
    output wire         payload_ready_o,
    // What plays the tape
    input  wire         header_ready_i,
    output wire         op_valid_o,
    input  wire         op_ready_i,
    output wire         payload_valid_o,
    input  wire         payload_ready_i
);
    localparam [1:0] IDLE = 2'd0, BEGIN = 2'd1, PLAY = 2'd2, RESTART = 2'd3;
    localparam [1:0] UNKNOWN = 2'd0, GOOD = 2'd1;

    reg [1:0] state;
    wire playing = (state == PLAY);
    wire ends = op_valid_i & op_is_end_i;

    assign busy_o = (state != IDLE);
    assign restart_o = (state == RESTART);
    assign header_ready_o = playing | header_ready_i;
    assign op_valid_o = op_valid_i & ~busy_o;
    assign op_ready_o = playing | op_ready_i;
    assign payload_valid_o = payload_valid_i & ~busy_o;
    assign payload_ready_o = playing | payload_ready_i;

    // Of the header that was played last, which is END's.
    header_field #(.T(T), .LOW(160), .WIDTH(32)) crc_field (
        .clk_i(clk_i), .taken_i(header_valid_i & playing), .at_i(header_at_i),
        .word_i(header_word_i), .field_o(crc_o)
    );

    always @(posedge clk_i) begin
        if (rst_i) begin
            state <= IDLE;
            state_o <= UNKNOWN;
        end else case (state)
            // The cycle after a start shows the reader as it was before its restart.
            IDLE: begin
                if (start_i | forget_i) state_o <= UNKNOWN;
                if (start_i) state <= BEGIN;
            end
            BEGIN: state <= PLAY;
            PLAY: if (tape_error_i != 2'd0) begin
                state_o <= tape_error_i + 2'd1;
                state <= RESTART;
            end else if (ends) begin
                state_o <= GOOD;
                state <= RESTART;
            end
            default: state <= IDLE;
        endcase
    end
endmodule
`default_nettype wire
