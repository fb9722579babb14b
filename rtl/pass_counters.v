// SPDX-License-Identifier: Apache-2.0
// Counts what a pass does, from `start_i` on while `busy_i`.
//
// Six counters of 32 bits, lowest byte first: clock cycles; words taken from the tape;
//   array beats of all operators; cycles in which a matrix operator was in work;
//   the matrix operators' array beats; cycles in which the array waited for weights.
// They stand in a small RAM, to which one adder goes round, a byte a cycle; what has
//   happened since it was there last is counted beside it.
// Read: where ready_o is high, byte_o is byte `at_i` of the cycle before; ready_o rises at
//   most 50 cycles after the end of a pass.
// Resources: 32 bytes of small RAM, about 60 registers.
`default_nettype none
module pass_counters #(
    parameter T = 64                // bits of the tape bus, at least 16
) (
    input  wire       clk_i,
    input  wire       start_i,
    input  wire       busy_i,
    input  wire       op_taken_i,
    input  wire       payload_taken_i,
    input  wire       matrix_start_i,
    input  wire       cmd_ready_i,
    input  wire       beat_valid_i,
    input  wire       beat_ready_i,
    input  wire       kv_read_i,
    input  wire [4:0] at_i,
    output wire [7:0] byte_o,
    output reg        ready_o
);
    localparam COUNTERS = 6;
    localparam [4:0] LAST = 4 * COUNTERS - 1;
    // Holds a round's events: 24 cycles', and with them the words of two headers at most.
    localparam BITS = 6;
    localparam HEADER_WORDS = 256 / T;

    (* no_rw_check *) reg [7:0] counted [0:31];
    reg [7:0]               old;            // what was read
    reg [4:0]               at;             // what is read
    reg [4:0]               added;          // what is written: `at` of the cycle before
    reg                     fresh;          // the first round of a pass, which begins at 0
    reg                     added_fresh;
    reg                     carry;
    reg [1:0]               rounds_due;
    reg [COUNTERS*BITS-1:0] events;
    reg                     matrix_active;

    wire beat = beat_valid_i & beat_ready_i;
    wire [COUNTERS-1:0] event_now = {
        matrix_active & beat_ready_i & ~beat_valid_i, beat, matrix_active, beat | kv_read_i,
        op_taken_i | payload_taken_i, 1'b1
    };

    wire       first = (added[1:0] == 2'd0);
    wire       settled = (rounds_due == 2'd0);
    reg [BITS-1:0] happened;
    integer n;
    always @* begin
        happened = 0;
        for (n = 0; n < COUNTERS; n = n + 1)
            if (added[4:2] == n[2:0]) happened = events[BITS*n +: BITS];
    end
    wire [8:0] sum = {1'b0, added_fresh ? 8'd0 : old}
                     + {3'd0, first ? happened : {{(BITS-1){1'b0}}, carry}};

    assign byte_o = old;

    always @(posedge clk_i) begin
        if (~settled) counted[added] <= sum[7:0];
        old <= counted[settled ? at_i : at];
    end

    integer i;
    always @(posedge clk_i) begin
        matrix_active <= ~start_i & (matrix_start_i | (matrix_active & ~cmd_ready_i));
        at <= (start_i | (at == LAST)) ? 5'd0 : at + 1'b1;
        added <= at;
        fresh <= start_i | (fresh & (at != LAST));
        added_fresh <= fresh;
        carry <= sum[8];
        ready_o <= settled & ~start_i & ~busy_i;
        // After the last event a whole round: what is left of one, and one more.
        if (start_i | busy_i) rounds_due <= 2'd2;
        else if ((added == LAST) & ~settled) rounds_due <= rounds_due - 1'b1;

        for (i = 0; i < COUNTERS; i = i + 1)
            events[BITS*i +: BITS] <=
                ((start_i | (first & (added[4:2] == i[2:0]))) ? {BITS{1'b0}}
                                                              : events[BITS*i +: BITS])
                + ((~start_i & busy_i & event_now[i]) ?
                   (((i == 1) & op_taken_i) ? HEADER_WORDS[BITS-1:0] : {{(BITS-1){1'b0}}, 1'b1})
                   : {BITS{1'b0}});
    end
endmodule
`default_nettype wire
