// SPDX-License-Identifier: Apache-2.0
// Turns a MATRIX's payload into beats: for K inputs the weights of one row, if they
// have 8 bits, or else of two, with the scales of their group.
//
// A payload is a sequence of frames: 32 scale bytes, then the weights that they
// belong to, in fields of the tensor's width, lowest bits first.  A group of
// 16 << group_shift_i inputs has one scale a row; a row's last group may be shorter.
//
// Start: `start_i` for one cycle with the tensor's shape, while not busy.  busy falls
//   when the payload's last word has been taken, its padding included.
// Beats: valid/ready.  beat_weights_o holds for input i and row r a sign-extended byte
//   at 8 * (R * i + r), beat_scales_o row r's scale at 8 * r.  R is 2, or 1 where the
//   tape has weights of 8 bits alone; a beat of one row leaves row 1 at 0.
// Latency: two cycles from a word to the beat that it completes, if no scales are due; three
//   with PARTED.
// Throughput: one bus word or one beat a cycle, whichever is the narrower; each
//   frame takes 256 / SCALE_STEP cycles without a beat for its scales.
// Resources: BUFFER bits of registers with a shift for each width that there is, 256 bits
//   of small RAM for scales, one beat register.
`default_nettype none
module unpacker #(
    parameter T = 64,               // bits of the tape bus
    parameter K = 8,                // inputs a beat
    parameter R = 2,                // rows a beat
    parameter SIZE_BITS = 16,       // of the greatest number of rows or blocks
    parameter [2:0] WIDTHS = 3'b111,// beside 8, the tape has weights of 2, 3, 4 bits: 1, 2, 4
    parameter PARTED = 0            // 1: word_ready_o comes from flip-flops
) (
    input  wire            clk_i,
    input  wire            rst_i,
    input  wire            start_i,
    input  wire [3:0]      weight_bits_i,     // 8, 4, 3 or 2
    input  wire [1:0]      group_shift_i,
    input  wire [15:0]     rows_i,
    input  wire [15:0]     blocks_i,
    output wire            busy_o,
    input  wire            word_valid_i,
    output wire            word_ready_o,
    input  wire [T-1:0]    word_data_i,
    input  wire            word_last_i,
    output wire            beat_valid_o,
    input  wire            beat_ready_i,
    output wire [8*K*R-1:0] beat_weights_o,
    output wire [8*R-1:0]  beat_scales_o
);
    localparam BEAT = 8 * K;                        // the widest beat on the tape
    localparam SCALE_STEP = T;                      // bits of scales taken at once
    localparam WIDEST = (BEAT > SCALE_STEP) ? BEAT : SCALE_STEP;
    // All that moves moves by a multiple of a unit.
    localparam BEAT_UNIT = WIDTHS[1] ? 2 * K : WIDTHS[0] ? 4 * K : 8 * K;
    localparam UNIT = (T < BEAT_UNIT) ? T : BEAT_UNIT;
    localparam BUFFER = T + WIDEST;
    localparam FILL_BITS = $clog2(BUFFER / UNIT + 1);
    localparam WORD_UNITS = T / UNIT;
    localparam BUFFER_UNITS = BUFFER / UNIT;
    localparam SCALE_UNITS = SCALE_STEP / UNIT;
    localparam BEAT_UNITS = BEAT / UNIT;
    localparam BEAT_3_UNITS = 6 * K / UNIT;
    localparam BEAT_2_UNITS = 4 * K / UNIT;
    localparam SCALE_STEPS = 256 / SCALE_STEP;
    localparam BLOCK_BEATS = 16 / K;
    localparam BANKS = SCALE_STEP / 16;             // of pairs of scales, each SCALE_STEPS deep
    localparam PAIR_BITS = (BANKS > 1) ? $clog2(BANKS) : 1;

    localparam [1:0] IDLE = 2'd0, SCALES = 2'd1, WEIGHTS = 2'd2, PADDING = 2'd3;

    // The buffer: `fill` units of the tape that no one has taken yet, lowest first.
    reg  [1:0]           state;
    reg  [BUFFER-1:0]    buffer;
    reg  [FILL_BITS-1:0] fill;
    reg                  whole;         // the payload's last word is in the buffer

    // The tensor.
    reg  [3:0]  width;
    reg         paired;                 // two rows a beat: the width is not 8
    reg  [1:0]  group_mask;             // blocks in a group, less one
    reg  [SIZE_BITS-1:0] rows_left;     // of the tensor, this one included
    reg  [SIZE_BITS-1:0] last_block;
    reg  [SIZE_BITS-1:0] block;
    reg  [2:0]  beat_of_block;

    reg  [3:0]   scale_step;
    reg  [4:0]   scale_at;              // of the frame's 32

    reg              shown;
    reg  [8*K*R-1:0]  shown_weights;
    reg  [8*R-1:0]    shown_scales;

    wire is_3 = WIDTHS[1] & (width == 4'd3);
    wire is_2 = WIDTHS[0] & (width == 4'd2);
    wire [FILL_BITS-1:0] beat_size = is_3 ? BEAT_3_UNITS[FILL_BITS-1:0] :
        is_2 ? BEAT_2_UNITS[FILL_BITS-1:0] : BEAT_UNITS[FILL_BITS-1:0];

    wire scales_here = (state == SCALES) & (fill >= SCALE_UNITS[FILL_BITS-1:0]);
    wire beat_here = (state == WEIGHTS) & (fill >= beat_size) & (~shown | beat_ready_i);
    wire word_fits = (fill <= BUFFER_UNITS[FILL_BITS-1:0] - WORD_UNITS[FILL_BITS-1:0]) & ~whole;

    reg busy;                           // state is not IDLE

    // The words, as they come or out of two registers.
    wire         word_valid, word_ready, word_last;
    wire [T-1:0] word;
    generate
        if (PARTED != 0) begin : parted
            wire room;
            skid_buffer #(.WIDTH(T + 1)) words (
                .clk_i(clk_i), .rst_i(rst_i), .in_valid_i(word_valid_i & busy),
                .in_ready_o(room), .in_data_i({word_last_i, word_data_i}),
                .out_valid_o(word_valid), .out_ready_i(word_ready),
                .out_data_o({word_last, word})
            );
            assign word_ready_o = room & busy;      // others' payload passes by
        end else begin : through
            assign word_ready_o = word_ready;
            assign {word_valid, word_last, word} = {word_valid_i, word_last_i, word_data_i};
        end
    endgenerate

    assign busy_o = busy;
    assign word_ready = (state == PADDING) ? ~whole : (state != IDLE) & word_fits;
    assign beat_valid_o = shown;
    assign beat_weights_o = shown_weights;
    assign beat_scales_o = shown_scales;

    wire taken = word_valid & word_ready;
    // The payload's last word has come and the last beat has gone.
    wire finished = (state == PADDING) & (whole | (taken & word_last))
                    & (~shown | beat_ready_i);
    wire [FILL_BITS-1:0] used = scales_here ? SCALE_UNITS[FILL_BITS-1:0] :
                                beat_here ? beat_size : {FILL_BITS{1'b0}};
    wire [FILL_BITS-1:0] kept = fill - used;
    // One shift for each size that there is, not a shifter of any distance.
    wire [BUFFER-1:0] shifted =
        scales_here ? buffer >> SCALE_STEP :
        ~beat_here ? buffer :
        is_3 ? buffer >> (6 * K) : is_2 ? buffer >> (4 * K) : buffer >> BEAT;
    wire [BUFFER-1:0] arriving = {{(BUFFER-T){1'b0}}, word} << (UNIT * kept);

    // Fields of each width to signed bytes.
    function [8*K*R-1:0] widen;
        input [3:0] bits;
        input [BEAT-1:0] fields;
        integer i;
        begin
            widen = 0;
            for (i = 0; i < K; i = i + 1)
                widen[8*R*i +: 8] = fields[8*i +: 8];
            if ((R == 2) & WIDTHS[2] & (bits == 4'd4))
                for (i = 0; i < K*R; i = i + 1)
                    widen[8*i +: 8] = {{4{fields[4*i+3]}}, fields[4*i +: 4]};
            if ((R == 2) & WIDTHS[1] & (bits == 4'd3))
                for (i = 0; i < K*R; i = i + 1)
                    widen[8*i +: 8] = {{5{fields[3*i+2]}}, fields[3*i +: 3]};
            if ((R == 2) & WIDTHS[0] & (bits == 4'd2))
                for (i = 0; i < K*R; i = i + 1)
                    widen[8*i +: 8] = {{6{fields[2*i+1]}}, fields[2*i +: 2]};
        end
    endfunction

    wire block_ends = (beat_of_block == BLOCK_BEATS[2:0] - 3'd1);
    wire row_ends = block_ends & (block == last_block);
    wire group_ends = row_ends |
                      (block_ends & ((block[1:0] & group_mask) == group_mask));
    wire [SIZE_BITS-1:0] row_step = paired ? 2 : 1;
    wire tensor_ends = row_ends & (rows_left <= row_step);
    wire [4:0] scale_after = scale_at + (paired ? 5'd2 : 5'd1);
    wire frame_ends = group_ends & (&scale_at[4:1]) & (paired | scale_at[0]);
    wire [4:0] scale_next = (beat_here & group_ends) ? scale_after : scale_at;

    // Pairs of scales are read ahead: pair_read is the one at scale_at.
    wire [15:0]      pair_read;
    wire [8*R-1:0]   scales_shown;
    generate
        if (SCALE_STEPS > 1) begin : in_steps
            localparam DEPTH_BITS = $clog2(SCALE_STEPS);
            // Scale 0 is read over and over while a frame's are written, until all are there.
            (* no_rw_check *) reg [SCALE_STEP-1:0] scales [0:SCALE_STEPS-1];
            reg [SCALE_STEP-1:0] scales_read;
            always @(posedge clk_i) begin
                if (scales_here) scales[scale_step[DEPTH_BITS-1:0]] <= buffer[SCALE_STEP-1:0];
                scales_read <= scales[scale_next[4-:DEPTH_BITS]];
            end
            if (BANKS > 1) begin : banks
                assign pair_read = scales_read[16*scale_at[PAIR_BITS:1] +: 16];
            end else begin : one_bank
                assign pair_read = scales_read;
            end
        end else begin : at_once
            reg [SCALE_STEP-1:0] scales;
            always @(posedge clk_i) if (scales_here) scales <= buffer[SCALE_STEP-1:0];
            assign pair_read = scales[16*scale_at[4:1] +: 16];
        end
        if (R == 2) begin : two_rows
            assign scales_shown = paired ? pair_read :
                                  {8'd0, scale_at[0] ? pair_read[15:8] : pair_read[7:0]};
        end else begin : one_row
            assign scales_shown = scale_at[0] ? pair_read[15:8] : pair_read[7:0];
        end
    endgenerate

    always @(posedge clk_i) begin
        if (taken) buffer <= shifted | arriving;
        else buffer <= shifted;
        if (beat_here) begin
            shown_weights <= widen(width, buffer[BEAT-1:0]);
            shown_scales <= scales_shown;
        end
        scale_at <= (state == SCALES) ? 5'd0 : scale_next;

        busy <= ~rst_i & ((state == IDLE) ? start_i : ~finished);
        if (rst_i) begin
            state <= IDLE;
            shown <= 1'b0;
            fill <= 0;
            whole <= 1'b0;
            buffer <= 0;
        end else begin
            if (beat_here) shown <= 1'b1;
            else if (beat_ready_i) shown <= 1'b0;
            fill <= taken ? kept + WORD_UNITS[FILL_BITS-1:0] : kept;
            if (taken & word_last) whole <= 1'b1;
            case (state)
                IDLE: begin
                    if (start_i) state <= SCALES;
                    width <= weight_bits_i;
                    paired <= (weight_bits_i != 4'd8);
                    group_mask <= {group_shift_i[1], group_shift_i[1] | group_shift_i[0]};
                    rows_left <= rows_i[SIZE_BITS-1:0];
                    last_block <= blocks_i[SIZE_BITS-1:0] - 1'b1;
                    block <= 0;
                    beat_of_block <= 3'd0;
                    scale_step <= 4'd0;
                end
                SCALES: if (scales_here) begin
                    scale_step <= scale_step + 1'b1;
                    if (scale_step == SCALE_STEPS[3:0] - 4'd1) begin
                        scale_step <= 4'd0;
                        state <= WEIGHTS;
                    end
                end
                WEIGHTS: if (beat_here) begin
                    beat_of_block <= block_ends ? 3'd0 : beat_of_block + 1'b1;
                    if (block_ends) block <= row_ends ? {SIZE_BITS{1'b0}} : block + 1'b1;
                    if (row_ends) rows_left <= rows_left - row_step;
                    if (tensor_ends) state <= PADDING;
                    else if (frame_ends) state <= SCALES;
                end
                PADDING: begin
                    buffer <= 0;
                    fill <= 0;
                    if (finished) begin
                        state <= IDLE;
                        whole <= 1'b0;
                    end
                end
            endcase
        end
    end

    wire unused = &{1'b0, rows_i, blocks_i};
endmodule
`default_nettype wire
