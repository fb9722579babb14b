// SPDX-License-Identifier: Apache-2.0
// A queue of DEPTH words (a power of two, at least 4) between two clocks: the only
// way in which data crosses from one clock to another.
//
// Handshake: a word moves where valid and ready are both high at a rising edge of
//   that side's clock; valid never waits for ready.  in_room_o is how many more words
//   fit for certain: one less than it could be, and the reader may have freed some of
//   late.  Both come from registers.
// Crossing: each side's pointer is a Gray code in a register of its own, so that
//   two flip-flops may sample it at any moment and be wrong by one step at most, and
//   then in the safe direction: C. E. Cummings, "Simulation and Synthesis Techniques
//   for Asynchronous FIFO Design", SNUG 2002.
// Reset: both sides are reset together, each for four cycles of the slower clock, and
//   may leave it one after the other.
// Latency: a word shows two to three edges of in_clk_i and five of out_clk_i after it
//   was taken, then one word a cycle.
// Resources: DEPTH x WIDTH bits with one write port and one registered read port, three
//   words of registers, 6 log2(DEPTH) flip-flops.
`default_nettype none
module async_fifo #(
    parameter WIDTH = 33,
    parameter DEPTH = 512
) (
    input  wire                   in_clk_i,
    input  wire                   in_rst_i,
    input  wire                   in_valid_i,
    output reg                    in_ready_o,
    input  wire [WIDTH-1:0]       in_data_i,
    output reg  [$clog2(DEPTH):0] in_room_o,
    input  wire                   out_clk_i,
    input  wire                   out_rst_i,
    output wire                   out_valid_o,
    input  wire                   out_ready_i,
    output wire [WIDTH-1:0]       out_data_o
);
    localparam BITS = $clog2(DEPTH);

    reg [WIDTH-1:0] memory [0:DEPTH-1];

    // The writer's side.  Pointers have a bit more than addresses: full is not empty.
    reg  [BITS:0] write_at;
    reg  [BITS:0] write_after;      // write_at + 1
    reg  [BITS:0] write_gray;
    reg  [BITS:0] read_gray_met;    // may be metastable, is read by nothing else
    reg  [BITS:0] read_gray_seen;
    reg  [BITS:0] read_seen;        // the reader's pointer, some cycles ago
    // The reader's side.
    reg  [BITS-1:0] read_at;
    reg  [BITS:0] read_after;       // read_at + 1
    reg  [BITS:0] read_gray;
    reg  [BITS:0] write_gray_met;
    reg  [BITS:0] write_gray_seen;
    reg  [WIDTH-1:0] read_data;     // the memory's output register
    reg              read_valid;
    wire             read_moves;    // what it holds may go on to the output

    wire          take = in_valid_i & in_ready_o;
    wire [BITS:0] used = write_at - read_seen;
    wire          full = used[BITS];

    // Bit i of a binary number is the exclusive or of the Gray bits from i up.
    wire [BITS:0] read_binary;
    genvar i;
    generate
        for (i = 0; i <= BITS; i = i + 1) begin : binary
            assign read_binary[i] = ^read_gray_seen[BITS:i];
        end
    endgenerate

    always @(posedge in_clk_i)
        if (take) memory[write_at[BITS-1:0]] <= in_data_i;

    always @(posedge in_clk_i) begin
        if (in_rst_i) begin
            write_at <= 0;
            write_after <= 1;
            write_gray <= 0;
            read_gray_met <= 0;
            read_gray_seen <= 0;
            read_seen <= 0;
            in_ready_o <= 1'b0;
            in_room_o <= 0;
        end else begin
            if (take) begin
                write_at <= write_after;
                write_after <= write_after + 1'b1;
                write_gray <= write_after ^ (write_after >> 1);
            end
            read_gray_met <= read_gray;
            read_gray_seen <= read_gray_met;
            read_seen <= read_binary;
            in_ready_o <= ~full & ~(take & (&used[BITS-1:0]));
            // DEPTH - 1 - used: this cycle's word is not in it yet.
            in_room_o <= full ? {(BITS + 1){1'b0}} : {1'b0, ~used[BITS-1:0]};
        end
    end

    wire read_free = ~read_valid | read_moves;
    wire read = (read_gray != write_gray_seen) & read_free;

    skid_buffer #(.WIDTH(WIDTH)) output_words (
        .clk_i(out_clk_i), .rst_i(out_rst_i), .in_valid_i(read_valid), .in_ready_o(read_moves),
        .in_data_i(read_data), .out_valid_o(out_valid_o), .out_ready_i(out_ready_i),
        .out_data_o(out_data_o)
    );

    // Apart from the pointers and without a reset, as block RAMs are.  A word that is
    // read was written at least two edges of this clock ago.
    always @(posedge out_clk_i)
        if (read) read_data <= memory[read_at];

    always @(posedge out_clk_i) begin
        if (out_rst_i) begin
            read_at <= 0;
            read_after <= 1;
            read_gray <= 0;
            write_gray_met <= 0;
            write_gray_seen <= 0;
            read_valid <= 1'b0;
        end else begin
            if (read) begin
                read_at <= read_after[BITS-1:0];
                read_after <= read_after + 1'b1;
                read_gray <= read_after ^ (read_after >> 1);
            end
            write_gray_met <= write_gray;
            write_gray_seen <= write_gray_met;
            if (read_free) read_valid <= read;
        end
    end
endmodule
`default_nettype wire
