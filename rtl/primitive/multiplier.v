// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// A multiplier of BITS x BITS, each with a sign or without, with registers before and
// behind it, as the FPGA has it: 18 bits on the ECP5 (MULT18X18D), 16 on the iCE40 (SB_MAC16), a
// model of either width everywhere else.
//
// Timing: product_o belongs to the inputs of two cycles ago.
// Resources: one of the primitives. Yosys neither puts registers into an ECP5's
// multiplier nor keeps those of an iCE40's with `synth_ice40 -dsp`: that option
// must not be given. nextpnr takes an ECP5's multiplier as registered only where
// both inputs and the output are.
module multiplier #(
    parameter FAMILY = "generic",
    parameter BITS   = 18,
    parameter [0:0] A_SIGNED = 1'b1,
    parameter [0:0] B_SIGNED = 1'b1
) (
    input wire clk_i,
    input wire [BITS-1:0] a_i,
    input wire [BITS-1:0] b_i,
    output wire [2*BITS-1:0] product_o
);

  generate
    if (FAMILY == "ecp5") begin : g_ecp5
      MULT18X18D #(
          .REG_INPUTA_CLK("CLK0"),
          .REG_INPUTA_CE("CE0"),
          .REG_INPUTA_RST("RST0"),
          .REG_INPUTB_CLK("CLK0"),
          .REG_INPUTB_CE("CE0"),
          .REG_INPUTB_RST("RST0"),
          .REG_INPUTC_CLK("NONE"),
          .REG_PIPELINE_CLK("NONE"),
          .REG_OUTPUT_CLK("CLK0"),
          .REG_OUTPUT_CE("CE0"),
          .REG_OUTPUT_RST("RST0"),
          .CLK0_DIV("ENABLED"),
          .GSR("DISABLED"),
          .MULT_BYPASS("DISABLED"),
          .RESETMODE("SYNC"),
          .SOURCEB_MODE("B_SHIFT")
      ) dsp (
          .CLK0(clk_i), .CLK1(1'b0), .CLK2(1'b0), .CLK3(1'b0),
          .CE0(1'b1), .CE1(1'b1), .CE2(1'b1), .CE3(1'b1),
          .RST0(1'b0), .RST1(1'b0), .RST2(1'b0), .RST3(1'b0),
          .SIGNEDA(A_SIGNED), .SIGNEDB(B_SIGNED), .SOURCEA(1'b0), .SOURCEB(1'b0),
          .A0(a_i[0]), .A1(a_i[1]), .A2(a_i[2]), .A3(a_i[3]), .A4(a_i[4]), .A5(a_i[5]),
          .A6(a_i[6]), .A7(a_i[7]), .A8(a_i[8]), .A9(a_i[9]), .A10(a_i[10]), .A11(a_i[11]),
          .A12(a_i[12]), .A13(a_i[13]), .A14(a_i[14]), .A15(a_i[15]), .A16(a_i[16]), .A17(a_i[17]),
          .B0(b_i[0]), .B1(b_i[1]), .B2(b_i[2]), .B3(b_i[3]), .B4(b_i[4]), .B5(b_i[5]),
          .B6(b_i[6]), .B7(b_i[7]), .B8(b_i[8]), .B9(b_i[9]), .B10(b_i[10]), .B11(b_i[11]),
          .B12(b_i[12]), .B13(b_i[13]), .B14(b_i[14]), .B15(b_i[15]), .B16(b_i[16]), .B17(b_i[17]),
          .P0(product_o[0]), .P1(product_o[1]), .P2(product_o[2]),
          .P3(product_o[3]), .P4(product_o[4]), .P5(product_o[5]),
          .P6(product_o[6]), .P7(product_o[7]), .P8(product_o[8]),
          .P9(product_o[9]), .P10(product_o[10]), .P11(product_o[11]),
          .P12(product_o[12]), .P13(product_o[13]), .P14(product_o[14]),
          .P15(product_o[15]), .P16(product_o[16]), .P17(product_o[17]),
          .P18(product_o[18]), .P19(product_o[19]), .P20(product_o[20]),
          .P21(product_o[21]), .P22(product_o[22]), .P23(product_o[23]),
          .P24(product_o[24]), .P25(product_o[25]), .P26(product_o[26]),
          .P27(product_o[27]), .P28(product_o[28]), .P29(product_o[29]),
          .P30(product_o[30]), .P31(product_o[31]), .P32(product_o[32]),
          .P33(product_o[33]), .P34(product_o[34]), .P35(product_o[35])
      );
    end else if (FAMILY == "ice40") begin : g_ice40
      SB_MAC16 #(
          .A_REG(1'b1),
          .B_REG(1'b1),
          .PIPELINE_16x16_MULT_REG2(1'b1),
          .TOPOUTPUT_SELECT(2'b11),
          .BOTOUTPUT_SELECT(2'b11),
          .MODE_8x8(1'b0),
          .A_SIGNED(A_SIGNED),
          .B_SIGNED(B_SIGNED)
      ) dsp (
          .CLK(clk_i),
          .CE(1'b1),
          .A(a_i),
          .B(b_i),
          .C(16'd0),
          .D(16'd0),
          .AHOLD(1'b0), .BHOLD(1'b0), .CHOLD(1'b0), .DHOLD(1'b0),
          .IRSTTOP(1'b0), .IRSTBOT(1'b0), .ORSTTOP(1'b0), .ORSTBOT(1'b0),
          .OLOADTOP(1'b0), .OLOADBOT(1'b0), .ADDSUBTOP(1'b0), .ADDSUBBOT(1'b0),
          .OHOLDTOP(1'b0), .OHOLDBOT(1'b0), .CI(1'b0), .ACCUMCI(1'b0), .SIGNEXTIN(1'b0),
          .O(product_o)
      );
    end else begin : g_generic
      reg signed [2*BITS-1:0] a;
      reg signed [2*BITS-1:0] b;
      reg [2*BITS-1:0] product;

      always @(posedge clk_i) begin
        a <= {{BITS{A_SIGNED & a_i[BITS-1]}}, a_i};
        b <= {{BITS{B_SIGNED & b_i[BITS-1]}}, b_i};
        product <= a * b;
      end

      assign product_o = product;
    end
  endgenerate

endmodule

`default_nettype wire
