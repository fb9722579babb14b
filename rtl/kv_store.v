// SPDX-License-Identifier: Apache-2.0
// The KV caches of all slots, one memory each, and what fills them.
//
// Read: column c gives an address in cycle t and has its data in cycle t + 2: of
//   slot c in decode, of the slot `slot_i` in prefill.  The columns run in lockstep,
//   so in prefill the memory may take its own column's address for all of them. Layer, head
//   and kind hold still from two cycles before the first address on.
// Store: `store_start_i` for one cycle moves the head vector that waits in the stage
//   buffer of each column 0 .. count-1, one column after another, to that column's
//   position.  Columns that share a slot must not share a position.
//   A head's last block may be padded: words beyond HEAD_DIM are not kept, and read as its
//   last word, as the query is 0 there.
// Latency: store_busy_o is high for count * ceil(HEAD_DIM / K) + 2 cycles.
// Resources: COLUMNS memories (kv_memory.v), a read multiplexer of COLUMNS words.
`default_nettype none
module kv_store #(
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
    localparam HEAD_WORDS = (HEAD_DIM + K - 1) / K;
    localparam [7:0] LAST_WORD = HEAD_WORDS - 1;
    localparam VECTORS = LAYERS * KV_HEADS * MAX_SEQ;
    localparam WORDS = 2 * VECTORS * HEAD_WORDS;
    localparam WORD_BITS = $clog2(WORDS);
    localparam VECTOR_BITS = $clog2(VECTORS);

    // Vectors lie by layer, head and position; the values' words after the keys'. The part
    // that no read of a pass changes is a register.
    function [31:0] first_vector;
        input [15:0] of_layer;
        input [7:0] head;
        first_vector = ({16'd0, of_layer} * KV_HEADS + {24'd0, head}) * MAX_SEQ;
    endfunction

    // Store: `column` and `index` are read from the stage buffers, and one cycle
    // later, as write_column and write_index, on their way to the memory.
    reg        reading;
    reg  [7:0] column;
    reg  [7:0] index;
    reg        writing;
    reg  [7:0] write_column;
    reg  [7:0] write_index;
    reg        write_value;
    reg  [7:0] write_head;

    wire last_index = (index == LAST_WORD);
    wire [7:0] write_slot = prefill_i ? slot_i : write_column;

    reg        stored;          // in this cycle

    assign store_busy_o = reading | writing | stored;
    assign stage_address_o = index;

    always @(posedge clk_i) begin
        writing <= reading & ~rst_i;
        write_column <= column;
        write_index <= index;
        stored <= writing & ~rst_i;
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
    /* verilator lint_off UNUSEDSIGNAL */ // 32 bits to reckon in, fewer to address
    reg  [31:0] store_first;
    wire [31:0] store_vector = store_first + {16'd0, write_position};
    wire [31:0] store_at = (store_vector + (write_value ? VECTORS : 32'd0)) * HEAD_WORDS
                           + {24'd0, write_index};
    /* verilator lint_on UNUSEDSIGNAL */
    reg [7:0]             stored_slot;
    reg [VECTOR_BITS-1:0] stored_vector;
    reg [WORD_BITS-1:0]   stored_at;
    reg [9*K-1:0]         stored_word;
    reg [3:0]             stored_exponent;
    always @(posedge clk_i) begin
        store_first <= first_vector(layer_i, write_head);
        stored_slot <= write_slot;
        stored_vector <= store_vector[VECTOR_BITS-1:0];
        stored_at <= store_at[WORD_BITS-1:0];
        stored_word <= write_word;
        stored_exponent <= write_exponent;
    end

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
            reg  [31:0] first;
            reg  [31:0] first_kind;     // of the keys or the values
            always @(posedge clk_i) begin
                first <= first_vector(layer_i, read_head_i[8*g +: 8]);
                first_kind <= first_vector(layer_i, read_head_i[8*g +: 8])
                              + (read_value_i[g] ? VECTORS : 32'd0);
            end
            wire [31:0] read_vector = first + {16'd0, read_position_i[16*g +: 16]};
            wire [31:0] read_row = first_kind + {16'd0, read_position_i[16*g +: 16]};
            wire [7:0] index_asked = read_index_i[8*g +: 8];
            wire [7:0] index_kept = (index_asked > LAST_WORD) ? LAST_WORD : index_asked;
            wire [31:0] read_at = read_row * HEAD_WORDS + {24'd0, index_kept};
            /* verilator lint_on UNUSEDSIGNAL */

            kv_memory #(
                .K(K), .WORDS(WORDS), .VECTORS(VECTORS),
                .WORD_BITS(WORD_BITS), .VECTOR_BITS(VECTOR_BITS)
            ) memory (
                .clk_i(clk_i),
                .write_enable_i(stored & (stored_slot == OWN)),
                .write_value_i(write_value),
                .write_word_at_i(stored_at),
                .write_vector_at_i(stored_vector),
                .write_word_i(stored_word),
                .write_exponent_i(stored_exponent),
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
