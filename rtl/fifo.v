// SPDX-License-Identifier: Apache-2.0
// A first-in first-out queue of DEPTH words (a power of two, at least 4).
//
// Handshake: a word moves where valid and ready are both high at a rising edge;
//   valid never waits for ready.  `flush_i` empties the queue; what comes in on
//   the same edge is lost.
// Latency: a word shows at the output three edges after it was taken, one word
//   a cycle after that.
// Resources: DEPTH x WIDTH bits with one write port and one registered read port,
//   so a block RAM on any FPGA, and three words of registers.
`default_nettype none
module fifo #(
    parameter WIDTH = 64,
    parameter DEPTH = 512
) (
    input  wire             clk_i,
    input  wire             rst_i,
    input  wire             flush_i,
    input  wire             in_valid_i,
    output wire             in_ready_o,
    input  wire [WIDTH-1:0] in_data_i,
    output wire             out_valid_o,
    input  wire             out_ready_i,
    output wire [WIDTH-1:0] out_data_o
);
    localparam BITS = $clog2(DEPTH);

    // A word is not read before the cycle after its write.
    (* no_rw_check *) reg [WIDTH-1:0] memory [0:DEPTH-1];
    reg [BITS-1:0]  write_at;
    reg [BITS-1:0]  read_at;
    reg [BITS:0]    stored;         // words in memory
    reg [WIDTH-1:0] read_data;      // the memory's output register
    reg             read_valid;
    wire            read_moves;     // what it holds may go on to the output

    wire take = in_valid_i & in_ready_o;
    wire read_free = ~read_valid | read_moves;
    wire read = (stored != 0) & read_free;

    assign in_ready_o = ~stored[BITS];

    skid_buffer #(.WIDTH(WIDTH)) output_words (
        .clk_i(clk_i), .rst_i(rst_i | flush_i), .in_valid_i(read_valid),
        .in_ready_o(read_moves), .in_data_i(read_data), .out_valid_o(out_valid_o),
        .out_ready_i(out_ready_i), .out_data_o(out_data_o)
    );

    // Apart from the pointers and without a reset, as block RAMs are.
    always @(posedge clk_i) begin
        if (take) memory[write_at] <= in_data_i;
        if (read) read_data <= memory[read_at];
    end

    always @(posedge clk_i) begin
        if (rst_i | flush_i) begin
            write_at <= 0;
            read_at <= 0;
            stored <= 0;
            read_valid <= 1'b0;
        end else begin
            if (take) write_at <= write_at + 1'b1;
            if (read) read_at <= read_at + 1'b1;
            if (take != read) stored <= take ? stored + 1'b1 : stored - 1'b1;
            if (read_free) read_valid <= read;
        end
    end
endmodule
`default_nettype wire
