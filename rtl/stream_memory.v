// SPDX-License-Identifier: Apache-2.0
// Gives the tape's reader its words: those of the board's memory, or for a pass whose tape
// the host sends those of STREAM frames.
//
// Source: start_i for one cycle at a pass's beginning, host_i with it for a tape from the
//   host; memory_i goes back to the memory.  restart_o, with start_i, says that the reader is
//   to forget what it has fetched: it is not this pass's.
// Frames: frame_i for one cycle, then the payload by valid_i/ready_o: the number of the line
//   that it begins with, which has to be the one after the last that came, and whole lines;
//   then ends_i for one cycle.  wanted_o is high until the frame with the tape's last line
//   has ended, or the stream is broken.
// Broken: by a wrong line, or by damage_i, until the next start.  Words of 0 then come as
//   fast as they are taken, so that the pass ends, at the next header, with an error.
// Latency: one cycle from a word's last byte to the word. A word costs one cycle more than
//   its bytes, in which it is taken: no path leads from the reader to the host.
// Resources: T + 40 registers, about T + 80 LUTs.
`default_nettype none
module stream_memory #(
    parameter T = 64,               // bits of the tape bus
    parameter [31:0] TAPE_LINES = 32'd1
) (
    input  wire         clk_i,
    input  wire         rst_i,
    input  wire         start_i,
    input  wire         host_i,
    input  wire         memory_i,
    output wire         restart_o,
    // STREAM frames
    input  wire         frame_i,
    input  wire         valid_i,
    output wire         ready_o,
    input  wire [7:0]   data_i,
    input  wire         ends_i,
    input  wire         damage_i,
    output wire         wanted_o,
    output reg          broken_o,
    // The board's memory
    input  wire         mem_valid_i,
    output wire         mem_ready_o,
    input  wire [T-1:0] mem_data_i,
    // The reader
    output wire         word_valid_o,
    input  wire         word_ready_i,
    output wire [T-1:0] word_o
);
    localparam BYTE_BITS = $clog2(T / 8);

    reg         streams;        // the words are the host's
    reg         complete;
    reg [2:0]   head_at;        // bytes of the line's number that have come, 4 when all have
    reg [4:0]   byte_at;        // in the line
    reg [23:0]  line;           // that comes next
    reg [T-1:0] word;
    reg         full;
    reg         blank;          // the word is 0, and stays so

    wire in_head = ~head_at[2];
    wire taken = valid_i & ready_o;
    wire word_ends = taken & ~in_head & (&byte_at[BYTE_BITS-1:0]);
    wire [31:0] number = {8'd0, line};
    wire wrong_line = taken & in_head & (data_i != number[8*head_at[1:0] +: 8]);

    assign restart_o = start_i & (host_i | streams);
    assign ready_o = in_head | ~full;
    assign wanted_o = streams & ~complete & ~broken_o;

    assign mem_ready_o = word_ready_i & ~streams;
    assign word_valid_o = streams ? (broken_o ? blank : full) : mem_valid_i;
    assign word_o = streams ? word : mem_data_i;

    always @(posedge clk_i) begin
        blank <= broken_o;
        if (broken_o) word <= {T{1'b0}};
        else if (taken & ~in_head) word <= {data_i, word[T-1:8]};

        if (frame_i) head_at <= 3'd0;
        else if (taken & in_head) head_at <= head_at + 1'b1;

        if (rst_i | memory_i) streams <= 1'b0;
        else if (start_i) streams <= host_i;

        if (rst_i | start_i) begin
            complete <= 1'b0;
            broken_o <= 1'b0;
            full <= 1'b0;
            line <= 24'd0;
            byte_at <= 5'd0;
        end else begin
            if (ends_i & (line == TAPE_LINES[23:0])) complete <= 1'b1;
            if (streams & (damage_i | wrong_line)) broken_o <= 1'b1;
            if (word_ends) full <= 1'b1;
            else if (word_ready_i) full <= 1'b0;
            if (taken & ~in_head) byte_at <= byte_at + 1'b1;
            if (taken & ~in_head & (&byte_at)) line <= line + 1'b1;
        end
    end
endmodule
`default_nettype wire
