// SPDX-License-Identifier: Apache-2.0
// The multipliers of a serial column: one row's total, or a pair of rows', at a time.
//
// Start: start_i for one cycle, with base_i the row's first operand word; the fields hold
//   until done_o rises.  total_o is then the first row's total, with second_i the second's,
//   until the next start.  Of a matrix that is `paired_i` every other start begins nothing
//   but shows the second row: second_o.
// Beats as in array.v: weights and KV words three cycles after their beat, or two after
//   kv_re_o; operands two after their address.
// Latency: after a row's last beat LATENCY cycles, 15 of a pair.
// Resources: K multipliers and one for the scales.
`default_nettype none
module serial_array #(
    parameter FAMILY = "generic",
    parameter MULTIPLIER_BITS = 18,
    parameter K = 2,                        // 2 or 4
    parameter R = 2,
    parameter ADDRESS_BITS = 8,
    parameter BLOCK_BITS = 8,               // of the most blocks in a row
    parameter TOTAL_BITS = 41
) (
    input  wire                         clk_i,
    input  wire                         rst_i,
    input  wire                         command_i,      // a new one: its first row is next
    input  wire                         start_i,
    input  wire [ADDRESS_BITS-1:0]      base_i,
    input  wire [BLOCK_BITS-1:0]        blocks_i,
    input  wire                         paired_i,
    input  wire                         matrix_i,       // otherwise of the KV cache
    input  wire                         score_i,
    output wire                         done_o,
    output wire [TOTAL_BITS-1:0]        total_o,

    input  wire                         beat_valid_i,
    output wire                         beat_ready_o,
    input  wire [MULTIPLIER_BITS*K-1:0] weights_i,
    input  wire [8*R-1:0]               scales_i,
    output reg  [ADDRESS_BITS-1:0]      address_o,
    input  wire [8*K-1:0]               operand_i,
    input  wire [3:0]                   exponent_i,
    output wire                         kv_re_o,
    output wire                         kv_last_o,
    input  wire [9*K-1:0]               kv_word_i,
    input  wire [3:0]                   kv_exponent_i
);
    localparam BITS = MULTIPLIER_BITS;
    localparam BEATS = 16 / K;
    localparam BEAT_BITS = $clog2(BEATS);
    localparam LEFT_BITS = BLOCK_BITS + BEAT_BITS;

    // ---- Beats: issued, and a cycle later their addresses.
    reg  [LEFT_BITS-1:0] left;
    reg                  more;                          // left is not 0
    reg                  ready;                         // nor are they the KV cache's
    reg                  valid_0;
    reg                  first_block;
    wire                 issues = more & (beat_valid_i | ~matrix_i);
    wire                 more_next = begins | (more & ~(issues & (left == 1)));
    wire                 first_beat = (address_o[BEAT_BITS-1:0] == 0);
    wire                 last_beat = &address_o[BEAT_BITS-1:0];
    wire                 last_block = ~more;            // at its last beat
    reg                  is_second;
    wire                 begins = start_i & ~(paired_i & ~is_second);

    assign beat_ready_o = ready;
    assign kv_re_o = valid_0 & ~matrix_i;
    assign kv_last_o = last_block;

    always @(posedge clk_i) begin
        valid_0 <= issues & ~rst_i;
        if (rst_i) left <= 0;
        else if (begins) left <= {blocks_i, {BEAT_BITS{1'b0}}};
        else if (issues) left <= left - 1'b1;
        more <= ~rst_i & more_next;
        ready <= ~rst_i & matrix_i & more_next;
        if (begins) address_o <= base_i;
        else if (valid_0) address_o <= address_o + 1'b1;
        if (begins) first_block <= 1'b1;
        else if (valid_0 & last_beat) first_block <= 1'b0;
        if (command_i) is_second <= 1'b1;
        else if (start_i) is_second <= ~is_second;
    end

    // ---- Stage 2: weights, or the KV cache's mantissas, meet operands.
    wire            valid_2, first_beat_2, last_beat_2, first_block_2, last_block_2;
    wire [BITS*K-1:0] factors;

    delay #(.WIDTH(5), .CYCLES(2)) delay_to_2 (
        .clk_i(clk_i),
        .data_i({valid_0, first_beat, last_beat, first_block, last_block}),
        .data_o({valid_2, first_beat_2, last_beat_2, first_block_2, last_block_2})
    );

    genvar g;
    generate
        for (g = 0; g < K; g = g + 1) begin : lanes
            wire [8:0] cached = kv_word_i[9*g +: 9];
            assign factors[BITS*g +: BITS] =
                matrix_i ? weights_i[BITS*g +: BITS] : {{BITS-9{cached[8]}}, cached};
        end
    endgenerate

    // What belongs to a block is taken with its last beat and holds for longer than its sum
    // takes: the next block's last beat is BEATS later.
    reg [4:0]  block_exponent;
    reg [15:0] block_scales;
    wire [7:0] scale = matrix_i ? scales_i[7:0] : 8'd1;

    always @(posedge clk_i)
        if (valid_2 & last_beat_2) begin
            block_exponent <= {1'b0, exponent_i} + {1'b0, score_i ? kv_exponent_i : 4'd0};
            block_scales <= {paired_i ? scales_i[8*R-1 -: 8] : scale, scale};
        end

    wire               ends, ends_first, ends_last;
    wire signed [15:0] low, high;

    dot_product #(.FAMILY(FAMILY), .BITS(BITS), .K(K), .MARK_BITS(2)) products (
        .clk_i(clk_i), .rst_i(rst_i), .valid_i(valid_2), .first_i(first_beat_2),
        .last_i(last_beat_2), .mark_i({first_block_2, last_block_2}), .operands_i(operand_i),
        .weights_i(factors), .ends_o(ends), .mark_o({ends_first, ends_last}), .low_o(low),
        .high_o(high)
    );

    // ---- Totals
    wire                  total_valid;
    wire [TOTAL_BITS-1:0] total;
    reg                   busy;

    row_totals #(.FAMILY(FAMILY), .BITS(BITS), .SERIAL(1), .TOTAL_BITS(TOTAL_BITS)) totals (
        .clk_i(clk_i), .rst_i(rst_i), .paired_i(paired_i), .ends_i(ends),
        .first_block_i(ends_first), .last_block_i(ends_last), .exponent_i(block_exponent),
        .scales_i(block_scales), .low_i(low), .high_i(high), .valid_o(total_valid),
        .total_o(total)
    );

    generate
        if (R == 2) begin : pairs
            reg                  has_first;
            reg [TOTAL_BITS-1:0] first_total;
            always @(posedge clk_i) begin
                if (begins) has_first <= 1'b0;
                else if (total_valid) has_first <= 1'b1;
                if (total_valid & ~has_first) first_total <= total;
                if (rst_i) busy <= 1'b0;
                else if (begins) busy <= 1'b1;
                else if (total_valid & (has_first | ~paired_i)) busy <= 1'b0;
            end
            assign total_o = (paired_i & ~is_second) ? first_total : total;
        end else begin : rows
            always @(posedge clk_i) begin
                if (rst_i) busy <= 1'b0;
                else if (begins) busy <= 1'b1;
                else if (total_valid) busy <= 1'b0;
            end
            assign total_o = total;
        end
    endgenerate

    assign done_o = ~busy;
endmodule
`default_nettype wire
