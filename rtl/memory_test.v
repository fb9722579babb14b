// SPDX-License-Identifier: Apache-2.0
// The start-up test of a memory: random beats to burst 0 and to each burst whose
// address is a power of two, then all of them read back, ROUNDS times.
//
// What it finds: an address line that is stuck or joined to another makes two of the
//   bursts one, and what was written to the first is gone; a data line that is stuck,
//   joined or late differs in one of the (A - 2) x 8 x ROUNDS random beats.
// Requests and beats: as memory_requests makes them.
// Timing: starts with run_i, which stays high; done_o with failed_o then hold until run_i
//   falls.
// Resources: some 150 registers.
`default_nettype none
module memory_test #(
    parameter D = 16,               // bits of a beat: 16 or 32
    parameter A = 24,               // bits of an address in beats
    parameter ROUNDS = 4
) (
    input  wire         clk_i,
    input  wire         rst_i,
    input  wire         run_i,
    output reg          done_o,
    output reg          failed_o,
    output wire         request_valid_o,
    input  wire         request_ready_i,
    output wire         request_write_o,
    output wire [A-4:0] request_address_o,
    output wire         beat_valid_o,
    input  wire         beat_ready_i,
    output wire [D-1:0] beat_data_o,
    input  wire         read_valid_i,
    input  wire [D-1:0] read_data_i
);
    localparam [31:0] SEED = 32'h2545F491;
    localparam BURSTS = A - 2;
    localparam LAST_BURST = BURSTS - 1;
    localparam LAST_ROUND = ROUNDS - 1;
    localparam [1:0] FILL = 2'd0, WRITE = 2'd1, READ = 2'd2, WAIT = 2'd3;

    reg [1:0]   state;
    reg [31:0]  random;             // the beat that is next written or compared
    reg [31:0]  round_seed;         // and the first of this round
    reg [2:0]   beat;
    reg [5:0]   burst;
    reg [5:0]   returned;           // bursts read back
    reg [2:0]   returned_beat;
    reg [3:0]   round;
    reg [A-4:0] address;
    reg         compare;
    reg [D-1:0] found;
    reg [D-1:0] wanted;

    // G. Marsaglia, "Xorshift RNGs", 2003: period 2^32 - 1.
    function [31:0] next_random;
        input [31:0] from;
        reg [31:0] x;
        begin
            x = from ^ (from << 13);
            x = x ^ (x >> 17);
            next_random = x ^ (x << 5);
        end
    endfunction

    wire last_burst = (burst == LAST_BURST[5:0]);
    assign request_valid_o = (state == WRITE) | (state == READ);
    assign request_write_o = (state == WRITE);
    assign request_address_o = address;
    assign beat_valid_o = (state == FILL) & run_i & ~done_o;
    assign beat_data_o = random[D-1:0];
    wire beat_moves = beat_valid_o & beat_ready_i;
    wire asked = request_valid_o & request_ready_i;

    always @(posedge clk_i) begin
        found <= read_data_i;
        wanted <= random[D-1:0];
        if (rst_i | ~run_i) begin
            state <= FILL;
            random <= SEED;
            round_seed <= SEED;
            beat <= 3'd0;
            burst <= 6'd0;
            returned <= 6'd0;
            returned_beat <= 3'd0;
            round <= 4'd0;
            address <= 0;
            compare <= 1'b0;
            done_o <= 1'b0;
            failed_o <= 1'b0;
        end else begin
            compare <= read_valid_i & ~done_o;
            if (compare & (found != wanted)) failed_o <= 1'b1;
            if (beat_moves | read_valid_i) random <= next_random(random);
            if (read_valid_i) returned_beat <= returned_beat + 1'b1;
            if (read_valid_i & (&returned_beat)) returned <= returned + 1'b1;
            if (asked) begin
                burst <= last_burst ? 6'd0 : burst + 1'b1;
                address <= last_burst ? {(A - 3){1'b0}}
                         : (address == 0) ? {{(A - 4){1'b0}}, 1'b1} : address << 1;
            end
            case (state)
                FILL: if (beat_moves) begin
                    beat <= beat + 1'b1;
                    if (&beat) state <= WRITE;
                end
                WRITE: if (asked) begin
                    state <= last_burst ? READ : FILL;
                    if (last_burst) random <= round_seed;
                end
                READ: if (asked & last_burst) state <= WAIT;
                default: if ((returned == BURSTS[5:0]) & ~compare) begin
                    returned <= 6'd0;
                    round_seed <= random;
                    round <= round + 1'b1;
                    if (round != LAST_ROUND[3:0]) state <= FILL;
                    else done_o <= 1'b1;
                end
            endcase
        end
    end
endmodule
`default_nettype wire
