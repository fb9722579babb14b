// SPDX-License-Identifier: Apache-2.0
// Carries out the commands of memory_crossing: plays the tape, writes what is loaded,
// serves the state port.  It asks the memory for bursts of 8 beats that begin at a
// multiple of 8.
//
// Requests: request_* holds until request_ready_i; the memory serves them in order.  A
//   write's 8 beats are handed over on beat_* before it is asked for, those that the
//   command did not write with beat_mask_o.  Words read come back on read_* in order,
//   with request_state_o of their request.
// Tape: a line is asked for when all of it fits into the queue beyond what is under
//   way, so what comes back never waits.  Other requests go first.
// Timing: a request a cycle at most; a line of the tape can be asked for two cycles
//   after the one before.
// Resources: some 200 registers and 2 (2 T - D) for gathering.
`default_nettype none
module memory_requests #(
    parameter T = 32,
    parameter D = 16,
    parameter A = 24,               // bits of an address in beats, at least 14
    parameter TAPE_LINES = 1024,
    parameter DEPTH = 512,
    parameter C = (T > A + 8) ? T : A + 8
) (
    input  wire                   clk_i,
    input  wire                   rst_i,
    input  wire                   tested_i,     // the memory's test has ended: work may begin
    input  wire                   failed_i,     // and this is how
    input  wire                   command_valid_i,
    output wire                   command_ready_o,
    input  wire [2:0]             command_kind_i,
    input  wire [C-1:0]           command_data_i,
    input  wire [$clog2(DEPTH):0] tape_room_i,
    output wire                   tape_valid_o,
    output wire                   tape_mark_o,
    output wire [T-1:0]           tape_data_o,
    input  wire [9:0]             reply_room_i,
    output reg                    reply_valid_o,
    output reg  [1:0]             reply_kind_o,
    output reg  [T-1:0]           reply_data_o,
    output reg                    request_valid_o,
    input  wire                   request_ready_i,
    output reg                    request_write_o,
    output reg                    request_state_o,
    output reg  [A-4:0]           request_address_o,    // in bursts
    output wire                   beat_valid_o,
    input  wire                   beat_ready_i,
    output wire [D-1:0]           beat_data_o,
    output wire                   beat_mask_o,
    input  wire                   read_valid_i,
    input  wire                   read_state_i,
    input  wire [D-1:0]           read_data_i
);
    localparam [2:0] SEEK = 3'd0, WORD = 3'd1, LAST = 3'd2, READ = 3'd3, START = 3'd4, FENCE = 3'd5;
    localparam [1:0] STATE_WORD = 2'd0, FENCED = 2'd1, PASSED = 2'd2, FAILED = 2'd3;
    localparam BEATS = T / D;                           // a word
    localparam WORD_SHIFT = $clog2(BEATS);
    localparam LINE_WORDS = 256 / T;
    localparam LINE_BURSTS = 256 / (8 * D);             // 1 or 2
    localparam TAPE_BURSTS = TAPE_LINES * LINE_BURSTS;
    localparam LAST_BURST = TAPE_BURSTS - 1;
    localparam BITS = $clog2(DEPTH);
    // Two lines may be asked for before `tape_fits` knows of the first.
    localparam LINE_ROOM = 3 * LINE_WORDS;
    localparam LINE_RESERVED = LINE_WORDS;
    localparam [9:0] REPLY_SPARE = 10'd264;             // a burst of 255 words, and answers

    // What is written: words taken apart into beats.
    reg [T-1:0] word;
    reg [4:0]   beats_left;         // of the word
    reg [2:0]   skip_left;          // masked beats ahead of a burst's first
    reg         pad;                // masked beats after the last, to the end of 8
    reg         some_beats;         // beats_left and
    reg         some_skips;         // skip_left are not 0
    reg         writing;            // any of these four
    reg [A-1:0] write_at;
    reg         write_wanted;       // 8 beats are handed over
    reg [A-4:0] write_burst;
    // What the state port reads.
    reg         read_wanted;
    reg [A-4:0] read_burst;
    reg [A-4:0] read_last;
    reg [2:0]   drop_left;          // beats ahead of the first word
    reg [12:0]  keep_left;          // beats to give
    reg         keeping;            // some are left
    // The tape.
    reg         playing;
    reg         stopping;           // no more lines until what is under way has come
    reg [A-4:0] tape_burst;
    reg [BITS+1:0] reserved;        // words asked for that have not come
    reg         tape_fits;
    reg         may_start;          // nothing of the play before is under way
    reg         reply_fits;         // the longest burst
    reg         told;               // how the test went

    wire request_free = ~request_valid_o | request_ready_i;
    wire take_write = request_free & write_wanted;
    wire take_read = request_free & ~write_wanted & read_wanted;
    wire line_begins = (LINE_BURSTS == 1) | ~tape_burst[0];
    wire tape_wanted = line_begins ? playing & ~stopping & tape_fits : 1'b1;
    wire take_tape = request_free & ~write_wanted & ~read_wanted & tape_wanted;

    wire tape_valid;
    wire state_valid;

    // Commands are taken when the one before has ended; a start waits for the tape.
    wire reading = read_wanted | keeping;
    wire may_read = ~reading & reply_fits;
    assign command_ready_o = told & ~writing
                             & ((command_kind_i == START) ? may_start
                                : (command_kind_i == READ) ? may_read
                                : (command_kind_i == FENCE) ? ~reading & ~state_valid
                                : 1'b1);
    wire command = command_valid_i & command_ready_o;
    wire start = command & (command_kind_i == START);
    wire seek = command & (command_kind_i == SEEK);
    // Waits for none of what the others wait for; spelt out, as much follows from it.
    wire write = command_valid_i & told & ~writing
                 & ((command_kind_i == WORD) | (command_kind_i == LAST));
    wire read = command & (command_kind_i == READ);

    // Beats of a write: masked ones up to the first, the word's, masked ones to the end.
    assign beat_valid_o = (some_skips | some_beats | pad) & ~write_wanted;
    assign beat_mask_o = some_skips | ~some_beats;
    assign beat_data_o = word[D-1:0];
    wire beat = beat_valid_o & beat_ready_i;
    wire burst_ends = beat & (&write_at[2:0]);
    wire word_beat = beat & ~some_skips & some_beats;
    reg  beats_next;                // whether some will be left
    reg  skips_next;
    reg  pad_next;
    reg  wanted_next;

    always @* begin
        skips_next = seek ? (command_data_i[2:0] != 0)
                          : some_skips & ~(beat & (skip_left == 3'd1));
        beats_next = write | (some_beats & ~(word_beat & (beats_left == 5'd1)));
        // The last word may itself end the 8, and then there is nothing to pad.
        pad_next = write ? (command_kind_i == LAST)
                         : pad & ~(burst_ends & ~some_skips & (beats_left <= 5'd1));
        wanted_next = burst_ends | (write_wanted & ~take_write);
    end

    wire [A-1:0]  read_from = command_data_i[A-1:0];
    wire [7:0]    read_words = command_data_i[A+7:A];
    wire [12:0]   read_beats = {5'd0, read_words} << WORD_SHIFT;
    // verilator lint_off UNUSEDSIGNAL
    wire [A-1:0]  read_to = read_from + {{(A - 13){1'b0}}, read_beats} - 1'b1;
    // verilator lint_on UNUSEDSIGNAL

    reg  mark;
    assign tape_mark_o = mark;
    assign tape_valid_o = tape_valid | mark;
    memory_gather #(.T(T), .D(D)) tape (
        .clk_i(clk_i), .rst_i(rst_i), .valid_i(read_valid_i & ~read_state_i),
        .data_i(read_data_i), .valid_o(tape_valid), .data_o(tape_data_o)
    );

    wire [T-1:0] state_data;
    wire         state_beat = read_valid_i & read_state_i;
    wire         keep = state_beat & (drop_left == 0) & keeping;
    memory_gather #(.T(T), .D(D)) state (
        .clk_i(clk_i), .rst_i(rst_i),
        .valid_i(keep),
        .data_i(read_data_i), .valid_o(state_valid), .data_o(state_data)
    );

    always @(posedge clk_i) begin
        reply_kind_o <= ~told ? (failed_i ? FAILED : PASSED) : state_valid ? STATE_WORD : FENCED;
        reply_data_o <= state_data;
        reply_valid_o <= ~rst_i & ((tested_i & ~told) | state_valid
                                   | (command & (command_kind_i == FENCE)));
        if (rst_i) told <= 1'b0;
        else if (tested_i) told <= 1'b1;
    end

    always @(posedge clk_i) begin
        if (rst_i) begin
            beats_left <= 5'd0;
            skip_left <= 3'd0;
            pad <= 1'b0;
            write_wanted <= 1'b0;
            some_beats <= 1'b0;
            some_skips <= 1'b0;
            writing <= 1'b0;
        end else begin
            beats_left <= write ? BEATS[4:0] : beats_left - {4'd0, word_beat};
            skip_left <= seek ? command_data_i[2:0] : skip_left - {2'd0, beat & some_skips};
            pad <= pad_next;
            write_wanted <= wanted_next;
            some_beats <= beats_next;
            some_skips <= skips_next;
            writing <= beats_next | skips_next | pad_next | wanted_next;
        end
        if (seek) write_at <= {command_data_i[A-1:3], 3'd0};
        else if (beat) write_at <= write_at + 1'b1;
        if (burst_ends) write_burst <= write_at[A-1:3];
        if (write) word <= command_data_i[T-1:0];
        else if (beat & ~some_skips) word <= word >> D;
    end

    always @(posedge clk_i) begin
        if (rst_i) begin
            read_wanted <= 1'b0;
            drop_left <= 3'd0;
            keep_left <= 13'd0;
            keeping <= 1'b0;
        end else begin
            if (read) read_wanted <= 1'b1;
            else if (take_read & (read_burst == read_last)) read_wanted <= 1'b0;
            if (read) drop_left <= read_from[2:0];
            else if (state_beat & (drop_left != 0)) drop_left <= drop_left - 1'b1;
            if (read) keep_left <= read_beats;
            else if (keep) keep_left <= keep_left - 1'b1;
            if (read) keeping <= 1'b1;
            else if (keep & (keep_left == 13'd1)) keeping <= 1'b0;
        end
        if (read) read_burst <= read_from[A-1:3];
        else if (take_read) read_burst <= read_burst + 1'b1;
        if (read) read_last <= read_to[A-1:3];
    end

    wire reserve = take_tape & line_begins;
    always @(posedge clk_i) begin
        if (rst_i) begin
            playing <= 1'b0;
            stopping <= 1'b0;
            tape_burst <= 0;
            reserved <= 0;
            tape_fits <= 1'b0;
        end else begin
            if (start) playing <= 1'b1;
            stopping <= command_valid_i & (command_kind_i == START) & ~start;
            if (start) tape_burst <= 0;
            else if (take_tape)
                tape_burst <= (tape_burst == LAST_BURST[A-4:0]) ? {(A - 3){1'b0}}
                                                                : tape_burst + 1'b1;
            reserved <= reserved + (reserve ? LINE_RESERVED[BITS+1:0] : {(BITS + 2){1'b0}})
                        - {{(BITS + 1){1'b0}}, tape_valid};
            tape_fits <= ({1'b0, tape_room_i} >= reserved + LINE_ROOM[BITS+1:0]);
        end
        mark <= start & ~rst_i;
        may_start <= ~rst_i & told & stopping & ~start & ~writing & ~reading & (reserved == 0)
                     & line_begins & tape_fits;
        reply_fits <= (reply_room_i > REPLY_SPARE);
    end

    always @(posedge clk_i) begin
        if (rst_i) request_valid_o <= 1'b0;
        else if (request_free) request_valid_o <= take_write | take_read | take_tape;
        if (request_free) begin
            request_write_o <= take_write;
            request_state_o <= take_read;
            request_address_o <= take_write ? write_burst : take_read ? read_burst : tape_burst;
        end
    end
endmodule
`default_nettype wire
