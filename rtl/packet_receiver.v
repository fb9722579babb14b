// SPDX-License-Identifier: Apache-2.0
// Takes the link's byte stream apart into frames: 0xA7, a type byte, a length of
// four bytes, the payload and a CRC-32 over all of these but the first, low
// bytes first.
//
// Bytes that are no frame are dropped until the next 0xA7.
// kind and length hold from the moment `judge` is high; in that cycle the user
//   says by `refuse` whether it knows them.  After a refused header no payload
//   is taken: the receiver looks for the next 0xA7 at once.
// Payload: payload_valid/payload_ready, bytes as they come, before their CRC is known.
// End: `ended` holds with crc_good until `release_frame`; nothing is taken meanwhile.
// Latency: none on the payload.  Resources: about 120 registers, one CRC step of 8 bits.
`default_nettype none
module packet_receiver (
    input  wire        clk,
    input  wire        rst,
    input  wire        in_valid,
    output wire        in_ready,
    input  wire [7:0]  in_data,
    output wire        judge,
    input  wire        refuse,
    output reg  [7:0]  kind,
    output reg  [31:0] length,
    output wire        payload_valid,
    input  wire        payload_ready,
    output wire [7:0]  payload_data,
    output wire        ended,
    output wire        crc_good,
    input  wire        release_frame
);
    localparam [7:0] START = 8'hA7;
    localparam [31:0] CRC_RESIDUE = 32'h2144DF1C;
    localparam [2:0] HUNT = 3'd0, KIND = 3'd1, LENGTH = 3'd2, JUDGE = 3'd3, PAYLOAD = 3'd4,
                     CHECKSUM = 3'd5, ENDED = 3'd6;

    reg [2:0]  state;
    reg [1:0]  byte_at;
    reg [31:0] left;

    assign in_ready = (state == PAYLOAD) ? payload_ready : (state != JUDGE) & (state != ENDED);
    assign judge = (state == JUDGE);
    assign payload_valid = (state == PAYLOAD) & in_valid;
    assign payload_data = in_data;
    assign ended = (state == ENDED);

    wire taken = in_valid & in_ready;
    wire [31:0] crc;
    crc32 #(.WIDTH(8)) checksum (
        .clk(clk), .clear(state == HUNT), .valid(taken), .data(in_data), .crc(crc)
    );
    assign crc_good = (crc == CRC_RESIDUE);

    always @(posedge clk) begin
        if (rst) begin
            state <= HUNT;
            byte_at <= 2'd0;
        end else begin
            case (state)
                HUNT: if (taken & (in_data == START)) state <= KIND;
                KIND: if (taken) begin
                    kind <= in_data;
                    state <= LENGTH;
                end
                LENGTH: if (taken) begin
                    length <= {in_data, length[31:8]};
                    byte_at <= byte_at + 1'b1;
                    if (byte_at == 2'd3) state <= JUDGE;
                end
                JUDGE: begin
                    left <= length;
                    state <= refuse ? HUNT : (length == 32'd0) ? CHECKSUM : PAYLOAD;
                end
                PAYLOAD: if (taken) begin
                    left <= left - 1'b1;
                    if (left == 32'd1) state <= CHECKSUM;
                end
                CHECKSUM: if (taken) begin
                    byte_at <= byte_at + 1'b1;
                    if (byte_at == 2'd3) state <= ENDED;
                end
                ENDED: if (release_frame) state <= HUNT;
                default: state <= HUNT;
            endcase
        end
    end
endmodule
`default_nettype wire
