// SPDX-License-Identifier: Apache-2.0
// Takes the link's byte stream apart into frames: 0xA7, a type byte, a length of
// four bytes, the payload and a CRC-32 over all of these but the first, low
// bytes first.
//
// Bytes that are no frame are dropped until the next 0xA7.
// kind and length hold from the moment `judge_o` is high; in that cycle the user
//   says by `refuse_i` whether it knows them.  After a refused header no payload
//   is taken: the receiver looks for the next 0xA7 at once.
// Payload: payload_valid_o/payload_ready_i, bytes as they come, before their CRC is known.
// End: `ended_o` holds with crc_good_o until `release_frame_i`; nothing is taken meanwhile.
// Latency: none on the payload.  Resources: about 120 registers, one CRC step of 8 bits.
`default_nettype none
module packet_receiver (
    input  wire        clk_i,
    input  wire        rst_i,
    input  wire        in_valid_i,
    output wire        in_ready_o,
    input  wire [7:0]  in_data_i,
    output wire        judge_o,
    input  wire        refuse_i,
    output reg  [7:0]  kind_o,
    output reg  [31:0] length_o,
    output wire        payload_valid_o,
    input  wire        payload_ready_i,
    output wire [7:0]  payload_data_o,
    output wire        ended_o,
    output wire        crc_good_o,
    input  wire        release_frame_i
);
    localparam [7:0] START = 8'hA7;
    localparam [31:0] CRC_RESIDUE = 32'h2144DF1C;
    localparam [2:0] HUNT = 3'd0, KIND = 3'd1, LENGTH = 3'd2, JUDGE = 3'd3, PAYLOAD = 3'd4,
                     CHECKSUM = 3'd5, ENDED = 3'd6;

    reg [2:0]  state;
    reg [1:0]  byte_at;
    reg [31:0] left;

    assign in_ready_o = (state == PAYLOAD) ? payload_ready_i : (state != JUDGE) & (state != ENDED);
    assign judge_o = (state == JUDGE);
    assign payload_valid_o = (state == PAYLOAD) & in_valid_i;
    assign payload_data_o = in_data_i;
    assign ended_o = (state == ENDED);

    wire taken = in_valid_i & in_ready_o;
    wire [31:0] crc;
    crc32 #(.WIDTH(8)) checksum (
        .clk_i(clk_i), .clear_i(state == HUNT), .valid_i(taken), .data_i(in_data_i), .crc_o(crc)
    );
    assign crc_good_o = (crc == CRC_RESIDUE);

    always @(posedge clk_i) begin
        if (rst_i) begin
            state <= HUNT;
            byte_at <= 2'd0;
        end else begin
            case (state)
                HUNT: if (taken & (in_data_i == START)) state <= KIND;
                KIND: if (taken) begin
                    kind_o <= in_data_i;
                    state <= LENGTH;
                end
                LENGTH: if (taken) begin
                    length_o <= {in_data_i, length_o[31:8]};
                    byte_at <= byte_at + 1'b1;
                    if (byte_at == 2'd3) state <= JUDGE;
                end
                JUDGE: begin
                    left <= length_o;
                    state <= refuse_i ? HUNT : (length_o == 32'd0) ? CHECKSUM : PAYLOAD;
                end
                PAYLOAD: if (taken) begin
                    left <= left - 1'b1;
                    if (left == 32'd1) state <= CHECKSUM;
                end
                CHECKSUM: if (taken) begin
                    byte_at <= byte_at + 1'b1;
                    if (byte_at == 2'd3) state <= ENDED;
                end
                ENDED: if (release_frame_i) state <= HUNT;
                default: state <= HUNT;
            endcase
        end
    end
endmodule
`default_nettype wire
