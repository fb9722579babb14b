// SPDX-License-Identifier: Apache-2.0
// The KV caches of all slots, one memory each, what fills them, and the address that all of
// them are read at.
//
// A word of the keys holds K elements of one position, a word of the values one element
// of K positions: a score sums over elements, a mix over positions, so that both are dot
// products of whole words. A row is a position's key, HEAD_DIM / K words rounded up, or an
// element's values, K positions a word.
//
// Read: read_start_i for one cycle begins a pass over one head, with read_value_i and
//   read_head_i, which hold still until its last word. From two cycles later on each
//   read_enable_i reads a word, row after row, with read_last_i at a row's last; the data
//   is there two cycles later: column c's of slot c in decode, of the slot `slot_i` in
//   prefill. The columns run in lockstep, so that they share the address. Words beyond a
//   key's, where a head is padded to 16, read as its last: the query is 0 there.
// Store: `store_start_i` for one cycle moves the head vector that waits in the stage
//   buffer of each column 0 .. count-1, one column after another, to that column's
//   position.  Columns that share a slot must not share a position. No word is read
//   meanwhile.
// Latency: store_busy_o is high for count x n + 3 cycles, where n is the words of a key
//   or the elements of a value, HEAD_DIM.
// Resources: COLUMNS memories (kv_memory.v), a read multiplexer of COLUMNS words, two
//   products with constants.
`default_nettype none
module kv_store #(
    parameter FAMILY = "generic",
    parameter SPRAM = 0,            // kv_memory.v
    parameter K = 8,
    parameter COLUMNS = 2,
    parameter LAYERS = 2,
    parameter KV_HEADS = 2,
    parameter HEAD_DIM = 16,
    parameter MAX_SEQ = 64
) (
    input  wire                   clk_i,
    input  wire                   rst_i,
    // Where: hold while columns read or a store runs.
    input  wire [15:0]            layer_i,
    input  wire                   prefill_i,
    input  wire [7:0]             slot_i,
    input  wire [7:0]             count_i,
    input  wire [COLUMNS*16-1:0]  positions_i,
    // Read: the first column asks for all.
    /* verilator lint_off UNUSEDSIGNAL */
    input  wire [COLUMNS-1:0]     read_start_i,
    input  wire [COLUMNS-1:0]     read_value_i,
    input  wire [COLUMNS*8-1:0]   read_head_i,
    input  wire [COLUMNS-1:0]     read_enable_i,
    input  wire [COLUMNS-1:0]     read_last_i,
    /* verilator lint_on UNUSEDSIGNAL */
    output wire [COLUMNS*K*9-1:0] word_o,
    output wire [COLUMNS*4-1:0]   key_exponent_o,
    output wire [COLUMNS*4-1:0]   value_exponent_o,
    // Store
    input  wire                   store_start_i,
    input  wire                   store_value_i,
    input  wire [7:0]             store_head_i,
    output wire                   store_busy_o,
    output wire [7:0]             stage_address_o,
    input  wire [COLUMNS*K*9-1:0] stage_word_i,
    input  wire [COLUMNS*4-1:0]   stage_exponent_i
);
    localparam KEY_WORDS = (HEAD_DIM + K - 1) / K;              // of one
    localparam PADDED = (HEAD_DIM + 15) / 16 * 16 / K;
    localparam VALUE_STEPS = (MAX_SEQ + 15) / 16 * 16 / K;      // words of an element
    localparam ROWS = LAYERS * KV_HEADS;
    localparam VECTORS = ROWS * MAX_SEQ;
    localparam VALUES_AT = VECTORS * KEY_WORDS;
    localparam WORDS = VALUES_AT + ROWS * VALUE_STEPS * HEAD_DIM;
    localparam LANE_BITS = $clog2(K);
    localparam WORD_BITS = $clog2(WORDS);
    localparam VECTOR_BITS = $clog2(VECTORS);
    localparam HEAD_BITS = ROWS > 1 ? $clog2(ROWS) : 1;         // of all layers
    localparam POSITION_BITS = MAX_SEQ > 1 ? $clog2(MAX_SEQ) : 1;
    localparam [WORD_BITS-1:0] ELEMENTS = HEAD_DIM;
    localparam [WORD_BITS-1:0] KEY_SIZE = KEY_WORDS;
    localparam [WORD_BITS-1:0] ONE = 1;

    // Vectors lie by layer, head and position; the values' words after the keys', by
    // layer, head, K positions and element. First the head of all layers' is counted,
    // then where its words begin: a cycle each, for reads and stores alike.
    reg                 write_value;
    reg  [7:0]          write_head;
    reg  [HEAD_BITS-1:0] head;
    /* verilator lint_off UNUSEDSIGNAL */ // 32 bits to reckon in, fewer to address
    wire [31:0] head_counted = {16'd0, layer_i} * KV_HEADS
                               + {24'd0, store_busy_o ? write_head : read_head_i[7:0]};
    wire [31:0] head_wide = {{32 - HEAD_BITS{1'b0}}, head};
    wire [31:0] vectors_begin = head_wide * MAX_SEQ;
    wire [31:0] words_begin = (store_busy_o ? write_value : read_value_i[0])
                              ? head_wide * (VALUE_STEPS * HEAD_DIM) + VALUES_AT
                              : head_wide * (MAX_SEQ * KEY_WORDS);
    /* verilator lint_on UNUSEDSIGNAL */

    always @(posedge clk_i) head <= head_counted[HEAD_BITS-1:0];

    // Read: the address of the next word.
    reg                    read_begins;
    reg  [7:0]             key_word;
    reg  [WORD_BITS-1:0]   row_at;
    reg  [WORD_BITS-1:0]   read_at;
    reg  [VECTOR_BITS-1:0] read_vector;
    wire [WORD_BITS-1:0]   next_row = row_at + (read_value_i[0] ? ONE : KEY_SIZE);
    wire [WORD_BITS-1:0]   next_word = read_at + (read_value_i[0] ? ELEMENTS : ONE);
    wire                   stays = (PADDED != KEY_WORDS) & ~read_value_i[0]
                                   & (key_word == KEY_WORDS[7:0] - 8'd1);

    always @(posedge clk_i) begin
        read_begins <= read_start_i[0];
        if (read_begins | (read_enable_i[0] & read_last_i[0])) key_word <= 8'd0;
        else if (read_enable_i[0] & ~stays) key_word <= key_word + 1'b1;
        if (read_begins) begin
            row_at <= words_begin[WORD_BITS-1:0];
            read_at <= words_begin[WORD_BITS-1:0];
            read_vector <= vectors_begin[VECTOR_BITS-1:0];
        end else if (read_enable_i[0]) begin
            read_at <= read_last_i[0] ? next_row : stays ? read_at : next_word;
            if (read_last_i[0]) begin
                row_at <= next_row;
                read_vector <= read_vector + 1'b1;
            end
        end
    end

    // Store, stage 0: `column` and `index` are read from the stage buffers.
    reg        reading;
    reg        busy;
    reg  [7:0] column;
    reg  [7:0] index;
    reg  [3:1] writing;

    reg  [7:0] index_end;
    reg  [7:0] column_end;
    wire last_index = (index == index_end);

    assign store_busy_o = busy;
    assign stage_address_o = write_value ? index >> LANE_BITS : index;

    always @(posedge clk_i) begin
        writing <= rst_i ? 3'd0 : {writing[2:1], reading};
        busy <= ~rst_i & (store_start_i | reading | writing[1] | writing[2]);
        column_end <= count_i - 8'd1;
        if (store_start_i) begin
            index_end <= (store_value_i ? HEAD_DIM[7:0] : KEY_WORDS[7:0]) - 8'd1;
            write_value <= store_value_i;
            write_head <= store_head_i;
        end
        if (rst_i) begin
            reading <= 1'b0;
        end else if (store_start_i) begin
            reading <= 1'b1;
            column <= 8'd0;
            index <= 8'd0;
        end else if (reading) begin
            index <= last_index ? 8'd0 : index + 1'b1;
            if (last_index) column <= column + 1'b1;
            if (last_index & (column == column_end)) reading <= 1'b0;
        end
    end

    // Stage 1: what the column has to say.
    reg [7:0]     column_1;
    reg [7:0]     index_1;
    reg [9*K-1:0] word_1;
    reg [3:0]     exponent_1;
    reg [15:0]    position_1;

    integer c;

    always @(posedge clk_i) begin
        column_1 <= column;
        index_1 <= index;
    end
    always @* begin
        word_1 = 0;
        exponent_1 = 4'd0;
        position_1 = 16'd0;
        for (c = 0; c < COLUMNS; c = c + 1)
            if (column_1 == c[7:0]) begin
                word_1 = stage_word_i[9*K*c +: 9*K];
                exponent_1 = stage_exponent_i[4*c +: 4];
                position_1 = positions_i[16*c +: 16];
            end
    end

    // Stage 2: where it goes.
    reg  [7:0]               slot_2;
    reg  [7:0]               index_2;
    reg  [9*K-1:0]           word_2;
    reg  [3:0]               exponent_2;
    reg  [POSITION_BITS-1:0] position_2;
    reg  [WORD_BITS-1:0]     begin_2;
    reg  [VECTOR_BITS-1:0]   vectors_begin_2;
    wire [8:0]               element_2 = word_2[9 * index_2[LANE_BITS-1:0] +: 9];
    wire [LANE_BITS-1:0]     lane_2;
    /* verilator lint_off UNUSEDSIGNAL */ // as above
    wire [31:0] position_wide = {{32 - POSITION_BITS{1'b0}}, position_2};
    wire [31:0] offset_2 = (write_value ? (position_wide >> LANE_BITS) * HEAD_DIM
                                        : position_wide * KEY_WORDS) + {24'd0, index_2};
    /* verilator lint_on UNUSEDSIGNAL */
    assign lane_2 = position_wide[LANE_BITS-1:0];

    // Stage 3: written.
    reg [7:0]             slot_3;
    reg [K-1:0]           lanes_3;
    reg [9*K-1:0]         word_3;
    reg [3:0]             exponent_3;
    reg [WORD_BITS-1:0]   write_at;
    reg [VECTOR_BITS-1:0] write_vector;

    always @(posedge clk_i) begin
        slot_2 <= prefill_i ? slot_i : column_1;
        index_2 <= index_1;
        word_2 <= word_1;
        exponent_2 <= exponent_1;
        position_2 <= position_1[POSITION_BITS-1:0];
        begin_2 <= words_begin[WORD_BITS-1:0];
        vectors_begin_2 <= vectors_begin[VECTOR_BITS-1:0];

        slot_3 <= slot_2;
        lanes_3 <= write_value ? {{K-1{1'b0}}, 1'b1} << lane_2 : {K{1'b1}};
        word_3 <= write_value ? {K{element_2}} : word_2;
        exponent_3 <= exponent_2;
        write_at <= begin_2 + offset_2[WORD_BITS-1:0];
        write_vector <= vectors_begin_2 + position_wide[VECTOR_BITS-1:0];
    end

    // The memories, and what the columns read of them.
    wire [COLUMNS*K*9-1:0] words;       // by slot
    wire [COLUMNS*8-1:0]   exponents;   // a value's in the high half
    reg  [9*K-1:0]         shared_word; // of the slot `slot_i`
    reg  [7:0]             shared_exponents;

    always @* begin
        shared_word = 0;
        shared_exponents = 8'd0;
        for (c = 0; c < COLUMNS; c = c + 1)
            if (slot_i == c[7:0]) begin
                shared_word = words[9*K*c +: 9*K];
                shared_exponents = exponents[8*c +: 8];
            end
    end

    genvar g;
    generate
        for (g = 0; g < COLUMNS; g = g + 1) begin : slots
            localparam [7:0] OWN = g;

            kv_memory #(
                .FAMILY(FAMILY), .SPRAM(SPRAM), .K(K), .WORDS(WORDS), .VECTORS(VECTORS),
                .WORD_BITS(WORD_BITS), .VECTOR_BITS(VECTOR_BITS)
            ) memory (
                .clk_i(clk_i),
                .write_enable_i(writing[3] & (slot_3 == OWN)),
                .write_value_i(write_value),
                .write_word_at_i(write_at),
                .write_vector_at_i(write_vector),
                .write_lanes_i(lanes_3),
                .write_word_i(word_3),
                .write_exponent_i(exponent_3),
                .read_enable_i(read_enable_i[g]),
                .read_word_at_i(read_at),
                .read_vector_at_i(read_vector),
                .word_o(words[9*K*g +: 9*K]),
                .key_exponent_o(exponents[8*g +: 4]),
                .value_exponent_o(exponents[8*g+4 +: 4])
            );

            assign word_o[9*K*g +: 9*K] = prefill_i ? shared_word : words[9*K*g +: 9*K];
            assign {value_exponent_o[4*g +: 4], key_exponent_o[4*g +: 4]} =
                prefill_i ? shared_exponents : exponents[8*g +: 8];
        end
    endgenerate

    wire unused = &{1'b0, position_1};
endmodule
`default_nettype wire
