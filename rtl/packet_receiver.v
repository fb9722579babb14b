// SPDX-License-Identifier: Apache-2.0
// Takes the link's byte stream apart into frames: 0xA7, a type, a tag and a length of
// three bytes, the payload and a CRC-32 over all of these but the first, low bytes
// first.
//
// Bytes that are no frame are dropped until the next 0xA7.
// kind, tag and length hold from the moment `judge_o` is high; in that cycle the user
//   says by `refuse_i` whether it knows them.  After a refused header no payload
//   is taken: the receiver looks for the next 0xA7 at once.
// Pause: while `pause_i` no byte is taken, no silence counts and no header is judged: judge_o
//   stays high. It may depend on kind and judge_o.
// Payload: payload_valid_o/payload_ready_i, bytes as they come, before their CRC is known.
//   left_o counts those to come, this one included.
// End: `ended_o` holds until `release_frame_i`; nothing is taken meanwhile, and whether
//   the frame is whole is told by the checksum unit that crc_clear_o and crc_take_o drive.
// Abandoned: a frame stops half way where 2^SILENCE_BITS cycles pass without a byte,
//   or where `restart_i` says that the host has begun anew;
//   abandoned_o is then high for a cycle.
// Latency: none on the payload.  Resources: about 40 registers and the silence's counter.
`default_nettype none
module packet_receiver #(
    parameter SILENCE_BITS = 22
) (
    input  wire        clk_i,
    input  wire        rst_i,
    input  wire        restart_i,
    input  wire        in_valid_i,
    output wire        in_ready_o,
    input  wire [7:0]  in_data_i,
    input  wire        pause_i,
    output wire        judge_o,
    input  wire        refuse_i,
    output reg  [7:0]  kind_o,
    output reg  [7:0]  tag_o,
    output reg         too_long_o,
    output reg  [15:0] left_o,
    output wire        payload_valid_o,
    input  wire        payload_ready_i,
    output wire        ended_o,
    input  wire        release_frame_i,
    output wire        abandoned_o,
    output wire        crc_clear_o,
    output wire        crc_take_o
);
    localparam [7:0] START = 8'hA7;
    localparam [2:0] HUNT = 3'd0, KIND = 3'd1, TAG = 3'd2, LENGTH = 3'd3, JUDGE = 3'd4,
                     PAYLOAD = 3'd5, CHECKSUM = 3'd6, ENDED = 3'd7;

    reg [2:0]              state;
    reg [1:0]              byte_at;
    reg                    last_left;   // left_o is 1: told a cycle after the length
    reg [SILENCE_BITS:0]   silence;

    assign in_ready_o = ~pause_i & ((state == PAYLOAD) ? payload_ready_i
                                                       : (state != JUDGE) & (state != ENDED));
    assign judge_o = (state == JUDGE);
    assign payload_valid_o = (state == PAYLOAD) & in_valid_i & ~pause_i;
    assign ended_o = (state == ENDED);

    wire moves = in_valid_i & ~pause_i;         // what is taken, but for a payload and a stop
    wire taken = in_valid_i & in_ready_o;
    wire half_way = (state != HUNT) & (state != ENDED);
    assign abandoned_o = half_way & (restart_i | silence[SILENCE_BITS]);
    assign crc_clear_o = (state == HUNT);
    assign crc_take_o = taken;

    always @(posedge clk_i) begin
        if (~half_way | in_valid_i | pause_i) silence <= 0;
        else silence <= silence + 1'b1;
        last_left <= ((state == PAYLOAD) & taken) ? (left_o == 16'd2) : (left_o == 16'd1);

        if (rst_i) begin
            state <= HUNT;
            byte_at <= 2'd0;
        end else if (abandoned_o) begin
            state <= HUNT;
            byte_at <= 2'd0;
        end else case (state)
            HUNT: if (moves & (in_data_i == START)) state <= KIND;
            KIND: if (moves) begin
                kind_o <= in_data_i;
                state <= TAG;
            end
            TAG: if (moves) begin
                tag_o <= in_data_i;
                state <= LENGTH;
            end
            LENGTH: if (moves) begin
                too_long_o <= (in_data_i != 8'd0);
                if (~byte_at[1]) left_o <= {in_data_i, left_o[15:8]};
                byte_at <= byte_at[1] ? 2'd0 : byte_at + 1'b1;
                if (byte_at[1]) state <= JUDGE;
            end
            JUDGE: if (~pause_i) state <= refuse_i ? HUNT : (left_o == 16'd0) ? CHECKSUM : PAYLOAD;
            PAYLOAD: if (taken) begin
                left_o <= left_o - 1'b1;
                if (last_left) state <= CHECKSUM;
            end
            CHECKSUM: if (moves) begin
                byte_at <= byte_at + 1'b1;
                if (byte_at == 2'd3) state <= ENDED;
            end
            ENDED: if (release_frame_i) state <= HUNT;
        endcase
    end
endmodule
`default_nettype wire
