// SPDX-License-Identifier: Apache-2.0
// Sends one frame of the link: 0xA7, the type, the tag, the length, the payload, the CRC-32.
//
// Start: `start_i` for one cycle while not busy; kind, tag and length hold until busy falls.
// Payload: bytes by payload_valid_i/payload_ready_o, the last with payload_last_i; a
//   frame without one has empty_i.
// busy falls when the last byte of the CRC has gone.  The checksum is made outside, of the
//   bytes that go out while crc_take_o, from the start on; crc_i is its lowest byte, and
//   what it takes while crc_shift_o moves the next one down.
// Latency: six bytes before the payload's first.  Resources: about 10 registers.
`default_nettype none
module packet_transmitter (
    input  wire        clk_i,
    input  wire        rst_i,
    input  wire        start_i,
    input  wire [7:0]  kind_i,
    input  wire [7:0]  tag_i,
    input  wire [23:0] length_i,
    input  wire        empty_i,
    output wire        busy_o,
    input  wire        payload_valid_i,
    output wire        payload_ready_o,
    input  wire [7:0]  payload_data_i,
    input  wire        payload_last_i,
    output wire        crc_take_o,
    output wire        crc_shift_o,
    input  wire [7:0]  crc_i,
    output wire        out_valid_o,
    input  wire        out_ready_i,
    output reg  [7:0]  out_data_o
);
    localparam [7:0] START = 8'hA7;
    localparam [1:0] IDLE = 2'd0, HEADER = 2'd1, PAYLOAD = 2'd2, CHECKSUM = 2'd3;

    reg [1:0] state;
    reg [2:0] byte_at;

    wire moved = out_valid_o & out_ready_i;
    // The first byte is not part of the checksum.
    assign crc_take_o = moved & ~((state == HEADER) & (byte_at == 3'd0));
    assign crc_shift_o = (state == CHECKSUM);

    assign busy_o = (state != IDLE);
    assign out_valid_o = (state == PAYLOAD) ? payload_valid_i : busy_o;
    assign payload_ready_o = (state == PAYLOAD) & out_ready_i;

    always @* begin
        out_data_o = payload_data_i;
        if (state == HEADER)
            case (byte_at)
                3'd0: out_data_o = START;
                3'd1: out_data_o = kind_i;
                3'd2: out_data_o = tag_i;
                3'd3: out_data_o = length_i[7:0];
                3'd4: out_data_o = length_i[15:8];
                default: out_data_o = length_i[23:16];
            endcase
        else if (state == CHECKSUM) out_data_o = crc_i;
    end

    always @(posedge clk_i) begin
        if (rst_i) state <= IDLE;
        else case (state)
            IDLE: begin
                byte_at <= 3'd0;
                if (start_i) state <= HEADER;
            end
            HEADER: if (moved) begin
                byte_at <= (byte_at == 3'd5) ? 3'd0 : byte_at + 1'b1;
                if (byte_at == 3'd5) state <= empty_i ? CHECKSUM : PAYLOAD;
            end
            PAYLOAD: if (moved & payload_last_i) state <= CHECKSUM;
            CHECKSUM: if (moved) begin
                byte_at <= byte_at + 1'b1;
                if (byte_at == 3'd3) state <= IDLE;
            end
        endcase
    end
endmodule
`default_nettype wire
