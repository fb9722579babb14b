// SPDX-License-Identifier: Apache-2.0
// Counts what a pass does, from `start_i` on while `busy_i`.
//
// counters, six of 32 bits, lowest first: clock cycles; words taken from the tape;
//   array beats of all operators; cycles in which a matrix operator was in work;
//   the matrix operators' array beats; cycles in which the array waited for weights.
// Resources: 192 registers and six incrementers.
`default_nettype none
module pass_counters #(
    parameter T = 64                // bits of the tape bus
) (
    input  wire         clk_i,
    input  wire         start_i,
    input  wire         busy_i,
    input  wire         op_taken_i,
    input  wire         payload_taken_i,
    input  wire         matrix_start_i,
    input  wire         cmd_ready_i,
    input  wire         beat_valid_i,
    input  wire         beat_ready_i,
    input  wire         kv_read_i,
    output wire [191:0] counters_o
);
    localparam HEADER_WORDS = 256 / T;

    reg [31:0] cycles;
    reg [31:0] tape_words;
    reg [31:0] array_beats;
    reg [31:0] matrix_cycles;
    reg [31:0] matrix_beats;
    reg [31:0] stall_cycles;
    reg        matrix_active;

    wire beat = beat_valid_i & beat_ready_i;

    assign counters_o = {stall_cycles, matrix_beats, matrix_cycles, array_beats, tape_words,
                         cycles};

    always @(posedge clk_i) begin
        matrix_active <= matrix_start_i | (matrix_active & ~cmd_ready_i);
        if (start_i) begin
            cycles <= 32'd0;
            tape_words <= 32'd0;
            array_beats <= 32'd0;
            matrix_cycles <= 32'd0;
            matrix_beats <= 32'd0;
            stall_cycles <= 32'd0;
            matrix_active <= 1'b0;
        end else if (busy_i) begin
            cycles <= cycles + 1'b1;
            if (op_taken_i) tape_words <= tape_words + HEADER_WORDS;
            else if (payload_taken_i) tape_words <= tape_words + 1'b1;
            if (beat | kv_read_i) array_beats <= array_beats + 1'b1;
            if (matrix_active) matrix_cycles <= matrix_cycles + 1'b1;
            if (beat) matrix_beats <= matrix_beats + 1'b1;
            if (matrix_active & beat_ready_i & ~beat_valid_i) stall_cycles <= stall_cycles + 1'b1;
        end
    end
endmodule
`default_nettype wire
