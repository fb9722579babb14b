// SPDX-License-Identifier: Apache-2.0
// Reads the tape: prefetches it, takes the operators' header lines apart, passes
// the payload on and checks the checksums of each header and of the whole tape.
//
// Memory: `mem_start_o` for one cycle asks for the tape from line 0; the first
//   word that the memory shows after that cycle is word 0.  The tape repeats: after
//   its last line comes line 0 again, so the prefetch never stops between passes.
// Headers: while header_valid_o is high payload_data_o is word header_at_o of a header line, and
//   taken where header_ready_i is, too.  When it has been checked, op_valid_o holds
//   until op_ready_i.  The operator's payload, if it has one, then comes on payload_*,
//   payload_last_o with the last word of it, and the next header only after that.
// Errors: error is 1 after a header with a wrong magic or checksum, 2 after an
//   END whose tape checksum is wrong; the reader stands still until `restart_i`.
//   A tape error is shown with the END, which is given out all the same, so
//   that a pass always ends in one or the other.
// Latency: LINE/T + 1 cycles from a header's first word to op_valid_o.
// Resources: DEPTH x T bits of block RAM, two CRC steps of T bits, about 150 registers.
`default_nettype none
module tape_reader #(
    parameter T = 64,               // bits of the memory bus: 16, 32, ... 256
    parameter DEPTH = 512           // words prefetched, a power of two
) (
    input  wire         clk_i,
    input  wire         rst_i,
    input  wire         restart_i,
    output wire         mem_start_o,
    input  wire         mem_valid_i,
    output wire         mem_ready_o,
    input  wire [T-1:0] mem_data_i,
    input  wire         header_ready_i,
    output wire         header_valid_o,
    output wire [3:0]   header_at_o,
    output wire         op_valid_o,
    input  wire         op_ready_i,
    output wire         op_is_end_o,
    output wire         payload_valid_o,
    input  wire         payload_ready_i,
    output wire [T-1:0] payload_data_o,
    output wire         payload_last_o,
    output wire [1:0]   error_o
);
    localparam LINE = 256;
    localparam LINE_WORDS = LINE / T;
    localparam [31:0] CRC_RESIDUE = 32'h2144DF1C;
    localparam [7:0] MAGIC = 8'hA5;
    localparam [7:0] OPCODE_END = 8'd6;
    // A counter of the words in a line; one bit even where a line is one word.
    localparam WORD_BITS = (LINE_WORDS > 1) ? $clog2(LINE_WORDS) : 1;
    localparam LAST_WORD = LINE_WORDS - 1;
    localparam LINE_BITS = 24;          // of a number of lines, as in a LOAD
    // Bits of the header line, and the words that they are in.
    localparam LINES_AT = 128, CRC_AT = 160;
    localparam LINES_WORD = LINES_AT / T, LINES_HIGH_WORD = (LINES_AT + 16) / T;
    localparam CRC_WORD = CRC_AT / T, CRC_HIGH_WORD = (CRC_AT + 16) / T;

    localparam [2:0] HEADER = 3'd0, CHECK = 3'd1, OFFER = 3'd2, PAYLOAD = 3'd3, FAILED = 3'd4;

    reg [2:0]           state;
    reg [1:0]           fault;
    reg [WORD_BITS-1:0] word;
    reg [LINE_BITS-1:0] lines_left;
    reg [31:0]          crc_before_header;
    reg                 magic_good;
    reg                 is_end;
    reg [1:0]           crc_matches;    // END's checksum, of the tape before it
    reg                 started;

    wire         word_valid;
    wire         word_ready;
    wire [T-1:0] word_data;
    wire         again = rst_i | restart_i;

    assign mem_start_o = ~started;

    fifo #(.WIDTH(T), .DEPTH(DEPTH)) prefetch (
        .clk_i(clk_i), .rst_i(rst_i), .flush_i(restart_i | mem_start_o),
        .in_valid_i(mem_valid_i), .in_ready_o(mem_ready_o), .in_data_i(mem_data_i),
        .out_valid_o(word_valid), .out_ready_i(word_ready), .out_data_o(word_data)
    );

    assign word_ready = ((state == HEADER) & header_ready_i)
                        | ((state == PAYLOAD) & payload_ready_i);
    wire taken = word_valid & word_ready;
    wire line_ends = (word == LAST_WORD[WORD_BITS-1:0]);

    wire [31:0] header_crc;
    crc32 #(.WIDTH(T)) header_check (
        .clk_i(clk_i), .clear_i(again | (state == OFFER)),
        .valid_i(taken & (state == HEADER)), .data_i(word_data), .crc_o(header_crc)
    );

    wire [31:0] tape_crc;
    wire tape_ends = (state == OFFER) & is_end;
    crc32 #(.WIDTH(T)) tape_check (
        .clk_i(clk_i), .clear_i(again | tape_ends), .valid_i(taken),
        .data_i(word_data), .crc_o(tape_crc)
    );

    assign header_valid_o = word_valid & (state == HEADER);
    assign header_at_o = {{(4-WORD_BITS){1'b0}}, word};
    assign op_valid_o = (state == OFFER);
    assign op_is_end_o = is_end;
    assign payload_valid_o = (state == PAYLOAD) & word_valid;
    assign payload_data_o = word_data;
    assign payload_last_o = (lines_left == 1) & line_ends;
    assign error_o = fault;

    // What the reader itself wants of a header: what stands there when a word is taken stays.
    wire [31:0] crc_before_end = (LINE_WORDS == 1) ? tape_crc : crc_before_header;
    always @(posedge clk_i)
        if (state == HEADER) begin
            if (word == 0) begin
                magic_good <= (word_data[7:0] == MAGIC);
                is_end <= (word_data[15:8] == OPCODE_END);
                crc_before_header <= tape_crc;
            end
            if (header_at_o == CRC_WORD[3:0])
                crc_matches[0] <= (word_data[CRC_AT%T +: 16] == crc_before_end[15:0]);
            if (header_at_o == CRC_HIGH_WORD[3:0])
                crc_matches[1] <= (word_data[(CRC_AT+16)%T +: 16] == crc_before_end[31:16]);
        end

    wire header_good = (header_crc == CRC_RESIDUE) & magic_good;
    wire tape_good = ~is_end | (crc_matches == 2'b11);

    always @(posedge clk_i) begin
        started <= ~again;
        if (again) begin
            state <= HEADER;
            fault <= 2'd0;
            word <= 0;
        end else begin
            if (taken) word <= line_ends ? {WORD_BITS{1'b0}} : word + 1'b1;
            case (state)
                HEADER: begin
                    if (header_at_o == LINES_WORD[3:0])
                        lines_left[15:0] <= word_data[LINES_AT%T +: 16];
                    if (header_at_o == LINES_HIGH_WORD[3:0])
                        lines_left[LINE_BITS-1:16] <= word_data[(LINES_AT+16)%T +: LINE_BITS-16];
                    if (taken & line_ends) state <= CHECK;
                end
                CHECK: begin
                    state <= header_good ? OFFER : FAILED;
                    if (~header_good) fault <= 2'd1;
                    else if (~tape_good) fault <= 2'd2;
                end
                OFFER: if (op_ready_i)
                    state <= (fault != 0) ? FAILED : (lines_left == 0) ? HEADER : PAYLOAD;
                PAYLOAD: if (taken & line_ends) begin
                    lines_left <= lines_left - 1'b1;
                    if (lines_left == 1) state <= HEADER;
                end
                default: state <= FAILED;
            endcase
        end
    end
endmodule
`default_nettype wire
