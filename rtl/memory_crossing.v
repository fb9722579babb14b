// SPDX-License-Identifier: Apache-2.0
// A memory's face to the design, and the way from the core's clock to the memory's:
// bytes to load become words, and all that is asked for becomes one stream of commands.
//
// Commands, in order: SEEK sets where the next WORD is written, WORD and LAST write one
//   (LAST ends a burst that need not end where a burst of the memory does), READ reads
//   a burst for the state port {length, address}, START plays the tape from its first
//   line, FENCE asks for a reply when all before it is written.  Addresses count beats,
//   the D bits that the memory moves at once.
// Tape: words come back in the tape's queue.  A mark in it answers START; words before
//   the mark belong to the play before and are dropped here.
// Replies: words of the state port, FENCE's answer, and the result of the memory's test.
// Timing: the common face in docs/memories.md; start_i to the first word takes the
//   memory's latency and some 20 cycles of crossing.
// Resources: three queues: DEPTH x (T + 1) and 512 x (T + 2) bits of block RAM and 16
//   commands in LUT RAM; two words of registers.
`default_nettype none
module memory_crossing #(
    parameter T = 32,               // bits of the tape's words: 16, 32, ... 256, at least D
    parameter D = 16,               // bits of the memory's beats
    parameter A = 24,               // bits of an address in beats, at least 14
    parameter TAPE_LINES = 1024,    // lines of 32 bytes; the state begins behind them
    parameter DEPTH = 512,          // words of the tape's queue, a power of two, at least 64
    parameter C = (T > A + 8) ? T : A + 8
) (
    input  wire                   clk_i,
    input  wire                   rst_i,
    input  wire                   start_i,
    output wire                   valid_o,
    input  wire                   ready_i,
    output wire [T-1:0]           data_o,
    input  wire                   load_start_i,
    input  wire [23:0]            load_line_i,
    input  wire                   load_valid_i,
    output wire                   load_ready_o,
    input  wire [7:0]             load_data_i,
    output wire                   load_busy_o,
    input  wire                   state_valid_i,
    output wire                   state_ready_o,
    input  wire                   state_write_i,
    input  wire [23:0]            state_address_i,
    input  wire [7:0]             state_length_i,
    input  wire                   state_write_valid_i,
    output wire                   state_write_ready_o,
    input  wire [T-1:0]           state_write_data_i,
    output wire                   state_read_valid_o,
    output wire [T-1:0]           state_read_data_o,
    output reg  [1:0]             fault_o,

    input  wire                   memory_clk_i,
    input  wire                   memory_rst_i,
    output wire                   command_valid_o,
    input  wire                   command_ready_i,
    output wire [2:0]             command_kind_o,
    output wire [C-1:0]           command_data_o,
    output wire [$clog2(DEPTH):0] tape_room_o,
    input  wire                   tape_valid_i,
    input  wire                   tape_mark_i,
    input  wire [T-1:0]           tape_data_i,
    output wire [9:0]             reply_room_o,
    input  wire                   reply_valid_i,
    input  wire [1:0]             reply_kind_i,
    input  wire [T-1:0]           reply_data_i
);
    localparam [2:0] SEEK = 3'd0, WORD = 3'd1, LAST = 3'd2, READ = 3'd3, START = 3'd4, FENCE = 3'd5;
    localparam [1:0] STATE_WORD = 2'd0, FENCED = 2'd1, PASSED = 2'd2;
    localparam BYTES = T / 8;
    localparam BYTE_BITS = $clog2(BYTES);
    localparam LAST_BYTE = BYTES - 1;
    localparam LINE_SHIFT = $clog2(256 / D);            // a line to beats
    localparam BEAT_SHIFT = $clog2(D / 8);              // bytes to beats
    localparam STATE_BASE = TAPE_LINES << LINE_SHIFT;

    // What a line or a byte's address is in beats; the bits above A are of no memory.
    // verilator lint_off UNUSEDSIGNAL
    wire [A+55:0] load_beats = {{(A + 32){1'b0}}, load_line_i} << LINE_SHIFT;
    wire [A+23:0] state_beats = {{A{1'b0}}, state_address_i} >> BEAT_SHIFT;
    // verilator lint_on UNUSEDSIGNAL

    // Loading: bytes to words.
    reg                 seek_wanted;
    reg [A-1:0]         load_address;
    reg [T-1:0]         word;
    reg [BYTE_BITS-1:0] byte_at;
    reg                 word_full;
    reg [4:0]           line_byte;
    reg                 fence_wanted;   // a line is whole and no fence stands behind it
    reg                 fence_out;      // a fence is under way
    // The state port's burst.
    reg                 burst_asked;
    reg                 burst_writes;
    reg                 burst_words;    // its words are passing
    reg [A-1:0]         burst_address;
    reg [7:0]           burst_left;
    // The tape's start.
    reg                 start_wanted;
    reg                 mark_awaited;

    wire          command_ready;
    reg           command_valid;
    reg [2:0]     command_kind;
    reg [C-1:0]   command_data;
    wire          send_word = word_full;
    wire          send_seek = ~send_word & seek_wanted;
    wire          send_fence = ~send_word & ~seek_wanted & fence_wanted & ~fence_out;
    wire          send_start = ~send_word & ~seek_wanted & ~send_fence & start_wanted
                               & ~mark_awaited;
    wire          loading = word_full | seek_wanted | (line_byte != 0);
    wire          send_burst = ~loading & ~send_fence & ~send_start & burst_asked;
    wire          send_state = ~loading & ~send_fence & ~send_start & burst_words;

    always @* begin
        command_valid = send_word | send_seek | send_fence | send_start | send_burst
                        | (send_state & state_write_valid_i);
        command_kind = FENCE;
        command_data = {C{1'b0}};
        if (send_word) begin
            command_kind = WORD;
            command_data[T-1:0] = word;
        end else if (send_seek) begin
            command_kind = SEEK;
            command_data[A-1:0] = load_address;
        end else if (send_start) begin
            command_kind = START;
        end else if (send_burst) begin
            command_kind = burst_writes ? SEEK : READ;
            command_data[A+7:0] = {burst_left, burst_address};
        end else if (send_state) begin
            command_kind = (burst_left == 8'd1) ? LAST : WORD;
            command_data[T-1:0] = state_write_data_i;
        end
    end

    wire load_take = load_valid_i & load_ready_o;
    wire state_take = send_state & state_write_valid_i & command_ready;
    assign load_ready_o = ~word_full & ~seek_wanted & ~burst_asked & ~burst_words;
    assign load_busy_o = loading | fence_wanted | fence_out;
    assign state_ready_o = ~burst_asked & ~burst_words & ~loading;
    assign state_write_ready_o = send_state & command_ready;

    wire         reply_valid;
    wire [1:0]   reply_kind;
    wire [T-1:0] reply_data;
    assign state_read_valid_o = reply_valid & (reply_kind == STATE_WORD);
    assign state_read_data_o = reply_data;

    wire tape_valid;
    wire tape_mark;
    assign valid_o = tape_valid & ~tape_mark & ~start_wanted & ~mark_awaited;
    wire tape_ready = valid_o ? ready_i : 1'b1;

    always @(posedge clk_i) begin
        if (load_take) word <= {load_data_i, word[T-1:8]};
        if (load_start_i) load_address <= load_beats[A-1:0];
        if (rst_i) begin
            seek_wanted <= 1'b0;
            byte_at <= 0;
            word_full <= 1'b0;
            line_byte <= 5'd0;
            fence_wanted <= 1'b0;
            fence_out <= 1'b0;
            burst_asked <= 1'b0;
            burst_words <= 1'b0;
            start_wanted <= 1'b0;
            mark_awaited <= 1'b0;
            fault_o <= 2'b01;
        end else begin
            if (load_start_i) seek_wanted <= 1'b1;
            else if (send_seek & command_ready) seek_wanted <= 1'b0;
            if (load_take) begin
                byte_at <= (byte_at == LAST_BYTE[BYTE_BITS-1:0]) ? {BYTE_BITS{1'b0}}
                                                                 : byte_at + 1'b1;
                word_full <= (byte_at == LAST_BYTE[BYTE_BITS-1:0]);
                line_byte <= line_byte + 1'b1;
            end else if (send_word & command_ready) word_full <= 1'b0;
            if (load_take & (line_byte == 5'd31)) fence_wanted <= 1'b1;
            else if (send_fence & command_ready) fence_wanted <= 1'b0;
            if (send_fence & command_ready) fence_out <= 1'b1;
            else if (reply_valid & (reply_kind == FENCED)) fence_out <= 1'b0;

            if (state_valid_i & state_ready_o) burst_asked <= 1'b1;
            else if (send_burst & command_ready) burst_asked <= 1'b0;
            if (send_burst & command_ready) burst_words <= burst_writes;
            else if (state_take & (burst_left == 8'd1)) burst_words <= 1'b0;

            if (start_i) start_wanted <= 1'b1;
            else if (send_start & command_ready) start_wanted <= 1'b0;
            if (send_start & command_ready) mark_awaited <= 1'b1;
            else if (tape_valid & tape_mark) mark_awaited <= 1'b0;

            if (reply_valid & reply_kind[1]) fault_o <= (reply_kind == PASSED) ? 2'b00 : 2'b10;
        end
        if (state_valid_i & state_ready_o) begin
            burst_writes <= state_write_i;
            burst_address <= state_beats[A-1:0] + STATE_BASE[A-1:0];
            burst_left <= state_length_i;
        end else if (state_take) burst_left <= burst_left - 1'b1;
    end

    async_fifo #(.WIDTH(C + 3), .DEPTH(16)) commands (
        .in_clk_i(clk_i), .in_rst_i(rst_i), .in_valid_i(command_valid & ~rst_i),
        .in_ready_o(command_ready), .in_data_i({command_kind, command_data}),
        // verilator lint_off PINCONNECTEMPTY
        .in_room_o(),
        // verilator lint_on PINCONNECTEMPTY
        .out_clk_i(memory_clk_i), .out_rst_i(memory_rst_i), .out_valid_o(command_valid_o),
        .out_ready_i(command_ready_i), .out_data_o({command_kind_o, command_data_o})
    );

    // The memory's side counts room before it asks for words: ready need not be seen.
    async_fifo #(.WIDTH(T + 1), .DEPTH(DEPTH)) tape (
        .in_clk_i(memory_clk_i), .in_rst_i(memory_rst_i), .in_valid_i(tape_valid_i),
        // verilator lint_off PINCONNECTEMPTY
        .in_ready_o(),
        // verilator lint_on PINCONNECTEMPTY
        .in_data_i({tape_mark_i, tape_data_i}), .in_room_o(tape_room_o),
        .out_clk_i(clk_i), .out_rst_i(rst_i), .out_valid_o(tape_valid),
        .out_ready_i(tape_ready), .out_data_o({tape_mark, data_o})
    );

    async_fifo #(.WIDTH(T + 2), .DEPTH(512)) replies (
        .in_clk_i(memory_clk_i), .in_rst_i(memory_rst_i), .in_valid_i(reply_valid_i),
        // verilator lint_off PINCONNECTEMPTY
        .in_ready_o(),
        // verilator lint_on PINCONNECTEMPTY
        .in_data_i({reply_kind_i, reply_data_i}), .in_room_o(reply_room_o),
        .out_clk_i(clk_i), .out_rst_i(rst_i), .out_valid_o(reply_valid), .out_ready_i(1'b1),
        .out_data_o({reply_kind, reply_data})
    );
endmodule
`default_nettype wire
