// SPDX-License-Identifier: Apache-2.0
// Sends one frame of the link: 0xA7, the type, the length, the payload, the CRC-32.
//
// Start: `start` for one cycle with kind and length, while not busy.
// Payload: exactly `length` bytes by payload_valid/payload_ready.
// busy falls when the last byte of the CRC has gone.
// Latency: six bytes before the payload's first.  Resources: about 120 registers,
//   one CRC step of 8 bits.
`default_nettype none
module packet_transmitter (
    input  wire        clk,
    input  wire        rst,
    input  wire        start,
    input  wire [7:0]  kind,
    input  wire [31:0] length,
    output wire        busy,
    input  wire        payload_valid,
    output wire        payload_ready,
    input  wire [7:0]  payload_data,
    output wire        out_valid,
    input  wire        out_ready,
    output reg  [7:0]  out_data
);
    localparam [7:0] START = 8'hA7;
    localparam [1:0] IDLE = 2'd0, HEADER = 2'd1, PAYLOAD = 2'd2, CHECKSUM = 2'd3;

    reg [1:0]  state;
    reg [2:0]  byte_at;
    reg [7:0]  kind_sent;
    reg [31:0] left;

    wire moved = out_valid & out_ready;
    wire [31:0] crc;
    // The first byte is not part of the checksum.
    crc32 #(.WIDTH(8)) checksum (
        .clk(clk), .clear((state == IDLE) | ((state == HEADER) & (byte_at == 3'd0))),
        .valid(moved & (state != CHECKSUM)), .data(out_data), .crc(crc)
    );

    assign busy = (state != IDLE);
    assign out_valid = (state == PAYLOAD) ? payload_valid : busy;
    assign payload_ready = (state == PAYLOAD) & out_ready;

    always @* begin
        out_data = payload_data;
        if (state == HEADER)
            case (byte_at)
                3'd0: out_data = START;
                3'd1: out_data = kind_sent;
                3'd2: out_data = left[7:0];
                3'd3: out_data = left[15:8];
                3'd4: out_data = left[23:16];
                default: out_data = left[31:24];
            endcase
        else if (state == CHECKSUM)
            case (byte_at[1:0])
                2'd0: out_data = crc[7:0];
                2'd1: out_data = crc[15:8];
                2'd2: out_data = crc[23:16];
                2'd3: out_data = crc[31:24];
            endcase
    end

    always @(posedge clk) begin
        if (rst) state <= IDLE;
        else case (state)
            IDLE: if (start) begin
                state <= HEADER;
                kind_sent <= kind;
                left <= length;
                byte_at <= 3'd0;
            end
            HEADER: if (moved) begin
                byte_at <= (byte_at == 3'd5) ? 3'd0 : byte_at + 1'b1;
                if (byte_at == 3'd5) state <= (left == 32'd0) ? CHECKSUM : PAYLOAD;
            end
            PAYLOAD: if (moved) begin
                left <= left - 1'b1;
                if (left == 32'd1) state <= CHECKSUM;
            end
            CHECKSUM: if (moved) begin
                byte_at <= byte_at + 1'b1;
                if (byte_at == 3'd3) state <= IDLE;
            end
        endcase
    end
endmodule
`default_nettype wire
