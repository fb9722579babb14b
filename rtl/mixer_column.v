// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// A Mamba model's part of a column: the gated store, and the units that work on it
// and on the wide store (functions 16 to 19 of column.v); and the mixer's way to both.
//
// Timing: start_i with fields that hold still until busy_o falls. A read is
// answered two cycles after its address. One unit is in work at a time; while
// none is, the scan may write the gated store.
// Resources: INNER x 32 bits of RAM, gate_unit, and where ROTATES hadamard, where
// TWELVE hadamard_twelve.
module mixer_column #(
    parameter INNER = 64,  // 0: there is no such part
    parameter ROTATES = 1,
    parameter TWELVE = 1
) (
    input wire clk_i,
    input wire rst_i,

    input wire start_i,
    input wire [1:0] function_i,  // 0 GATE, 1 SCALE, 2 HADAMARD, 3 TWELVE
    input wire to_wide_i,
    input wire [15:0] source_i,
    input wire [15:0] target_i,
    input wire [15:0] count_i,
    input wire [5:0] shift_i,
    output wire busy_o,

    input wire half_valid_i,
    output wire half_ready_o,
    input wire [15:0] half_i,

    output wire wide_read_o,
    output wire [15:0] wide_address_o,
    input wire [17:0] wide_i,
    output wire wide_write_o,
    output wire [15:0] wide_write_address_o,
    output wire [17:0] wide_write_data_o,

    // The vector unit's reads.
    input wire [15:0] gated_address_i,
    output wire [31:0] gated_o,

    // What CONV and SCAN read and write (mixer/mixer.v).
    input wire mixer_reads_i,
    input wire [15:0] mixer_read_address_i,
    input wire mixer_wide_write_i,
    input wire mixer_gated_write_i,
    input wire [15:0] mixer_write_address_i,
    input wire [31:0] mixer_write_data_i
);

  localparam [1:0] GATE = 0, SCALE = 1, HADAMARD = 2, BY_TWELVE = 3;
  localparam integer BITS = INNER > 1 ? $clog2(INNER) : 1;

  generate
    if (INNER != 0) begin : g_part
      wire gate_busy;
      wire gate_writes_gated;
      wire gate_writes_wide;
      wire [15:0] gate_gated_address;
      wire [15:0] gate_wide_address;
      wire [15:0] gate_write_address;
      wire [31:0] gate_data;

      gate_unit gate (
          .clk_i(clk_i),
          .rst_i(rst_i),
          .start_i(start_i && (function_i == GATE || function_i == SCALE)),
          .scale_i(function_i == SCALE),
          .to_wide_i(to_wide_i),
          .source_i(source_i),
          .target_i(target_i),
          .count_i(count_i),
          .shift_i(shift_i),
          .busy_o(gate_busy),
          .half_valid_i(half_valid_i),
          .half_ready_o(half_ready_o),
          .half_i(half_i),
          .gated_address_o(gate_gated_address),
          .gated_i(gated_o),
          .wide_address_o(gate_wide_address),
          .wide_i(wide_i),
          .gated_write_o(gate_writes_gated),
          .wide_write_o(gate_writes_wide),
          .write_address_o(gate_write_address),
          .write_data_o(gate_data)
      );

      store #(
          .WIDTH(32),
          .DEPTH(INNER)
      ) gated (
          .clk_i(clk_i),
          .write_i(gate_writes_gated || mixer_gated_write_i),
          .write_address_i(gate_writes_gated ? gate_write_address[BITS-1:0]
                                             : mixer_write_address_i[BITS-1:0]),
          .write_data_i(gate_writes_gated ? gate_data : mixer_write_data_i),
          .read_address_i(gate_busy ? gate_gated_address[BITS-1:0] : gated_address_i[BITS-1:0]),
          .read_data_o(gated_o)
      );

      // The rotation.
      wire butterfly_busy;
      wire butterfly_writes;
      wire [15:0] butterfly_address;
      wire [15:0] butterfly_write_address;
      wire [17:0] butterfly_data;
      wire twelve_busy;
      wire twelve_writes;
      wire [15:0] twelve_address;
      wire [15:0] twelve_write_address;
      wire [17:0] twelve_data;

        if (ROTATES != 0) begin : g_hadamard
          hadamard butterflies (
              .clk_i(clk_i),
              .rst_i(rst_i),
              .start_i(start_i && function_i == HADAMARD),
              .stages_i(shift_i[3:0]),
              .source_i(source_i),
              .count_i(count_i),
              .busy_o(butterfly_busy),
              .read_address_o(butterfly_address),
              .read_i(wide_i),
              .write_o(butterfly_writes),
              .write_address_o(butterfly_write_address),
              .write_data_o(butterfly_data)
          );
        end else begin : g_no_hadamard
          reg begun;  // a HADAMARD of no stages takes its two cycles without it, too
          always @(posedge clk_i) begun <= start_i && function_i == HADAMARD && !rst_i;
          assign butterfly_busy = begun;
          assign butterfly_writes = 1'b0;
          assign butterfly_address = 16'd0;
          assign butterfly_write_address = 16'd0;
          assign butterfly_data = 18'd0;
        end
        if (TWELVE != 0) begin : g_twelve
          hadamard_twelve twelve (
              .clk_i(clk_i),
              .rst_i(rst_i),
              .start_i(start_i && function_i == BY_TWELVE),
              .stages_i(shift_i[3:0]),
              .source_i(source_i),
              .busy_o(twelve_busy),
              .read_address_o(twelve_address),
              .read_i(wide_i),
              .write_o(twelve_writes),
              .write_address_o(twelve_write_address),
              .write_data_o(twelve_data)
          );
        end else begin : g_no_twelve
          assign twelve_busy = 1'b0;
          assign twelve_writes = 1'b0;
          assign twelve_address = 16'd0;
          assign twelve_write_address = 16'd0;
          assign twelve_data = 18'd0;
        end

      // One has the wide store at a time.
      assign busy_o = gate_busy || butterfly_busy || twelve_busy;
      assign wide_read_o = busy_o || mixer_reads_i;
      assign wide_address_o = gate_busy ? gate_wide_address :
                              butterfly_busy ? butterfly_address :
                              twelve_busy ? twelve_address : mixer_read_address_i;
      assign wide_write_o =
          gate_writes_wide || butterfly_writes || twelve_writes || mixer_wide_write_i;
      assign wide_write_address_o = gate_busy ? gate_write_address :
                                    butterfly_busy ? butterfly_write_address :
                                    twelve_busy ? twelve_write_address : mixer_write_address_i;
      assign wide_write_data_o = gate_busy ? gate_data[17:0] :
                                 butterfly_busy ? butterfly_data :
                                 twelve_busy ? twelve_data : mixer_write_data_i[17:0];

      wire unused = &{1'b0, gate_gated_address, gated_address_i, gate_write_address};
    end else begin : g_none
      assign busy_o = 1'b0;
      assign half_ready_o = 1'b0;
      assign wide_read_o = 1'b0;
      assign wide_address_o = 16'd0;
      assign wide_write_o = 1'b0;
      assign wide_write_address_o = 16'd0;
      assign wide_write_data_o = 18'd0;
      assign gated_o = 32'd0;
      wire unused = &{1'b0, clk_i, rst_i, start_i, function_i, to_wide_i, source_i, target_i,
                      count_i, shift_i, half_valid_i, half_i, wide_i, gated_address_i,
                      mixer_reads_i, mixer_read_address_i, mixer_wide_write_i,
                      mixer_gated_write_i, mixer_write_address_i, mixer_write_data_i};
    end
  endgenerate

endmodule

`default_nettype wire
