// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// SCAN of a Mamba or Mamba-2 block, gen/op/scan.c in the hardware's order: 16 channels
// of one column after another, LANES elements of the state a cycle. A channel waits
// for its step, nothing else stops the words.
//
//   parameter_loader -> B, C
//   scan_front -> a channel's input, keep, D x    (EVERY: decay_lanes -> keep)
//   state, keep, B -> scan_lane -> state_quantiser -> state, C -> scan_output -> y
//
// Timing: start_i with the fields, which hold still until busy_o falls. Reads and
// records as in scan_front, parameter_loader and decay_lanes. With IN_MEMORY the state is
// behind the state port, docs/memories.md, and a channel waits for it too.
// Resources: 3 LANES multipliers and scan_front's, EVERY 2 LANES more; the state, or
// with IN_MEMORY the four windows of state_stream.
module scan_unit #(
    parameter FAMILY = "generic",
    parameter TABLE_FILE = "function_table.hex",
    parameter EVERY = 0,
    parameter LANES = 4,
    parameter STATE_BITS = 8,
    parameter IN_MEMORY = 0,
    parameter T = 32,  // of the state port
    parameter LAYERS = 1,
    parameter INNER = 64,
    parameter STATE = 16,
    parameter HEADS = 4,
    parameter COLUMNS = 1,
    parameter HEAD_BITS = 6,
    parameter DECAY_BITS = 6,
    parameter DECAY_WIDTH = 16  // 64 with EVERY
) (
    input wire clk_i,
    input wire rst_i,

    input wire start_i,
    input wire [7:0] layer_i,
    input wire [15:0] source_i,
    input wire [15:0] target_i,
    input wire [15:0] rows_i,
    input wire [5:0] shift_i,
    input wire [3:0] dt_left_i,
    input wire [23:0] formats_i,  // fraction bits of B and C, of the state, D x's shift
    input wire [7:0] last_column_i,
    input wire prefill_i,
    input wire [7:0] slot_i,
    input wire [COLUMNS-1:0] fresh_i,
    input wire [2*COLUMNS-1:0] turns_i,
    output wire busy_o,

    input wire [HEAD_BITS:0] heads_stored_i,
    output wire heads_release_o,
    output wire [HEAD_BITS-1:0] head_offset_o,
    input wire [55:0] head_i,
    input wire [DECAY_BITS:0] decays_stored_i,
    output wire decays_release_o,
    output wire [DECAY_BITS-1:0] decay_offset_o,
    input wire [DECAY_WIDTH-1:0] decays_i,

    output wire [7:0] wide_column_o,
    output wire [15:0] wide_address_o,
    input wire [17:0] wide_data_i,

    output wire element_valid_o,
    input wire word_valid_i,
    input wire [15:0] pair_i,
    input wire [3:0] exponent_i,

    output wire state_valid_o,
    input wire state_ready_i,
    output wire state_write_o,
    output wire [23:0] state_address_o,
    output wire [7:0] state_length_o,
    output wire state_write_valid_o,
    input wire state_write_ready_i,
    output wire [T-1:0] state_write_data_o,
    input wire state_read_valid_i,
    input wire [T-1:0] state_read_data_i,

    output wire write_o,
    output wire [7:0] write_column_o,
    output wire [15:0] write_address_o,
    output wire [31:0] write_data_o
);

  localparam integer GROUPS = INNER / 16;
  localparam integer USED = LAYERS * GROUPS * COLUMNS;  // groups of all layers and slots
  localparam integer PARTS = USED > 1 ? USED : 2;
  localparam integer INDEX_BITS = $clog2(PARTS);
  localparam integer ELEMENT_BITS = $clog2(STATE);
  localparam integer ADDRESS_BITS = INDEX_BITS + 4 + $clog2(STATE / LANES);
  // Cycles from a word's announcement to its reads.
  localparam integer TO_KEEP = EVERY != 0 ? 10 : 0;

  // B and C.
  wire loading;
  wire loader_busy;
  wire [7:0] loader_column;
  wire [15:0] loader_address;
  wire write_b;
  wire write_c;
  wire [7:0] parameter_column;
  wire [ELEMENT_BITS-2:0] parameter_pair;

  parameter_loader #(
      .STATE(STATE),
      .STATE_BITS(ELEMENT_BITS)
  ) loader (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(start_i),
      .target_i(target_i),
      .last_column_i(last_column_i),
      .reading_o(loading),
      .busy_o(loader_busy),
      .wide_column_o(loader_column),
      .wide_address_o(loader_address),
      .element_valid_o(element_valid_o),
      .word_valid_i(word_valid_i),
      .write_b_o(write_b),
      .write_c_o(write_c),
      .write_column_o(parameter_column),
      .write_pair_o(parameter_pair)
  );

  // The channels' steps and inputs, from when the loader has the wide store no more.
  wire [7:0] front_column;
  wire [15:0] front_address;
  wire signed [7:0] format_right = formats_i[7:0] - formats_i[15:8] - 8'd4;
  wire channel_taken;
  wire d_x_valid;
  wire [33:0] d_x;
  wire step_valid;
  wire [16:0] step;
  wire [5:0] step_shift;
  wire input_valid;
  wire [7:0] mantissa;
  wire [6:0] right;
  wire [16:0] keep;
  reg was_loading;

  always @(posedge clk_i) was_loading <= loading && !rst_i;

  scan_front #(
      .FAMILY(FAMILY),
      .TABLE_FILE(TABLE_FILE),
      .EVERY(EVERY),
      .INNER(INNER),
      .HEADS(HEADS),
      .HEAD_BITS(HEAD_BITS)
  ) front (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(was_loading && !loading),
      .source_i(source_i),
      .rows_i(rows_i),
      .dt_left_i(dt_left_i),
      .format_right_i(format_right),
      .last_column_i(last_column_i),
      .heads_stored_i(heads_stored_i),
      .heads_release_o(heads_release_o),
      .head_offset_o(head_offset_o),
      .head_i(head_i),
      .decay_i(decays_i[15:0]),
      .wide_column_o(front_column),
      .wide_address_o(front_address),
      .wide_data_i(wide_data_i),
      .taken_i(channel_taken),
      .d_x_valid_o(d_x_valid),
      .d_x_o(d_x),
      .step_valid_o(step_valid),
      .step_o(step),
      .step_shift_o(step_shift),
      .input_valid_o(input_valid),
      .mantissa_o(mantissa),
      .right_o(right),
      .keep_o(keep)
  );

  assign {wide_column_o, wide_address_o} =
      loading ? {loader_column, loader_address} : {front_column, front_address};

  wire next_valid;
  wire [31:0] next_input;
  wire [33:0] next_d_x;
  wire d_x_taken;

  wire unused_inputs_in_ready;
  fifo #(
      .WIDTH(32),
      .DEPTH(16)
  ) inputs (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .flush_i(start_i),
      .in_valid_i(input_valid),
      .in_ready_o(unused_inputs_in_ready),
      .in_data_i({keep, mantissa, right}),
      .out_valid_o(next_valid),
      .out_ready_i(channel_taken),
      .out_data_o(next_input)
  );

  wire unused_scaled_out_valid;
  wire unused_scaled_in_ready;
  fifo #(
      .WIDTH(34),
      .DEPTH(32)
  ) scaled (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .flush_i(start_i),
      .in_valid_i(d_x_valid),
      .in_ready_o(unused_scaled_in_ready),
      .in_data_i(d_x),
      .out_valid_o(unused_scaled_out_valid),
      .out_ready_i(d_x_taken),
      .out_data_o(next_d_x)
  );

  // Words, and what the state keeps, four cycles later.
  wire granted;  // the next channel's state is here
  wire channel_begun;
  wire announced;
  wire word_valid;
  wire [17*LANES-1:0] keep_4;

  generate
    if (EVERY != 0) begin : g_every
      wire next_step_valid;
      wire [22:0] next_step;
      wire step_taken;

      assign channel_begun = step_taken;

      wire unused_steps_in_ready;
      fifo #(
          .WIDTH(23),
          .DEPTH(16)
      ) steps (
          .clk_i(clk_i),
          .rst_i(rst_i),
          .flush_i(start_i),
          .in_valid_i(step_valid),
          .in_ready_o(unused_steps_in_ready),
          .in_data_i({step_shift, step}),
          .out_valid_o(next_step_valid),
          .out_ready_i(step_taken),
          .out_data_o(next_step)
      );

      decay_lanes #(
          .FAMILY(FAMILY),
          .TABLE_FILE(TABLE_FILE),
          .LANES(LANES),
          .STATE(STATE),
          .GROUPS(GROUPS),
          .DECAY_BITS(DECAY_BITS)
      ) decays (
          .clk_i(clk_i),
          .rst_i(rst_i),
          .start_i(start_i),
          .last_column_i(last_column_i),
          .step_valid_i(next_step_valid && !loader_busy && granted),
          .step_taken_o(step_taken),
          .step_i(next_step[16:0]),
          .step_shift_i(next_step[22:17]),
          .stored_i(decays_stored_i),
          .release_o(decays_release_o),
          .offset_o(decay_offset_o),
          .decays_i(decays_i),
          .word_o(announced),
          .keep_o(keep_4)
      );

      delay #(
          .WIDTH (1),
          .CYCLES(TO_KEEP)
      ) delay_word (
          .clk_i (clk_i),
          .data_i(announced && !rst_i),
          .data_o(word_valid)
      );

      wire unused_here = &{1'b0, next_valid, next_input[31:15], unused_steps_in_ready};
    end else begin : g_head
      wire [16:0] one_keep_4;

      assign announced = 1'b0;
      assign word_valid = next_valid && !loader_busy && granted;
      assign channel_begun = channel_taken;
      assign decays_release_o = 1'b0;
      assign decay_offset_o = head_offset_o[DECAY_BITS-1:0];

      delay #(
          .WIDTH (17),
          .CYCLES(4)
      ) delay_keep (
          .clk_i (clk_i),
          .data_i(next_input[31:15]),
          .data_o(one_keep_4)
      );

      assign keep_4 = {LANES{one_keep_4}};

      wire unused_here = &{1'b0, announced, step_valid, step, step_shift, decays_stored_i};
    end
  endgenerate

  wire scan_busy;
  wire stream_busy;
  wire [ADDRESS_BITS-1:0] read_address;
  wire [LANES*STATE_BITS-1:0] stored;
  wire [4:0] stored_exponent;
  wire new_valid;
  wire new_ends;
  wire [ADDRESS_BITS-1:0] new_address;
  wire [LANES*STATE_BITS-1:0] new_word;
  wire [4:0] new_exponent;

  assign busy_o = scan_busy || stream_busy;

  scan_state #(
      .FAMILY(FAMILY),
      .LANES(LANES),
      .STATE_BITS(STATE_BITS),
      .INNER(INNER),
      .STATE(STATE),
      .COLUMNS(COLUMNS),
      .INDEX_BITS(INDEX_BITS)
  ) state (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(start_i),
      .layer_i(layer_i),
      .shift_i(shift_i),
      .d_left_i(formats_i[21:16]),
      .last_column_i(last_column_i),
      .prefill_i(prefill_i),
      .slot_i(slot_i),
      .fresh_i(fresh_i),
      .turns_i(turns_i),
      .busy_o(scan_busy),
      .write_b_i(write_b),
      .write_c_i(write_c),
      .parameter_column_i(parameter_column),
      .parameter_pair_i(parameter_pair),
      .pair_i(pair_i),
      .pair_exponent_i(exponent_i),
      .word_i(word_valid),
      .channel_taken_o(channel_taken),
      .keep_i(keep_4),
      .mantissa_i(next_input[14:7]),
      .right_i(next_input[6:0]),
      .read_address_o(read_address),
      .stored_i(stored),
      .exponent_i(stored_exponent),
      .new_valid_o(new_valid),
      .new_ends_o(new_ends),
      .new_address_o(new_address),
      .new_word_o(new_word),
      .new_exponent_o(new_exponent),
      .d_x_taken_o(d_x_taken),
      .d_x_i(next_d_x),
      .write_o(write_o),
      .write_column_o(write_column_o),
      .write_address_o(write_address_o),
      .write_data_o(write_data_o)
  );

  // Where the state is kept.
  generate
    if (IN_MEMORY != 0) begin : g_memory
      state_stream #(
          .T(T),
          .LANES(LANES),
          .STATE_BITS(STATE_BITS),
          .INDEX_BITS(INDEX_BITS),
          .GROUPS(GROUPS),
          .STATE(STATE),
          .COLUMNS(COLUMNS)
      ) stream (
          .clk_i(clk_i),
          .rst_i(rst_i),
          .start_i(start_i),
          .layer_i(layer_i),
          .last_column_i(last_column_i),
          .prefill_i(prefill_i),
          .slot_i(slot_i),
          .busy_o(stream_busy),
          .grant_o(granted),
          .begun_i(channel_begun),
          .word_i(word_valid),
          .word_o(stored),
          .exponent_o(stored_exponent),
          .write_i(new_valid),
          .write_ends_i(new_ends),
          .write_word_i(new_word),
          .write_exponent_i(new_exponent),
          .state_valid_o(state_valid_o),
          .state_ready_i(state_ready_i),
          .state_write_o(state_write_o),
          .state_address_o(state_address_o),
          .state_length_o(state_length_o),
          .state_write_valid_o(state_write_valid_o),
          .state_write_ready_i(state_write_ready_i),
          .state_write_data_o(state_write_data_o),
          .state_read_valid_i(state_read_valid_i),
          .state_read_data_i(state_read_data_i)
      );

      wire unused_here = &{1'b0, read_address, new_address};
    end else begin : g_chip
      state_store #(
          .LANES(LANES),
          .STATE_BITS(STATE_BITS),
          .WORDS(PARTS << (ADDRESS_BITS - INDEX_BITS)),
          .ADDRESS_BITS(ADDRESS_BITS)
      ) store (
          .clk_i(clk_i),
          .write_i(new_valid),
          .write_address_i(new_address),
          .write_word_i(new_word),
          .write_exponent_i(new_exponent),
          .read_address_i(read_address),
          .word_o(stored),
          .exponent_o(stored_exponent)
      );

      assign granted = 1'b1;
      assign stream_busy = 1'b0;
      assign {state_valid_o, state_write_o, state_address_o, state_length_o} = 34'd0;
      assign {state_write_valid_o, state_write_data_o} = {T + 1{1'b0}};

      wire unused_here = &{
        1'b0,
        new_ends,
        channel_begun,
        state_ready_i,
        state_write_ready_i,
        state_read_valid_i,
        state_read_data_i
      };
    end
  endgenerate

  wire unused = &{
    1'b0, formats_i[23:22], unused_inputs_in_ready, unused_scaled_in_ready, unused_scaled_out_valid
  };

endmodule

`default_nettype wire
