// SPDX-License-Identifier: Apache-2.0
// The KV caches of all slots, one memory each, and what fills them.
//
// A word of the keys holds K elements of one position, a word of the values one element
// of K positions: a score sums over elements, a mix over positions, so that both are dot
// products of whole words.
//
// Read: column c gives an address in cycle t and has its data in cycle t + 2: of
//   slot c in decode, of the slot `slot_i` in prefill.  A value's address is its first
//   position, a multiple of K, and the element as index.  The columns run in lockstep,
//   so in prefill the memory may take its own column's address for all of them.
// Store: `store_start_i` for one cycle moves the head vector that waits in the stage
//   buffer of each column 0 .. count-1, one column after another, to that column's
//   position.  Columns that share a slot must not share a position.
// Latency: store_busy_o is high for count x n + 1 cycles, where n is the words of a key,
//   HEAD_DIM padded to 16 / K, or the elements of a value, HEAD_DIM.
// Resources: COLUMNS memories (kv_memory.v), a read multiplexer of COLUMNS words.
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
    // Read
    input  wire [COLUMNS-1:0]     read_enable_i,
    input  wire [COLUMNS-1:0]     read_value_i,
    input  wire [COLUMNS*8-1:0]   read_head_i,
    input  wire [COLUMNS*16-1:0]  read_position_i,
    input  wire [COLUMNS*8-1:0]   read_index_i,
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
    localparam HEAD_WORDS = ((HEAD_DIM + 15) / 16) * 16 / K;
    localparam VECTORS = LAYERS * KV_HEADS * MAX_SEQ;
    localparam KEY_WORDS = VECTORS * HEAD_WORDS;
    localparam VALUE_STEPS = (MAX_SEQ + 15) / 16 * 16 / K;     // words of an element
    localparam WORDS = KEY_WORDS + LAYERS * KV_HEADS * VALUE_STEPS * HEAD_DIM;
    localparam LANE_BITS = $clog2(K);
    localparam WORD_BITS = $clog2(WORDS);
    localparam VECTOR_BITS = $clog2(VECTORS);

    // Vectors lie by layer, head and position; the values' words after the keys', by
    // layer, head, K positions and element.
    function [31:0] vector_at;
        input [15:0] of_layer;
        input [7:0] head;
        input [15:0] position;
        vector_at = ({16'd0, of_layer} * KV_HEADS + {24'd0, head}) * MAX_SEQ
                    + {16'd0, position};
    endfunction

    function [31:0] word_at;
        input is_value;
        input [15:0] of_layer;
        input [7:0] head;
        input [15:0] position;
        input [7:0] index;
        reg [31:0] row;
        begin
            row = {16'd0, of_layer} * KV_HEADS + {24'd0, head};
            word_at = is_value
                ? (row * VALUE_STEPS + ({16'd0, position} >> LANE_BITS)) * HEAD_DIM + KEY_WORDS
                : (row * MAX_SEQ + {16'd0, position}) * HEAD_WORDS;
            word_at = word_at + {24'd0, index};
        end
    endfunction

    // Store: `column` and `index` are read from the stage buffers, and one cycle
    // later, as write_column and write_index, written.
    reg        reading;
    reg  [7:0] column;
    reg  [7:0] index;
    reg        writing;
    reg  [7:0] write_column;
    reg  [7:0] write_index;
    reg        write_value;
    reg  [7:0] write_head;

    wire last_index = (index == (write_value ? HEAD_DIM[7:0] : HEAD_WORDS[7:0]) - 8'd1);
    wire [7:0] write_slot = prefill_i ? slot_i : write_column;

    assign store_busy_o = reading | writing;
    assign stage_address_o = write_value ? index >> LANE_BITS : index;

    always @(posedge clk_i) begin
        writing <= reading & ~rst_i;
        write_column <= column;
        write_index <= index;
        if (rst_i) begin
            reading <= 1'b0;
        end else if (store_start_i) begin
            reading <= 1'b1;
            column <= 8'd0;
            index <= 8'd0;
            write_value <= store_value_i;
            write_head <= store_head_i;
        end else if (reading) begin
            index <= last_index ? 8'd0 : index + 1'b1;
            if (last_index) column <= column + 1'b1;
            if (last_index & (column + 8'd1 == count_i)) reading <= 1'b0;
        end
    end

    integer c;

    // What the column that is being written has to say.
    reg [9*K-1:0] write_word;
    reg [3:0]     write_exponent;
    reg [15:0]    write_position;
    always @* begin
        write_word = 0;
        write_exponent = 4'd0;
        write_position = 16'd0;
        for (c = 0; c < COLUMNS; c = c + 1)
            if (write_column == c[7:0]) begin
                write_word = stage_word_i[9*K*c +: 9*K];
                write_exponent = stage_exponent_i[4*c +: 4];
                write_position = positions_i[16*c +: 16];
            end
    end
    wire [8:0] write_element = write_word[9 * write_index[LANE_BITS-1:0] +: 9];
    wire [K-1:0] write_lanes =
        write_value ? {{(K-1){1'b0}}, 1'b1} << write_position[LANE_BITS-1:0] : {K{1'b1}};
    /* verilator lint_off UNUSEDSIGNAL */ // 32 bits to reckon in, fewer to address
    wire [31:0] write_vector = vector_at(layer_i, write_head, write_position);
    wire [31:0] write_at =
        word_at(write_value, layer_i, write_head, write_position, write_index);
    /* verilator lint_on UNUSEDSIGNAL */

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
            /* verilator lint_off UNUSEDSIGNAL */ // as above
            wire [31:0] read_vector =
                vector_at(layer_i, read_head_i[8*g +: 8], read_position_i[16*g +: 16]);
            wire [31:0] read_at =
                word_at(read_value_i[g], layer_i, read_head_i[8*g +: 8],
                        read_position_i[16*g +: 16], read_index_i[8*g +: 8]);
            /* verilator lint_on UNUSEDSIGNAL */

            kv_memory #(
                .FAMILY(FAMILY), .SPRAM(SPRAM), .K(K), .WORDS(WORDS), .VECTORS(VECTORS),
                .WORD_BITS(WORD_BITS), .VECTOR_BITS(VECTOR_BITS)
            ) memory (
                .clk_i(clk_i),
                .write_enable_i(writing & (write_slot == OWN)),
                .write_value_i(write_value),
                .write_word_at_i(write_at[WORD_BITS-1:0]),
                .write_vector_at_i(write_vector[VECTOR_BITS-1:0]),
                .write_lanes_i(write_lanes),
                .write_word_i(write_value ? {K{write_element}} : write_word),
                .write_exponent_i(write_exponent),
                .read_enable_i(read_enable_i[g]),
                .read_word_at_i(read_at[WORD_BITS-1:0]),
                .read_vector_at_i(read_vector[VECTOR_BITS-1:0]),
                .word_o(words[9*K*g +: 9*K]),
                .key_exponent_o(exponents[8*g +: 4]),
                .value_exponent_o(exponents[8*g+4 +: 4])
            );

            assign word_o[9*K*g +: 9*K] = prefill_i ? shared_word : words[9*K*g +: 9*K];
            assign {value_exponent_o[4*g +: 4], key_exponent_o[4*g +: 4]} =
                prefill_i ? shared_exponents : exponents[8*g +: 8];
        end
    endgenerate
endmodule
`default_nettype wire
