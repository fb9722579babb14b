// SPDX-License-Identifier: Apache-2.0
// A memory on the chip, with one port and the core's clock, behind the common face of
// docs/memories.md.
//
// RAM: a read in one cycle shows on ram_data_i in the next, and only then.  Each cycle
//   has one access at most: a loaded word goes first, then the state port, then the tape.
// Timing: start_i to the first word 3 cycles, then a word a cycle; a burst of state a
//   word a cycle.
// Resources: 3 words of registers, some 100 LUTs besides.
`default_nettype none
module local_memory_port #(
    parameter T = 64,
    parameter WORDS = 16384,
    parameter TAPE_LINES = 4096,
    parameter A = $clog2(WORDS)
) (
    input  wire         clk_i,
    input  wire         rst_i,
    input  wire         start_i,
    output wire         valid_o,
    input  wire         ready_i,
    output wire [T-1:0] data_o,
    input  wire         load_start_i,
    input  wire [23:0]  load_line_i,
    input  wire         load_valid_i,
    output wire         load_ready_o,
    input  wire [7:0]   load_data_i,
    output wire         load_busy_o,
    input  wire         state_valid_i,
    output wire         state_ready_o,
    input  wire         state_write_i,
    input  wire [23:0]  state_address_i,
    input  wire [7:0]   state_length_i,
    input  wire         state_write_valid_i,
    output wire         state_write_ready_o,
    input  wire [T-1:0] state_write_data_i,
    output reg          state_read_valid_o,
    output wire [T-1:0] state_read_data_o,
    output wire [1:0]   fault_o,

    output wire         ram_read_o,
    output wire         ram_write_o,
    output wire [A-1:0] ram_address_o,
    output wire [T-1:0] ram_data_o,
    input  wire [T-1:0] ram_data_i
);
    localparam BYTES = T / 8;
    localparam BYTE_BITS = $clog2(BYTES);
    localparam LAST_BYTE = BYTES - 1;
    localparam LINE_SHIFT = $clog2(256 / T);
    localparam TAPE_WORDS = TAPE_LINES << LINE_SHIFT;
    localparam LAST_WORD = TAPE_WORDS - 1;

    reg [A-1:0]         load_at;
    reg [T-1:0]         word;
    reg [BYTE_BITS-1:0] byte_at;
    reg                 word_full;
    reg                 burst;          // of state
    reg                 burst_writes;
    reg [A-1:0]         burst_at;
    reg [7:0]           burst_left;
    reg                 playing;
    reg [A-1:0]         tape_at;
    reg                 arriving;       // a word of the tape shows on ram_data_i
    reg [1:0]           stored;         // words in front and behind
    reg [T-1:0]         front;
    reg [T-1:0]         behind;

    // verilator lint_off UNUSEDSIGNAL
    wire [A+31:0] load_words = {{(A + 8){1'b0}}, load_line_i} << LINE_SHIFT;
    wire [A+23:0] state_words = {{A{1'b0}}, state_address_i} >> BYTE_BITS;
    // verilator lint_on UNUSEDSIGNAL

    wire load_take = load_valid_i & load_ready_o;
    wire state_access = burst & ~word_full & (~burst_writes | state_write_valid_i);
    wire pop = valid_o & ready_i;
    // What comes must find room: two words are held, the one that arrives counts.
    wire tape_access = playing & ~start_i & ~word_full & ~state_access
                       & ({1'b0, stored} + {2'd0, arriving} < 3'd2 + {2'd0, pop});

    assign load_ready_o = ~word_full;
    assign load_busy_o = word_full | (byte_at != 0);
    assign state_ready_o = ~burst;
    assign state_write_ready_o = burst & burst_writes & ~word_full;
    assign state_read_data_o = ram_data_i;
    assign fault_o = {1'b0, rst_i};
    assign valid_o = (stored != 0);
    assign data_o = front;
    assign ram_write_o = word_full | (state_access & burst_writes);
    assign ram_read_o = (state_access & ~burst_writes) | tape_access;
    assign ram_address_o = word_full ? load_at : state_access ? burst_at : tape_at;
    assign ram_data_o = word_full ? word : state_write_data_i;

    always @(posedge clk_i) begin
        if (load_take) word <= {load_data_i, word[T-1:8]};
        if (load_start_i) load_at <= load_words[A-1:0];
        else if (word_full) load_at <= load_at + 1'b1;
        if (rst_i) begin
            byte_at <= 0;
            word_full <= 1'b0;
        end else begin
            if (load_take) byte_at <= (byte_at == LAST_BYTE[BYTE_BITS-1:0])
                                      ? {BYTE_BITS{1'b0}} : byte_at + 1'b1;
            word_full <= load_take & (byte_at == LAST_BYTE[BYTE_BITS-1:0]);
        end
    end

    always @(posedge clk_i) begin
        state_read_valid_o <= state_access & ~burst_writes & ~rst_i;
        if (rst_i) burst <= 1'b0;
        else if (state_valid_i & state_ready_o) burst <= 1'b1;
        else if (state_access & (burst_left == 8'd1)) burst <= 1'b0;
        if (state_valid_i & state_ready_o) begin
            burst_writes <= state_write_i;
            burst_at <= state_words[A-1:0] + TAPE_WORDS[A-1:0];
            burst_left <= state_length_i;
        end else if (state_access) begin
            burst_at <= burst_at + 1'b1;
            burst_left <= burst_left - 1'b1;
        end
    end

    always @(posedge clk_i) begin
        if (rst_i) playing <= 1'b0;
        else if (start_i) playing <= 1'b1;
        if (start_i) tape_at <= 0;
        else if (tape_access)
            tape_at <= (tape_at == LAST_WORD[A-1:0]) ? {A{1'b0}} : tape_at + 1'b1;
        arriving <= tape_access & ~rst_i;
        if (rst_i | start_i) stored <= 2'd0;
        else stored <= stored + {1'b0, arriving} - {1'b0, pop};
        if (pop | (stored == 0)) front <= (stored == 2'd2) ? behind : ram_data_i;
        if (arriving) behind <= ram_data_i;
    end
endmodule
`default_nettype wire
