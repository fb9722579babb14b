// SPDX-License-Identifier: Apache-2.0
// A plain model of the ECP5's block RAM, after Lattice's FPGA-TN-02204 (memory usage
// guide): 18,432 bits with two ports of 1, 2, 4, 9, 18 or 36 bits each, 36 only as one port
// that writes (A) and one that reads (B).
//
// Addresses count bits of ADx13..0 whatever the width; a byte has nine bits, of which
// widths below 9 use eight.  With 18 and 36 bits the lowest address bits enable bytes.
// WRITEMODE: a port that writes keeps its output (NORMAL), shows the new word
// (WRITETHROUGH) or the old one (READBEFOREWRITE).  A port that reads what the other
// writes at the same edge gets the old word; the part does not promise that, and the
// design does not use it.
`default_nettype none
// verilator lint_off UNUSED
// verilator lint_off DECLFILENAME
// verilator lint_off WIDTH
// verilator lint_off MULTIDRIVEN
module DP16KD #(
    parameter DATA_WIDTH_A = 18,
    parameter DATA_WIDTH_B = 18,
    parameter REGMODE_A = "NOREG",
    parameter REGMODE_B = "NOREG",
    parameter RESETMODE = "SYNC",
    parameter ASYNC_RESET_RELEASE = "SYNC",
    parameter WRITEMODE_A = "NORMAL",
    parameter WRITEMODE_B = "NORMAL",
    parameter CSDECODE_A = "0b000",
    parameter CSDECODE_B = "0b000",
    parameter CLKAMUX = "CLKA",
    parameter CLKBMUX = "CLKB",
    parameter GSR = "ENABLED",
    parameter INIT_DATA = "STATIC",
    parameter [319:0] INITVAL_00 = 320'd0,
    parameter [319:0] INITVAL_01 = 320'd0,
    parameter [319:0] INITVAL_02 = 320'd0,
    parameter [319:0] INITVAL_03 = 320'd0,
    parameter [319:0] INITVAL_04 = 320'd0,
    parameter [319:0] INITVAL_05 = 320'd0,
    parameter [319:0] INITVAL_06 = 320'd0,
    parameter [319:0] INITVAL_07 = 320'd0,
    parameter [319:0] INITVAL_08 = 320'd0,
    parameter [319:0] INITVAL_09 = 320'd0,
    parameter [319:0] INITVAL_0A = 320'd0,
    parameter [319:0] INITVAL_0B = 320'd0,
    parameter [319:0] INITVAL_0C = 320'd0,
    parameter [319:0] INITVAL_0D = 320'd0,
    parameter [319:0] INITVAL_0E = 320'd0,
    parameter [319:0] INITVAL_0F = 320'd0,
    parameter [319:0] INITVAL_10 = 320'd0,
    parameter [319:0] INITVAL_11 = 320'd0,
    parameter [319:0] INITVAL_12 = 320'd0,
    parameter [319:0] INITVAL_13 = 320'd0,
    parameter [319:0] INITVAL_14 = 320'd0,
    parameter [319:0] INITVAL_15 = 320'd0,
    parameter [319:0] INITVAL_16 = 320'd0,
    parameter [319:0] INITVAL_17 = 320'd0,
    parameter [319:0] INITVAL_18 = 320'd0,
    parameter [319:0] INITVAL_19 = 320'd0,
    parameter [319:0] INITVAL_1A = 320'd0,
    parameter [319:0] INITVAL_1B = 320'd0,
    parameter [319:0] INITVAL_1C = 320'd0,
    parameter [319:0] INITVAL_1D = 320'd0,
    parameter [319:0] INITVAL_1E = 320'd0,
    parameter [319:0] INITVAL_1F = 320'd0,
    parameter [319:0] INITVAL_20 = 320'd0,
    parameter [319:0] INITVAL_21 = 320'd0,
    parameter [319:0] INITVAL_22 = 320'd0,
    parameter [319:0] INITVAL_23 = 320'd0,
    parameter [319:0] INITVAL_24 = 320'd0,
    parameter [319:0] INITVAL_25 = 320'd0,
    parameter [319:0] INITVAL_26 = 320'd0,
    parameter [319:0] INITVAL_27 = 320'd0,
    parameter [319:0] INITVAL_28 = 320'd0,
    parameter [319:0] INITVAL_29 = 320'd0,
    parameter [319:0] INITVAL_2A = 320'd0,
    parameter [319:0] INITVAL_2B = 320'd0,
    parameter [319:0] INITVAL_2C = 320'd0,
    parameter [319:0] INITVAL_2D = 320'd0,
    parameter [319:0] INITVAL_2E = 320'd0,
    parameter [319:0] INITVAL_2F = 320'd0,
    parameter [319:0] INITVAL_30 = 320'd0,
    parameter [319:0] INITVAL_31 = 320'd0,
    parameter [319:0] INITVAL_32 = 320'd0,
    parameter [319:0] INITVAL_33 = 320'd0,
    parameter [319:0] INITVAL_34 = 320'd0,
    parameter [319:0] INITVAL_35 = 320'd0,
    parameter [319:0] INITVAL_36 = 320'd0,
    parameter [319:0] INITVAL_37 = 320'd0,
    parameter [319:0] INITVAL_38 = 320'd0,
    parameter [319:0] INITVAL_39 = 320'd0,
    parameter [319:0] INITVAL_3A = 320'd0,
    parameter [319:0] INITVAL_3B = 320'd0,
    parameter [319:0] INITVAL_3C = 320'd0,
    parameter [319:0] INITVAL_3D = 320'd0,
    parameter [319:0] INITVAL_3E = 320'd0,
    parameter [319:0] INITVAL_3F = 320'd0
) (
    input  wire
        DIA0, DIA1, DIA2, DIA3, DIA4, DIA5, DIA6, DIA7, DIA8, DIA9, DIA10, DIA11, DIA12, DIA13,
        DIA14, DIA15, DIA16, DIA17, DIB0, DIB1, DIB2, DIB3, DIB4, DIB5, DIB6, DIB7, DIB8, DIB9,
        DIB10, DIB11, DIB12, DIB13, DIB14, DIB15, DIB16, DIB17, ADA0, ADA1, ADA2, ADA3, ADA4,
        ADA5, ADA6, ADA7, ADA8, ADA9, ADA10, ADA11, ADA12, ADA13, ADB0, ADB1, ADB2, ADB3, ADB4,
        ADB5, ADB6, ADB7, ADB8, ADB9, ADB10, ADB11, ADB12, ADB13,
    input  wire CLKA, CEA, OCEA, WEA, RSTA, CSA0, CSA1, CSA2,
    input  wire CLKB, CEB, OCEB, WEB, RSTB, CSB0, CSB1, CSB2,
    output wire
        DOA0, DOA1, DOA2, DOA3, DOA4, DOA5, DOA6, DOA7, DOA8, DOA9, DOA10, DOA11, DOA12, DOA13,
        DOA14, DOA15, DOA16, DOA17, DOB0, DOB1, DOB2, DOB3, DOB4, DOB5, DOB6, DOB7, DOB8, DOB9,
        DOB10, DOB11, DOB12, DOB13, DOB14, DOB15, DOB16, DOB17
);
    localparam PAIRED = DATA_WIDTH_A == 36 || DATA_WIDTH_B == 36;
    localparam [64*320-1:0] SLICES = {
        INITVAL_3F, INITVAL_3E, INITVAL_3D, INITVAL_3C, INITVAL_3B, INITVAL_3A, INITVAL_39,
        INITVAL_38, INITVAL_37, INITVAL_36, INITVAL_35, INITVAL_34, INITVAL_33, INITVAL_32,
        INITVAL_31, INITVAL_30, INITVAL_2F, INITVAL_2E, INITVAL_2D, INITVAL_2C, INITVAL_2B,
        INITVAL_2A, INITVAL_29, INITVAL_28, INITVAL_27, INITVAL_26, INITVAL_25, INITVAL_24,
        INITVAL_23, INITVAL_22, INITVAL_21, INITVAL_20, INITVAL_1F, INITVAL_1E, INITVAL_1D,
        INITVAL_1C, INITVAL_1B, INITVAL_1A, INITVAL_19, INITVAL_18, INITVAL_17, INITVAL_16,
        INITVAL_15, INITVAL_14, INITVAL_13, INITVAL_12, INITVAL_11, INITVAL_10, INITVAL_0F,
        INITVAL_0E, INITVAL_0D, INITVAL_0C, INITVAL_0B, INITVAL_0A, INITVAL_09, INITVAL_08,
        INITVAL_07, INITVAL_06, INITVAL_05, INITVAL_04, INITVAL_03, INITVAL_02, INITVAL_01,
        INITVAL_00
    };

    reg [8:0]  memory [0:2047];
    reg [35:0] read_a, read_b, out_a, out_b;
    integer    i;

    // A slice has sixteen halves of 18 bits, each in 20.
    initial begin
        for (i = 0; i < 2048; i = i + 1)
            memory[i] = SLICES[(i / 2) * 20 + (i % 2) * 9 +: 9];
    end

    wire [13:0] address_a = {
        ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0
    };
    wire [13:0] address_b = {
        ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0
    };
    wire [17:0] in_a = {
        DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5,
        DIA4, DIA3, DIA2, DIA1, DIA0
    };
    wire [17:0] in_b = {
        DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5,
        DIB4, DIB3, DIB2, DIB1, DIB0
    };

    // The word of `width` bits at `address`.
    function [35:0] word(input [31:0] width, input [13:0] address);
        case (width)
            36: word = {memory[{address[13:5], 2'd3}], memory[{address[13:5], 2'd2}],
                        memory[{address[13:5], 2'd1}], memory[{address[13:5], 2'd0}]};
            18: word = {18'd0, memory[{address[13:4], 1'b1}], memory[{address[13:4], 1'b0}]};
            9: word = {27'd0, memory[address[13:3]]};
            4: word = {32'd0, memory[address[13:3]][{1'b0, address[2], 2'd0} +: 4]};
            2: word = {34'd0, memory[address[13:3]][{1'b0, address[2:1], 1'b0} +: 2]};
            default: word = {35'd0, memory[address[13:3]][{1'b0, address[2:0]}]};
        endcase
    endfunction

    task put(input [31:0] width, input [13:0] address, input [35:0] value);
        case (width)
            36: begin
                if (address[0]) memory[{address[13:5], 2'd0}] <= value[8:0];
                if (address[1]) memory[{address[13:5], 2'd1}] <= value[17:9];
                if (address[2]) memory[{address[13:5], 2'd2}] <= value[26:18];
                if (address[3]) memory[{address[13:5], 2'd3}] <= value[35:27];
            end
            18: begin
                if (address[0]) memory[{address[13:4], 1'b0}] <= value[8:0];
                if (address[1]) memory[{address[13:4], 1'b1}] <= value[17:9];
            end
            9: memory[address[13:3]] <= value[8:0];
            4: memory[address[13:3]][{1'b0, address[2], 2'd0} +: 4] <= value[3:0];
            2: memory[address[13:3]][{1'b0, address[2:1], 1'b0} +: 2] <= value[1:0];
            default: memory[address[13:3]][{1'b0, address[2:0]}] <= value[0];
        endcase
    endtask

    wire clock_a = CLKA ^ (CLKAMUX == "INV");
    wire clock_b = CLKB ^ (CLKBMUX == "INV");

    always @(posedge clock_a)
        if (CEA) begin
            out_a <= read_a;
            if (WEA === 1'b1) put(DATA_WIDTH_A, address_a, {in_b, in_a});
            if (RSTA === 1'b1) read_a <= 36'd0;
            else if (WEA !== 1'b1 || WRITEMODE_A == "READBEFOREWRITE")
                read_a <= word(DATA_WIDTH_A, address_a);
            else if (WRITEMODE_A == "WRITETHROUGH") read_a <= {in_b, in_a};
        end
    always @(posedge clock_b)
        if (CEB) begin
            out_b <= read_b;
            if (WEB === 1'b1 && !PAIRED) put(DATA_WIDTH_B, address_b, {18'd0, in_b});
            if (RSTB === 1'b1) read_b <= 36'd0;
            else if (WEB !== 1'b1 || PAIRED || WRITEMODE_B == "READBEFOREWRITE")
                read_b <= word(DATA_WIDTH_B, address_b);
            else if (WRITEMODE_B == "WRITETHROUGH") read_b <= {18'd0, in_b};
        end

    wire [35:0] shown_a = (REGMODE_A == "OUTREG") ? out_a : read_a;
    wire [35:0] shown_b = (REGMODE_B == "OUTREG") ? out_b : read_b;
    assign {
        DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5,
        DOA4, DOA3, DOA2, DOA1, DOA0
    } = PAIRED ? shown_b[17:0] : shown_a[17:0];
    assign {
        DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5,
        DOB4, DOB3, DOB2, DOB1, DOB0
    } = PAIRED ? ((DATA_WIDTH_B == 36) ? shown_b[35:18] : shown_b[17:0])
        : shown_b[17:0];
endmodule
`default_nettype wire
