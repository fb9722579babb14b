// SPDX-License-Identifier: Apache-2.0
// Counts what a pass does, from `start` on while `busy`.
//
// counters, six of 32 bits, lowest first: clock cycles; words taken from the tape;
//   array beats of all operators; cycles in which a matrix operator was in work;
//   the matrix operators' array beats; cycles in which the array waited for weights.
// Resources: 192 registers and six incrementers.
`default_nettype none
module pass_counters #(
    parameter T = 64                // bits of the tape bus
) (
    input  wire         clk,
    input  wire         start,
    input  wire         busy,
    input  wire         op_taken,
    input  wire         payload_taken,
    input  wire         matrix_start,
    input  wire         cmd_ready,
    input  wire         beat_valid,
    input  wire         beat_ready,
    input  wire         kv_read,
    output wire [191:0] counters
);
    localparam HEADER_WORDS = 256 / T;

    reg [31:0] cycles;
    reg [31:0] tape_words;
    reg [31:0] array_beats;
    reg [31:0] matrix_cycles;
    reg [31:0] matrix_beats;
    reg [31:0] stall_cycles;
    reg        matrix_active;

    wire beat = beat_valid & beat_ready;

    assign counters = {stall_cycles, matrix_beats, matrix_cycles, array_beats, tape_words, cycles};

    always @(posedge clk) begin
        matrix_active <= matrix_start | (matrix_active & ~cmd_ready);
        if (start) begin
            cycles <= 32'd0;
            tape_words <= 32'd0;
            array_beats <= 32'd0;
            matrix_cycles <= 32'd0;
            matrix_beats <= 32'd0;
            stall_cycles <= 32'd0;
            matrix_active <= 1'b0;
        end else if (busy) begin
            cycles <= cycles + 1'b1;
            if (op_taken) tape_words <= tape_words + HEADER_WORDS;
            else if (payload_taken) tape_words <= tape_words + 1'b1;
            if (beat | kv_read) array_beats <= array_beats + 1'b1;
            if (matrix_active) matrix_cycles <= matrix_cycles + 1'b1;
            if (beat) matrix_beats <= matrix_beats + 1'b1;
            if (matrix_active & beat_ready & ~beat_valid) stall_cycles <= stall_cycles + 1'b1;
        end
    end
endmodule
`default_nettype wire
