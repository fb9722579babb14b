// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The host's end of a picture design: host/picture_protocol.h has the frames. A
// picture begins with its size; then a frame a tick brings a row of bytes, or none
// once there are no more, and takes the pixels that the tick before made.
//
// One frame is dealt with at a time, but a tick goes on while the next frame comes.
//
// Timing: begin_o for one cycle with width_last_o to subnet_o, which hold until the
// next; row_valid_o with the bytes of a row, which row_hold_i keeps back; row_start_o for one cycle
// when the row is whole and idle_i is high; made_i then says whether pixels follow
// from pixel_*.
// Resources: about 350 registers, a CRC step of 8 bits.
module picture_link #(
    parameter COLUMNS = 4,
    parameter K = 4,
    parameter CHANNELS = 1,
    parameter SCALE = 2,
    parameter WIDTH_MOST = 16,
    parameter LAG = 0,
    parameter ANCHOR_LAG = 0,
    parameter SELECTIVE = 0,
    parameter TILE_BITS = 0,  // of a patch whose edges are scored; 0: they are not
    parameter [7:0] SIDE = 8'd0,  // with kept edges: pixels that pixels come late
    parameter CONTEXT = 0,  // pixels of a row before the strip's
    parameter EDGES = 0,
    parameter [31:0] FINGERPRINT = 32'd0,
    parameter [95:0] BOARD = 96'd0,  // its name in ASCII, the first letter lowest
    parameter SILENCE_BITS = 22
) (
    input wire clk_i,
    input wire rst_i,

    input wire restart_i,
    input wire rx_valid_i,
    output wire rx_ready_o,
    input wire [7:0] rx_data_i,
    output wire tx_valid_o,
    input wire tx_ready_i,
    output wire [7:0] tx_data_o,

    output wire begin_o,
    output reg scoring_o,  // patches' edges are scored; nothing is made
    output reg [31:0] threshold_half_o,
    output reg [31:0] threshold_full_o,
    output reg [15:0] width_last_o,
    output reg [15:0] height_o,
    output reg [15:0] groups_last_o,
    output reg [1:0] subnet_o,
    output reg edges_come_o,
    output reg edges_go_o,
    output reg [15:0] strip_o,  // the picture's pixel that the strip begins with
    output reg [15:0] picture_last_o,  // and the picture's last one
    input wire row_hold_i,  // no byte of a row is taken
    output wire row_clear_o,
    output wire row_valid_o,
    output wire [7:0] row_data_o,
    output wire row_start_o,
    input wire idle_i,
    input wire made_i,
    input wire [39:0] cycles_i,
    input wire [39:0] beats_i,

    input wire pixel_valid_i,
    output wire pixel_ready_o,
    input wire [7:0] pixel_data_i
);

  localparam [7:0] IDENTIFY = 8'h01, PICTURE = 8'h10, ROW = 8'h11, SCORES = 8'h12, REFUSAL = 8'hEE;
  localparam [2:0] BAD_CRC = 1, BAD_KIND = 2, BAD_LENGTH = 3, BAD_ARGUMENT = 4;
  localparam [31:0] CRC_RESIDUE = 32'h2144DF1C;
  localparam integer IDENTITY_BYTES = 46;
  localparam integer PIXEL_BYTES = CHANNELS * SCALE * SCALE;
  localparam [1:0] LISTEN = 0, HOLD = 1, ANSWER = 2, FINISH = 3;

  // Receiving.
  reg [1:0] state;
  wire listening = state == LISTEN;
  wire judge;
  wire [7:0] kind;
  wire [7:0] tag;
  wire too_long;
  wire [15:0] left;
  wire payload_valid;
  wire ended;
  wire abandoned;
  wire receiver_clears;
  wire receiver_takes;

  reg [15:0] row_bytes;
  wire known = kind == IDENTIFY || kind == PICTURE || kind == ROW ||
               (kind == SCORES && TILE_BITS != 0);
  wire begins = kind == PICTURE || kind == SCORES;
  wire length_good = kind == IDENTIFY ? left == 16'd0 :
                     begins ? left == 16'd12 : left == 16'd0 || left == row_bytes;
  wire refuse = !known || too_long || !length_good;

  wire payload_ready = listening && !(kind == ROW && row_hold_i);

  packet_receiver #(
      .SILENCE_BITS(SILENCE_BITS)
  ) receiver (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .restart_i(restart_i),
      .in_valid_i(rx_valid_i),
      .in_ready_o(rx_ready_o),
      .in_data_i(rx_data_i),
      .pause_i(!listening),
      .judge_o(judge),
      .refuse_i(refuse),
      .kind_o(kind),
      .tag_o(tag),
      .too_long_o(too_long),
      .left_o(left),
      .payload_valid_o(payload_valid),
      .payload_ready_i(payload_ready),
      .ended_o(ended),
      .release_frame_i(state == FINISH),
      .abandoned_o(abandoned),
      .crc_clear_o(receiver_clears),
      .crc_take_o(receiver_takes)
  );

  // A picture's size: width, height, groups of pixels, subnet; edges that come and go, the
  // strip's first pixel, the picture's width. Of one that is scored: width, height, thresholds.
  reg [95:0] head;
  wire [15:0] width = head[15:0];
  wire [15:0] height = head[31:16];
  wire [15:0] groups = head[47:32];
  wire row_good = width != 16'd0 && height != 16'd0 && width <= WIDTH_MOST[15:0] && !height[15];
  wire strip_good = groups != 16'd0 && head[95:80] != 16'd0 &&
                    (EDGES != 0 || head[79:56] == 24'd0) &&
                    head[55:48] <= 8'd2 && (SELECTIVE != 0 || head[55:48] == 8'd2);
  wire size_good = row_good && (kind == SCORES || strip_good);
  reg picture_good;  // the frame asks for a picture that can be made: known before its checksum
  wire crc_good;
  wire good_frame = listening && ended && crc_good;

  assign row_clear_o = judge;
  assign row_valid_o = payload_valid && payload_ready && kind == ROW;
  assign row_data_o = rx_data_i;
  assign begin_o = good_frame && picture_good;
  assign row_start_o = state == HOLD && idle_i;

  always @(posedge clk_i) begin
    picture_good <= begins && size_good;
    if (payload_valid && listening && begins) head <= {rx_data_i, head[95:8]};
    if (begin_o) begin
      width_last_o <= width - 16'd1;
      height_o <= height;
      groups_last_o <= groups - 16'd1;
      scoring_o <= kind == SCORES;
      {threshold_full_o, threshold_half_o} <= head[95:32];
      subnet_o <= head[49:48];
      {edges_go_o, edges_come_o} <= kind == SCORES ? 2'd0 : head[57:56];
      strip_o <= head[79:64];
      picture_last_o <= head[95:80] - 16'd1;
      row_bytes <= (width + CONTEXT[15:0]) * CHANNELS[15:0];
    end
  end

  // Answering.
  reg [2:0] reason;  // 0: not refused
  reg pixels;
  reg muted;  // the answer is no one's any more
  reg [23:0] to_send;
  reg [5:0] at;
  wire refused = reason != 3'd0;
  wire [8*IDENTITY_BYTES-1:0] identity = {
    BOARD,
    7'd0, EDGES != 0, SIDE,
    8'd0, beats_i,
    8'd0, cycles_i,
    FINGERPRINT,
    ANCHOR_LAG[7:0], LAG[7:0],
    TILE_BITS[7:0], 7'd0, SELECTIVE != 0, CHANNELS[15:0], SCALE[15:0], WIDTH_MOST[15:0],
    K[15:0],
    COLUMNS[15:0],
    16'd5  // the protocol's version
  };
  wire identifies = kind == IDENTIFY;
  wire answers = state == ANSWER;
  reg [23:0] pixel_bytes;
  wire [23:0] score_bytes = ({8'd0, width_last_o >> TILE_BITS} + 24'd1) << 2;
  wire [23:0] length = refused ? 24'd1 : identifies ? IDENTITY_BYTES[23:0] :
                       !pixels ? 24'd0 : scoring_o ? score_bytes : pixel_bytes;
  wire answer_ready;
  wire answer_valid = refused || identifies || pixel_valid_i;
  wire transmitter_busy;
  wire transmitter_takes;
  wire transmitter_valid;
  wire crc_shifts;
  wire [31:0] crc;

  assign pixel_ready_o = answer_ready && !refused && !identifies;
  assign tx_valid_o = transmitter_valid && !muted;
  assign crc_good = crc == CRC_RESIDUE;

  packet_transmitter transmitter (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(answers),
      .kind_i(refused ? REFUSAL : 8'h80 | kind),
      .tag_i(tag),
      .length_i(length),
      .empty_i(length == 24'd0),
      .busy_o(transmitter_busy),
      .payload_valid_i(answer_valid),
      .payload_ready_o(answer_ready),
      .payload_data_i(refused ? {5'd0, reason} : identifies ? identity[8*at+:8] : pixel_data_i),
      .payload_last_i(to_send == 24'd1),
      .crc_take_o(transmitter_takes),
      .crc_shift_o(crc_shifts),
      .crc_i(crc[7:0]),
      .out_valid_o(transmitter_valid),
      .out_ready_i(tx_ready_i || muted),
      .out_data_o(tx_data_o)
  );

  // A frame is received or sent, never both: one checksum serves (link.v).
  crc32 #(
      .WIDTH(8)
  ) checksum (
      .clk_i(clk_i),
      .clear_i(listening ? receiver_clears : !transmitter_busy),
      .valid_i(listening ? receiver_takes : transmitter_takes),
      .data_i(listening ? rx_data_i : crc_shifts ? ~crc[7:0] : tx_data_o),
      .crc_o(crc)
  );

  always @(posedge clk_i)
    if (rst_i) begin
      state  <= LISTEN;
      pixels <= 1'b0;
      muted  <= 1'b0;
      reason <= 3'd0;
    end else begin
      muted <= (!listening || ended) && (muted || restart_i);
      pixel_bytes <= ({8'd0, width_last_o} + 24'd1) * PIXEL_BYTES[23:0];
      if (answers) to_send <= length;
      else if (answer_valid && answer_ready) to_send <= to_send - 24'd1;
      at <= answers ? 6'd0 : at + {5'd0, answer_valid && answer_ready};
      case (state)
        LISTEN: begin
          reason <= 3'd0;
          pixels <= 1'b0;
          if (judge && refuse) begin
            reason <= known ? BAD_LENGTH : BAD_KIND;
            state  <= ANSWER;
          end else if (ended) begin
            if (!crc_good) reason <= BAD_CRC;
            else if (begins && !size_good) reason <= BAD_ARGUMENT;
            state <= crc_good && kind == ROW ? HOLD : ANSWER;
          end
        end
        HOLD:
        if (idle_i) begin
          pixels <= made_i;
          state  <= ANSWER;
        end
        ANSWER: state <= FINISH;
        default: if (!transmitter_busy) state <= LISTEN;
      endcase
    end

  wire unused = &{1'b0, head, abandoned};

endmodule

`default_nettype wire
