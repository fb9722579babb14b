// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The tape's words to units of 64 bits, and those to where a mixer's record has
// them: of each record the first unit to head_*, the `decays_i` units after it to
// decay_*; what is left after `records_i` records is padding and taken silently.
//
// Timing: start_i for one cycle, with the counts, which hold still until busy_o
// falls: when what came with and before payload_last_i is gone. A unit shows two cycles
// after its last word; a word or a unit a cycle, whichever is the larger. The words'
// ready comes from registers.
// Resources: skid_buffer, max(T, 64) registers, three counters.
module payload_units #(
    parameter T = 64
) (
    input wire clk_i,
    input wire rst_i,

    input wire start_i,
    input wire [15:0] records_i,
    input wire [7:0] decays_i,
    output wire busy_o,

    input wire payload_valid_i,
    output wire payload_ready_o,
    input wire [T-1:0] payload_data_i,
    input wire payload_last_i,

    output wire head_valid_o,
    input wire head_ready_i,
    output wire decay_valid_o,
    input wire decay_ready_i,
    output wire [63:0] unit_o
);

  localparam integer WIDTH = T > 64 ? T : 64;
  localparam integer WORDS = T > 64 ? 1 : 64 / T;  // of a buffer
  localparam integer UNITS = T > 64 ? T / 64 : 1;
  localparam [2:0] LAST_WORD = WORDS[2:0] - 3'd1;
  localparam [2:0] LAST_UNIT = UNITS[2:0] - 3'd1;

  reg taking;
  reg [WIDTH-1:0] buffer;
  reg full;
  reg [2:0] word;
  reg [2:0] unit;
  reg [15:0] records;  // that are not yet complete
  reg [7:0] decay;

  wire is_padding = records == 16'd0;
  wire is_head = decay == 8'd0;
  wire unit_taken = full && (is_padding || (is_head ? head_ready_i : decay_ready_i));
  wire emptied = unit_taken && unit == LAST_UNIT;
  wire payload_taken = payload_valid_i && payload_ready_o;
  wire waits;
  wire free = !full || emptied;
  wire word_taken = waits && free;
  wire skid_ready;
  wire [T-1:0] next_word;

  skid_buffer #(
      .WIDTH(T)
  ) words (
      .clk_i(clk_i),
      .rst_i(rst_i || start_i),
      .in_valid_i(payload_valid_i && taking),
      .in_ready_o(skid_ready),
      .in_data_i(payload_data_i),
      .out_valid_o(waits),
      .out_ready_i(free),
      .out_data_o(next_word)
  );

  generate
    if (!(T == 16 || T == 32 || T == 64 || T == 128 || T == 256)) unsupported_width unsupported ();
    if (T < 64) begin : g_gather
      always @(posedge clk_i) if (word_taken) buffer <= {next_word, buffer[WIDTH-1:T]};
    end else begin : g_scatter
      always @(posedge clk_i)
        if (word_taken) buffer <= next_word;
        else if (unit_taken) buffer <= buffer >> 64;
    end
  endgenerate

  always @(posedge clk_i)
    if (rst_i) begin
      taking <= 1'b0;
      full   <= 1'b0;
    end else if (start_i) begin
      taking <= 1'b1;
      full <= 1'b0;
      word <= 3'd0;
      unit <= 3'd0;
      records <= records_i;
      decay <= 8'd0;
    end else begin
      if (payload_taken && payload_last_i) taking <= 1'b0;
      if (word_taken) word <= word == LAST_WORD ? 3'd0 : word + 3'd1;
      if (word_taken && word == LAST_WORD) full <= 1'b1;
      else if (emptied) full <= 1'b0;
      if (unit_taken) begin
        unit  <= unit == LAST_UNIT ? 3'd0 : unit + 3'd1;
        decay <= decay == decays_i ? 8'd0 : decay + 8'd1;
        if (decay == decays_i && !is_padding) records <= records - 16'd1;
      end
    end

  assign busy_o = taking || waits || full;
  assign payload_ready_o = taking && skid_ready;
  assign head_valid_o = full && !is_padding && is_head;
  assign decay_valid_o = full && !is_padding && !is_head;
  assign unit_o = buffer[63:0];

endmodule

`default_nettype wire
