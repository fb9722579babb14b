// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// What a Mamba block has beside its matrices, norms and gates: CONV, without its
// silu, and SCAN. One for all columns, which take their turns, so that the tape's
// payload is read once; gen/op/conv.c and gen/op/scan.c define what they compute.
//
// Payload: taken from the cycle after start_i to payload_last_i. SCAN of Mamba-2
// takes it at once into a buffer, so that the tape goes on while it runs; else it
// is taken as it is needed.
// Wide store: wide_data_i is the value of wide_column_o at wide_address_o four
// cycles later. CONV writes the wide store in place, SCAN the gated store; a write
// may be one cycle longer on its way when busy_o falls.
// Timing: start_i takes the fields where busy_o is low; columns_i, prefill_i, slot_i,
// fresh_i (columns at position 0, for which the slot holds nothing) and turns_i (each
// column's position modulo 4) hold while it is high. gen/op/mixer_cycles.h
// states how long. Nothing depends on the data. With IN_MEMORY SCAN's state is behind the
// state port (docs/memories.md), and SCAN takes as long as that does.
// Resources: the units', a block quantiser, and RAM for the records.
module mixer #(
    parameter FAMILY = "generic",
    parameter T = 64,
    parameter COLUMNS = 1,
    parameter LAYERS = 1,
    parameter INNER = 64,
    parameter STATE = 16,
    parameter HEADS = 4,
    parameter CONV_WIDTH = 4,
    parameter EVERY = 0,  // a decay for every state element: Mamba; else for a head: Mamba-2
    parameter STATE_BITS = 8,
    parameter IN_MEMORY = 0,  // SCAN's state is: else on the chip
    parameter LANES = 4,  // state elements a cycle
    parameter TABLE_FILE = "function_table.hex"
) (
    input wire clk_i,
    input wire rst_i,

    input wire start_i,
    input wire scan_i,
    input wire [15:0] source_i,
    input wire [15:0] target_i,
    input wire [15:0] rows_i,
    input wire [15:0] blocks_i,
    input wire [5:0] shift_i,
    input wire [3:0] shift2_i,
    input wire [23:0] constant_i,
    input wire [7:0] columns_i,
    input wire prefill_i,
    input wire [7:0] slot_i,
    input wire [COLUMNS-1:0] fresh_i,
    input wire [2*COLUMNS-1:0] turns_i,
    output reg busy_o,

    input wire payload_valid_i,
    output wire payload_ready_o,
    input wire [T-1:0] payload_data_i,
    input wire payload_last_i,

    output wire mem_state_valid_o,
    input wire mem_state_ready_i,
    output wire mem_state_write_o,
    output wire [23:0] mem_state_address_o,
    output wire [7:0] mem_state_length_o,
    output wire mem_state_write_valid_o,
    input wire mem_state_write_ready_i,
    output wire [T-1:0] mem_state_write_data_o,
    input wire mem_state_read_valid_i,
    input wire [T-1:0] mem_state_read_data_i,

    output reg [7:0] wide_column_o,
    output reg [15:0] wide_address_o,
    input wire [17:0] wide_data_i,

    output reg [7:0] write_column_o,
    output reg [15:0] write_address_o,
    output reg wide_write_o,
    output reg [17:0] wide_data_o,
    output reg gated_write_o,
    output reg [31:0] gated_data_o
);

  localparam integer CHANNELS = EVERY != 0 ? INNER : INNER + 2 * STATE;
  localparam integer GROUPS = CHANNELS / 16;
  // Two groups of CONV's records; the heads' or two groups of channels'.
  localparam integer HEAD_DEPTH = EVERY != 0 || HEADS < 64 ? 64 : 1 << $clog2(HEADS);
  localparam integer HEAD_BITS = $clog2(HEAD_DEPTH);
  localparam integer DECAY_BITS = EVERY != 0 ? $clog2(8 * STATE) : HEAD_BITS;
  localparam integer DECAY_WIDTH = EVERY != 0 ? 64 : 16;
  localparam integer DECAYS = EVERY != 0 ? STATE / 4 : 1;  // units of a record
  // An iCE40's multipliers are too narrow.
  localparam [55:0] MULTIPLIER = FAMILY == "ecp5" ? {24'd0, "ecp5"} : "generic";

  generate
    if (EVERY != 0 && LANES > 4) unsupported_lanes unsupported ();
    if (EVERY == 0 && INNER / HEADS % 16 != 0) unsupported_heads unsupported ();
    if (CONV_WIDTH < 2 || CONV_WIDTH > 4) unsupported_convolution unsupported ();
    if (COLUMNS > 255 || LAYERS > 256 || CHANNELS > 32768) unsupported_size unsupported ();
  endgenerate

  // The operation.
  reg scan;
  reg start_conv;
  reg start_scan;
  reg [15:0] source;
  reg [15:0] target;
  reg [15:0] rows;
  reg [7:0] layer;
  reg [5:0] shift;
  reg [3:0] shift2;
  reg [23:0] constant;
  reg [7:0] last_column;
  wire starting = start_conv || start_scan;
  wire conv_busy;
  wire scan_busy;
  wire payload_busy;
  reg was_busy;
  wire is_busy = conv_busy || scan_busy || payload_busy;

  always @(posedge clk_i) begin
    start_conv <= start_i && !scan_i && !rst_i;
    start_scan <= start_i && scan_i && !rst_i;
    was_busy <= is_busy && !rst_i;
    busy_o <= (start_i || starting || is_busy || was_busy) && !rst_i;
    if (start_i) begin
      scan <= scan_i;
      source <= source_i;
      target <= target_i;
      rows <= rows_i;
      layer <= scan_i ? blocks_i[7:0] : target_i[7:0];
      shift <= shift_i;
      shift2 <= shift2_i;
      constant <= constant_i;
      last_column <= columns_i - 8'd1;
    end
  end

  // Its records.
  wire head_valid;
  wire head_ready;
  wire decay_valid;
  wire decay_ready;
  wire [63:0] unit;
  wire [HEAD_BITS:0] heads_stored;
  wire [DECAY_BITS:0] decays_stored;
  wire [63:0] head;
  wire [DECAY_WIDTH-1:0] decays;
  wire conv_release;
  wire scan_release;
  wire decays_release;
  wire [3:0] conv_offset;
  wire [HEAD_BITS-1:0] scan_offset;
  wire [DECAY_BITS-1:0] decay_offset;
  wire [HEAD_BITS:0] heads_complete;

  payload_units #(
      .T(T)
  ) units (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(starting),
      .records_i(!scan ? CHANNELS[15:0] : EVERY != 0 ? INNER[15:0] : HEADS[15:0]),
      .decays_i(scan ? DECAYS[7:0] : 8'd0),
      .busy_o(payload_busy),
      .payload_valid_i(payload_valid_i),
      .payload_ready_o(payload_ready_o),
      .payload_data_i(payload_data_i),
      .payload_last_i(payload_last_i),
      .head_valid_o(head_valid),
      .head_ready_i(head_ready),
      .decay_valid_o(decay_valid),
      .decay_ready_i(decay_ready),
      .unit_o(unit)
  );

  record_buffer #(
      .DEPTH(HEAD_DEPTH)
  ) head_buffer (
      .clk_i(clk_i),
      .clear_i(starting || rst_i),
      .valid_i(head_valid),
      .ready_o(head_ready),
      .data_i(unit),
      .stored_o(heads_stored),
      .release_i(scan ? scan_release : conv_release),
      .offset_i(scan ? scan_offset : {{HEAD_BITS - 4{1'b0}}, conv_offset}),
      .data_o(head)
  );

  record_buffer #(
      .WIDTH(DECAY_WIDTH),
      .DEPTH(1 << DECAY_BITS),
      .RELEASED(4 * STATE)
  ) decay_buffer (
      .clk_i(clk_i),
      .clear_i(starting || rst_i),
      .valid_i(decay_valid),
      .ready_o(decay_ready),
      .data_i(unit[DECAY_WIDTH-1:0]),
      .stored_o(decays_stored),
      .release_i(decays_release),
      .offset_i(decay_offset),
      .data_o(decays)
  );

  // Of Mamba-2's records the decay comes last.
  generate
    if (EVERY != 0) begin : g_heads
      assign heads_complete = heads_stored;
    end else begin : g_pairs
      assign heads_complete = decays_stored;
    end
  endgenerate

  // CONV.
  wire [7:0] conv_column;
  wire [15:0] conv_address;
  wire conv_element;
  wire [17:0] element;
  wire word_valid;
  wire [17:0] word;
  wire [3:0] exponent;
  wire conv_write;
  wire [7:0] conv_write_column;
  wire [15:0] conv_write_address;
  wire [17:0] conv_data;

  conv_unit #(
      .FAMILY(MULTIPLIER),
      .TAPS(CONV_WIDTH),
      .LAYERS(LAYERS),
      .GROUPS(GROUPS),
      .COLUMNS(COLUMNS),
      .STORED_BITS(HEAD_BITS + 1)
  ) conv (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(start_conv),
      .layer_i(layer),
      .source_i(source),
      .bias_shift_i(shift[3:0]),
      .last_column_i(last_column),
      .prefill_i(prefill_i),
      .slot_i(slot_i),
      .fresh_i(fresh_i),
      .busy_o(conv_busy),
      .stored_i(heads_stored),
      .release_o(conv_release),
      .offset_o(conv_offset),
      .record_i(head),
      .wide_column_o(conv_column),
      .wide_address_o(conv_address),
      .wide_data_i(wide_data_i),
      .element_valid_o(conv_element),
      .element_o(element),
      .word_valid_i(word_valid && !scan),
      .word_i(word),
      .exponent_i(exponent),
      .write_o(conv_write),
      .write_column_o(conv_write_column),
      .write_address_o(conv_write_address),
      .write_data_o(conv_data)
  );

  // SCAN.
  wire [7:0] scan_column;
  wire [15:0] scan_address;
  wire scan_element;
  wire scan_write;
  wire [7:0] scan_write_column;
  wire [15:0] scan_write_address;
  wire [31:0] scan_data;

  scan_unit #(
      .FAMILY(MULTIPLIER),
      .TABLE_FILE(TABLE_FILE),
      .EVERY(EVERY),
      .LANES(LANES),
      .STATE_BITS(STATE_BITS),
      .IN_MEMORY(IN_MEMORY),
      .T(T),
      .LAYERS(LAYERS),
      .INNER(INNER),
      .STATE(STATE),
      .HEADS(HEADS),
      .COLUMNS(COLUMNS),
      .HEAD_BITS(HEAD_BITS),
      .DECAY_BITS(DECAY_BITS),
      .DECAY_WIDTH(DECAY_WIDTH)
  ) scanner (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(start_scan),
      .layer_i(layer),
      .source_i(source),
      .target_i(target),
      .rows_i(rows),
      .shift_i(shift),
      .dt_left_i(shift2),
      .formats_i(constant),
      .last_column_i(last_column),
      .prefill_i(prefill_i),
      .slot_i(slot_i),
      .fresh_i(fresh_i),
      .turns_i(turns_i),
      .busy_o(scan_busy),
      .heads_stored_i(heads_complete),
      .heads_release_o(scan_release),
      .head_offset_o(scan_offset),
      .head_i(head[55:0]),
      .decays_stored_i(decays_stored),
      .decays_release_o(decays_release),
      .decay_offset_o(decay_offset),
      .decays_i(decays),
      .wide_column_o(scan_column),
      .wide_address_o(scan_address),
      .wide_data_i(wide_data_i),
      .element_valid_o(scan_element),
      .word_valid_i(word_valid && scan),
      .pair_i({word[16:9], word[7:0]}),
      .exponent_i(exponent),
      .state_valid_o(mem_state_valid_o),
      .state_ready_i(mem_state_ready_i),
      .state_write_o(mem_state_write_o),
      .state_address_o(mem_state_address_o),
      .state_length_o(mem_state_length_o),
      .state_write_valid_o(mem_state_write_valid_o),
      .state_write_ready_i(mem_state_write_ready_i),
      .state_write_data_o(mem_state_write_data_o),
      .state_read_valid_i(mem_state_read_valid_i),
      .state_read_data_i(mem_state_read_data_i),
      .write_o(scan_write),
      .write_column_o(scan_write_column),
      .write_address_o(scan_write_address),
      .write_data_o(scan_data)
  );

  // What both have in turn.
  wire unused_quantiser_busy;
  block_quantiser #(
      .K(2),
      .MAX_BLOCK(16)
  ) quantiser (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .head_i(1'b0),
      .nine_bits_i(1'b0),
      .four_bits_i(1'b0),
      .busy_o(unused_quantiser_busy),
      .element_valid_i(scan ? scan_element : conv_element),
      .element_last_i(1'b0),
      .element_i(element),
      .word_valid_o(word_valid),
      .word_o(word),
      .exponent_o(exponent)
  );

  always @(posedge clk_i) begin
    {wide_column_o, wide_address_o} <=
        scan ? {scan_column, scan_address} : {conv_column, conv_address};
    {write_column_o, write_address_o} <=
        scan ? {scan_write_column, scan_write_address} : {conv_write_column, conv_write_address};
    wide_write_o <= conv_write && !rst_i;
    wide_data_o <= conv_data;
    gated_write_o <= scan_write && !rst_i;
    gated_data_o <= scan_data;
  end

  wire unused = &{1'b0, blocks_i[15:8], unused_quantiser_busy};

endmodule

`default_nettype wire
