// SPDX-License-Identifier: Apache-2.0
// The arithmetic of a serial column: an accumulator A, an operand M of its adder, a factor Y
// of the one multiplier, a memory, the function table.  gen/serial/instruction.h says what
// each field of the instruction does.
//
// Timing: a word that the instruction addresses can be taken into M by the next one, a chord
//   of the table by the one after that which left its argument in M, a product by the third
//   one after that which made its factors.
// Load: load_write_i writes load_data_i while the program is idle.
// Resources: three adders' worth of A_BITS registers and multiplexers, one 18 x 18 bit
//   multiplier, WORDS x 32 bits and the table in block RAM.
`default_nettype none
module serial_datapath #(
    parameter FAMILY = "generic",
    parameter MULTIPLIER_BITS = 18,
    parameter A_BITS = 49,
    parameter TOTAL_BITS = 41,
    parameter ADDRESS_BITS = 10,
    parameter POINTER_BITS = 10,
    parameter DATA_FILE = "",
    parameter TABLE_FILE = ""
) (
    input  wire                    clk_i,
    input  wire [39:0]             instruction_i,
    input  wire                    load_write_i,
    input  wire [ADDRESS_BITS-1:0] load_address_i,
    input  wire [31:0]             load_data_i,
    // What the program can read
    input  wire [15:0]             source_i,
    input  wire [15:0]             target_i,
    input  wire [15:0]             count_i,
    input  wire [15:0]             rows_i,
    input  wire [15:0]             positions_i,
    input  wire [7:0]              head_i,
    input  wire [5:0]              shift_i,
    input  wire [3:0]              shift2_i,
    input  wire [47:0]             constant_i,
    input  wire [TOTAL_BITS-1:0]   total_i,
    input  wire [3:0]              value_exponent_i,
    // The counters' loads (serial_control.v)
    output wire [POINTER_BITS-1:0] value_o,
    output wire                    load_loop_o,
    output wire                    load_shift_o,
    output wire                    shift_to_exponent_o,
    output wire                    shifts_o,
    input  wire                    shifting_i,
    output reg                     flag_o,
    // Results
    output wire                    row_start_o,
    output wire                    mantissa_write_o,
    output reg  [POINTER_BITS-1:0] element_o,       // where the mantissa goes, a row's operands are
    output wire [8:0]              mantissa_o,
    output reg  [4:0]              exponent_o,
    output wire [17:0]             logit_o,
    output wire [POINTER_BITS-1:0] row_o
);
    // Fields
    wire [9:0] literal = instruction_i[9:0];
    wire [1:0] address_mode = instruction_i[11:10];
    wire       advances = instruction_i[12];
    wire       writes = instruction_i[13];
    wire [1:0] operand = instruction_i[15:14];
    wire       inverts = instruction_i[16];
    wire       takes_factor = instruction_i[17];
    wire       factor_is_low = instruction_i[18];
    wire [2:0] operation = instruction_i[21:19];
    wire [1:0] carry = instruction_i[23:22];
    wire       conditional = instruction_i[24];
    wire [1:0] flag_from = instruction_i[26:25];
    wire [2:0] loads = instruction_i[29:27];
    wire       loads_literal = instruction_i[30];
    wire [1:0] exponent_does = instruction_i[32:31];
    wire [1:0] signals = instruction_i[34:33];
    wire unused = &{1'b0, instruction_i[39:35]};

    localparam [1:0] AT_FIRST = 2'd1, AT_SECOND = 2'd2, BY_SIGN = 2'd3;
    localparam [1:0] FROM_MEMORY = 2'd1, FROM_PRODUCT = 2'd2, FROM_FIELD = 2'd3;
    localparam [2:0] CLEAR = 3'd1, ADD = 3'd2, SHIFT = 3'd3, HALVE = 3'd4;
    localparam [1:0] SIGN = 2'd1, BEYOND = 2'd2, NOT_NEGATIVE = 2'd3;
    localparam [2:0] TO_FIRST = 3'd1, TO_SECOND = 3'd2, TO_ELEMENT = 3'd3, TO_LOOP = 3'd4,
                     TO_SHIFT = 3'd5, EXPONENT_TO_SHIFT = 3'd6;
    localparam [1:0] EXPONENT_CLEARS = 2'd1, EXPONENT_COUNTS = 2'd2;
    localparam [1:0] MANTISSA = 2'd1, ROW = 2'd2;

    reg signed [A_BITS-1:0]  a;
    reg        [A_BITS-1:0]  m;
    reg signed [17:0]        y;
    reg                      shifted_out;       // the last bit that left A
    reg [POINTER_BITS-1:0]   first, second;     // pointers
    wire                     negative = a[A_BITS-1];
    wire                     goes = ~conditional | flag_o;

    // ---- Memory
    reg [31:0]              memory_out;
    reg [ADDRESS_BITS-1:0]  address;
    wire                    write = load_write_i | (writes & goes);
    always @* begin
        case (address_mode)
            AT_FIRST: address = first[ADDRESS_BITS-1:0];
            AT_SECOND: address = second[ADDRESS_BITS-1:0] | literal[ADDRESS_BITS-1:0];
            BY_SIGN: address = {literal[ADDRESS_BITS-1:1], negative};
            default: address = literal[ADDRESS_BITS-1:0];
        endcase
        if (load_write_i) address = load_address_i;
    end
    (* no_rw_check *) reg [31:0] memory [0:(1<<ADDRESS_BITS)-1];
    initial if (DATA_FILE != "") $readmemh(DATA_FILE, memory);
    always @(posedge clk_i) begin
        if (write) memory[address] <= load_write_i ? load_data_i : a[31:0];
        memory_out <= memory[address];
    end

    // ---- Function table
    reg [35:0] chord;
    reg [35:0] chords [0:511];
    initial if (TABLE_FILE != "") $readmemh(TABLE_FILE, chords);
    always @(posedge clk_i) chord <= chords[m[17:9]];
    wire signed [26:0] base = {chord[35:18], 9'd0};
    wire signed [17:0] slope = chord[17:0];

    // ---- What M can be
    wire signed [35:0] product;
    wide_multiplier #(.FAMILY(FAMILY), .BITS(MULTIPLIER_BITS)) multiply (
        .clk_i(clk_i), .a_i(y), .b_i(m[17:0]), .product_o(product)
    );

    reg [A_BITS-1:0] field;
    always @* begin
        field = 0;
        case (literal[3:0])
            4'd1: field[15:0] = source_i;
            4'd2: field[15:0] = target_i;
            4'd3: field[15:0] = count_i;
            4'd4: field[15:0] = rows_i;
            4'd5: field[15:0] = positions_i;
            4'd6: field[7:0] = head_i;
            4'd7: field[5:0] = shift_i;
            4'd8: field[3:0] = shift2_i;
            4'd9: field[47:0] = constant_i;
            4'd10: field = {{A_BITS-TOTAL_BITS-8{total_i[TOTAL_BITS-1]}}, total_i, 8'd0};
            4'd11: field = {{A_BITS-27{base[26]}}, base};
            4'd12: field = {{A_BITS-18{slope[17]}}, slope};
            4'd13: field[4:0] = exponent_o;
            4'd14: field[3:0] = value_exponent_i;
            default: field = 0;
        endcase
    end

    wire [A_BITS-1:0] chosen =
        ((operand == FROM_MEMORY) ? {{A_BITS-32{memory_out[31]}}, memory_out} : {A_BITS{1'b0}})
        | ((operand == FROM_PRODUCT) ? {{A_BITS-36{product[35]}}, product} : {A_BITS{1'b0}})
        | ((operand == FROM_FIELD) ? field : {A_BITS{1'b0}});

    // ---- The accumulator
    // The upper bits are added for either carry into them, which then chooses: a chain of all
    // would bound the clock.  The carry into the lower ones is made by two bits before them:
    // `carry` and what was shifted out are added, so that it is their majority.
    localparam LOW = A_BITS / 2;
    localparam HIGH = A_BITS - LOW;
    wire [LOW+2:0] low = {1'b0, a[LOW-1:0], carry[0], shifted_out}
                         + {1'b0, m[LOW-1:0], carry[1], shifted_out};
    wire [HIGH-1:0] high = a[A_BITS-1:LOW] + m[A_BITS-1:LOW];
    wire [HIGH-1:0] high_and_one = a[A_BITS-1:LOW] + m[A_BITS-1:LOW] + 1'b1;
    wire [A_BITS-1:0] sum = {low[LOW+2] ? high_and_one : high, low[LOW+1:2]};
    wire sum_negative = sum[A_BITS-1];
    wire shifts = ((operation == SHIFT) & shifting_i) | ((operation == HALVE) & flag_o);
    wire unused_low = &{1'b0, low[1:0]};

    always @(posedge clk_i) begin
        if (operand != 2'd0) m <= inverts ? ~chosen : chosen;
        if (takes_factor) y <= {factor_is_low ? 9'd0 : m[17:9], m[8:0]};

        if ((operation == CLEAR) & goes) a <= 0;
        else if (shifts) a <= a >>> 1;
        else if ((operation == ADD) & goes) a <= sum;
        if (load_shift_o) shifted_out <= 1'b0;
        else if (shifts) shifted_out <= a[0];

        case (flag_from)
            SIGN: flag_o <= sum_negative;
            BEYOND: flag_o <= (sum_negative == negative);
            NOT_NEGATIVE: flag_o <= ~sum_negative;
            default: ;
        endcase
    end

    // ---- Pointers and counters
    assign value_o = loads_literal ? literal[POINTER_BITS-1:0] : a[POINTER_BITS-1:0];
    assign load_loop_o = (loads == TO_LOOP);
    assign shift_to_exponent_o = (loads == EXPONENT_TO_SHIFT);
    assign load_shift_o = (loads == TO_SHIFT) | shift_to_exponent_o;
    assign shifts_o = (operation == SHIFT);
    assign row_start_o = (signals == ROW);
    assign mantissa_write_o = (signals == MANTISSA);

    always @(posedge clk_i) begin
        if (loads == TO_FIRST) first <= value_o;
        else if (advances & (address_mode == AT_FIRST)) first <= first + 1'b1;
        if (loads == TO_SECOND) second <= value_o;
        else if (advances & (address_mode == AT_SECOND)) second <= second + 1'b1;
        if (loads == TO_ELEMENT) element_o <= value_o;
        else if (mantissa_write_o) element_o <= element_o + 1'b1;
        if (exponent_does == EXPONENT_CLEARS) exponent_o <= 5'd0;
        else if ((exponent_does == EXPONENT_COUNTS) & flag_o) exponent_o <= exponent_o + 1'b1;
    end

    assign mantissa_o = a[8:0];
    assign logit_o = a[17:0];
    assign row_o = second;
endmodule
`default_nettype wire
