// SPDX-License-Identifier: Apache-2.0
// Sends one frame of the link: 0xA7, the type, the length, the payload, the CRC-32.
//
// Start: `start_i` for one cycle with kind and length, while not busy.
// Payload: exactly `length_i` bytes by payload_valid_i/payload_ready_o.
// busy falls when the last byte of the CRC has gone.
// Latency: six bytes before the payload's first.  Resources: about 120 registers,
//   one CRC step of 8 bits.
`default_nettype none
module packet_transmitter (
    input  wire        clk_i,
    input  wire        rst_i,
    input  wire        start_i,
    input  wire [7:0]  kind_i,
    input  wire [31:0] length_i,
    output wire        busy_o,
    input  wire        payload_valid_i,
    output wire        payload_ready_o,
    input  wire [7:0]  payload_data_i,
    output wire        out_valid_o,
    input  wire        out_ready_i,
    output reg  [7:0]  out_data_o
);
    localparam [7:0] START = 8'hA7;
    localparam [1:0] IDLE = 2'd0, HEADER = 2'd1, PAYLOAD = 2'd2, CHECKSUM = 2'd3;

    reg [1:0]  state;
    reg [2:0]  byte_at;
    reg [7:0]  kind_sent;
    reg [31:0] left;

    wire moved = out_valid_o & out_ready_i;
    wire [31:0] crc;
    // The first byte is not part of the checksum.
    crc32 #(.WIDTH(8)) checksum (
        .clk_i(clk_i), .clear_i((state == IDLE) | ((state == HEADER) & (byte_at == 3'd0))),
        .valid_i(moved & (state != CHECKSUM)), .data_i(out_data_o), .crc_o(crc)
    );

    assign busy_o = (state != IDLE);
    assign out_valid_o = (state == PAYLOAD) ? payload_valid_i : busy_o;
    assign payload_ready_o = (state == PAYLOAD) & out_ready_i;

    always @* begin
        out_data_o = payload_data_i;
        if (state == HEADER)
            case (byte_at)
                3'd0: out_data_o = START;
                3'd1: out_data_o = kind_sent;
                3'd2: out_data_o = left[7:0];
                3'd3: out_data_o = left[15:8];
                3'd4: out_data_o = left[23:16];
                default: out_data_o = left[31:24];
            endcase
        else if (state == CHECKSUM)
            case (byte_at[1:0])
                2'd0: out_data_o = crc[7:0];
                2'd1: out_data_o = crc[15:8];
                2'd2: out_data_o = crc[23:16];
                2'd3: out_data_o = crc[31:24];
            endcase
    end

    always @(posedge clk_i) begin
        if (rst_i) state <= IDLE;
        else case (state)
            IDLE: if (start_i) begin
                state <= HEADER;
                kind_sent <= kind_i;
                left <= length_i;
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
