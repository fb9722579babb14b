// SPDX-License-Identifier: Apache-2.0
// Cuts a payload's words into halves of 16 bits, lowest first, for operators that are
// no matrix.
//
// Start: `start_i` for one cycle before the payload's first word.  From then on words are
//   taken, up to the one with word_last_i.
// Handshake: both sides valid/ready; valid never waits for ready.
// Latency: one cycle from a word to its first half.  Throughput: a half a cycle, but where
//   RESTS is 1: there a cycle passes between words, and no path leads from half_ready_i to
//   word_ready_o.
// Resources: T registers.
`default_nettype none
module payload_halves #(
    parameter T = 64,               // bits of the tape bus: 16, 32, ... 256
    parameter RESTS = 0
) (
    input  wire         clk_i,
    input  wire         rst_i,
    input  wire         start_i,
    input  wire         word_valid_i,
    output wire         word_ready_o,
    input  wire [T-1:0] word_data_i,
    input  wire         word_last_i,
    output wire         half_valid_o,
    input  wire         half_ready_i,
    output wire [15:0]  half_o
);
    localparam HALVES = T / 16;
    localparam BITS = $clog2(HALVES + 1);

    reg            active;          // there is a word to come
    reg [T-1:0]    halves;
    reg [BITS-1:0] left;
    wire one_left = (left == 1);

    assign word_ready_o = active & ((left == 0) | ((RESTS == 0) & one_left & half_ready_i));
    assign half_valid_o = (left != 0);
    assign half_o = halves[15:0];

    wire taken = word_valid_i & word_ready_o;

    always @(posedge clk_i) begin
        if (taken) halves <= word_data_i;
        else if (half_ready_i) halves <= halves >> 16;

        if (rst_i) left <= 0;
        else if (taken) left <= HALVES[BITS-1:0];
        else if (half_valid_o & half_ready_i) left <= left - 1'b1;

        if (rst_i) active <= 1'b0;
        else if (start_i) active <= 1'b1;
        else if (taken & word_last_i) active <= 1'b0;
    end
endmodule
`default_nettype wire
