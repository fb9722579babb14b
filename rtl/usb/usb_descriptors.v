// SPDX-License-Identifier: Apache-2.0
// The USB descriptors, in one ROM, and where each begins.
//
// Look up: type and index, as in wValue of GET_DESCRIPTOR; found_o, start_o and length_o the
//   same cycle.  MS_SET_TYPE, which no descriptor has, is Microsoft's OS 2.0 set (a vendor
//   request with wIndex 7, as its BOS capability announces).  Configurations depend on the
//   speed; a device without high speed has no qualifier and no other speed.
// Read: byte_o one cycle after at_i.
// Resources: 351 bytes of block RAM.
`default_nettype none
module usb_descriptors #(
    parameter HIGH_SPEED = 1,
    parameter [15:0] VENDOR = 16'h1209,
    parameter [15:0] PRODUCT = 16'h0001,
    parameter [63:0] SERIAL = 64'h3030303030303030      // ASCII, the first letter lowest
) (
    input  wire       clk_i,
    input  wire       is_high_i,        // the speed that is in use
    input  wire [7:0] type_i,
    input  wire [7:0] index_i,
    output reg        found_o,
    output reg  [8:0] start_o,
    output reg  [7:0] length_o,
    input  wire [8:0] at_i,
    output reg  [7:0] byte_o
);
    localparam BYTES = 351;
    localparam [8*BYTES-1:0] CONTENT = {
        // 0: device: USB 2.01, vendor-specific, EP0 of 64 bytes
        128'h12010102ff0000400912010000020102,
        16'h0301,
        // 18: device qualifier
        80'h0a060102ff0000400100,
        // 28: configuration with packets of 64 bytes
        128'h0902200001010080fa0904000002ff00,
        128'h00000705010240000007058102400000,
        // 60: configuration with packets of 512 bytes
        128'h0902200001010080fa0904000002ff00,
        128'h00000705010200020007058102000200,
        // 92: string 0: US English
        32'h04030904,
        // 96: string 1: "Millrace"
        128'h12034d0069006c006c00720061006300,
        16'h6500,
        // 114: string 2: "accelerator"
        128'h180361006300630065006c0065007200,
        64'h610074006f007200,
        // 138: string 3, its letters filled in below
        128'h12033000300030003000300030003000,
        16'h3000,
        // 156: BOS: the platform capability of MS OS 2.0
        128'h050f2100011c100500df60ddd88945c7,
        128'h4c9cd2659d9e648a9f00000306a20020,
        8'h00,
        // 189: MS OS 2.0 set: WinUSB, and an interface GUID
        128'h0a00000000000306a200140003005749,
        128'h4e555342000000000000000000008400,
        128'h040007002a0044006500760069006300,
        128'h650049006e0074006500720066006100,
        128'h63006500470055004900440073000000,
        128'h50007b00350042003800450033004300,
        128'h370041002d0033004400300045002d00,
        128'h34004500360042002d00390043003600,
        128'h46002d00360044003600390036004300,
        128'h3600430037003200360031007d000000,
        16'h0000
    };
    localparam [7:0] DEVICE = 8'd1, CONFIGURATION = 8'd2, STRING = 8'd3, QUALIFIER = 8'd6,
                     OTHER_SPEED = 8'd7, BOS = 8'd15, MS_SET_TYPE = 8'hFF;

    reg [7:0] rom [0:511];
    integer i;
    initial begin
        for (i = 0; i < 512; i = i + 1) rom[i] = 8'd0;
        for (i = 0; i < BYTES; i = i + 1) rom[i] = CONTENT[8*(BYTES-1-i) +: 8];
        {rom[9], rom[8]} = VENDOR;
        {rom[11], rom[10]} = PRODUCT;
        for (i = 0; i < 8; i = i + 1) rom[138 + 2 + 2 * i] = SERIAL[8*i +: 8];
    end
    always @(posedge clk_i) byte_o <= rom[at_i];

    wire wants_high = (type_i == OTHER_SPEED) ^ is_high_i;
    always @* begin
        found_o = (index_i == 8'd0);
        start_o = 9'd0;
        length_o = 8'd0;
        case (type_i)
            DEVICE: {start_o, length_o} = {9'd0, 8'd18};
            CONFIGURATION: {start_o, length_o} = {wants_high ? 9'd60 : 9'd28, 8'd32};
            OTHER_SPEED: begin
                {start_o, length_o} = {wants_high ? 9'd60 : 9'd28, 8'd32};
                found_o = (index_i == 8'd0) & (HIGH_SPEED != 0);
            end
            QUALIFIER: begin
                {start_o, length_o} = {9'd18, 8'd10};
                found_o = (index_i == 8'd0) & (HIGH_SPEED != 0);
            end
            STRING: begin
                found_o = (index_i <= 8'd3);
                case (index_i[1:0])
                    2'd0: {start_o, length_o} = {9'd92, 8'd4};
                    2'd1: {start_o, length_o} = {9'd96, 8'd18};
                    2'd2: {start_o, length_o} = {9'd114, 8'd24};
                    2'd3: {start_o, length_o} = {9'd138, 8'd18};
                endcase
            end
            BOS: {start_o, length_o} = {9'd156, 8'd33};
            MS_SET_TYPE: {start_o, length_o} = {9'd189, 8'd162};
            default: found_o = 1'b0;
        endcase
    end
endmodule
`default_nettype wire
