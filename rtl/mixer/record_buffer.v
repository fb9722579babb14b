// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// What has come of a payload and is still needed: a queue that is read at any
// place, so that every column can have the same records, and that is let go of
// RELEASED words at a time.
//
// Timing: clear_i empties it. Words come valid/ready. stored_o counts them; the word
// offset_i behind the oldest is data_o three cycles later. release_i for one cycle
// drops RELEASED words from the next cycle on.
// Resources: WIDTH x DEPTH bits of RAM; DEPTH is a power of two.
module record_buffer #(
    parameter WIDTH = 64,
    parameter DEPTH = 64,
    parameter RELEASED = 16,
    parameter ADDRESS_BITS = $clog2(DEPTH)
) (
    input wire clk_i,
    input wire clear_i,

    input wire valid_i,
    output wire ready_o,
    input wire [WIDTH-1:0] data_i,

    output reg [ADDRESS_BITS:0] stored_o,
    input wire release_i,
    input wire [ADDRESS_BITS-1:0] offset_i,
    output wire [WIDTH-1:0] data_o
);

  localparam [ADDRESS_BITS:0] DROPPED = RELEASED[ADDRESS_BITS:0];

  reg [ADDRESS_BITS-1:0] oldest;
  reg [ADDRESS_BITS-1:0] read_address;
  wire [ADDRESS_BITS-1:0] write_address = oldest + stored_o[ADDRESS_BITS-1:0];
  wire taken = valid_i && ready_o;

  assign ready_o = !stored_o[ADDRESS_BITS];

  always @(posedge clk_i) begin
    read_address <= oldest + offset_i;
    if (clear_i) begin
      oldest   <= {ADDRESS_BITS{1'b0}};
      stored_o <= {ADDRESS_BITS + 1{1'b0}};
    end else begin
      if (release_i) oldest <= oldest + DROPPED[ADDRESS_BITS-1:0];
      stored_o <= stored_o + {{ADDRESS_BITS{1'b0}}, taken} -
          (release_i ? DROPPED : {ADDRESS_BITS + 1{1'b0}});
    end
  end

  store #(
      .WIDTH(WIDTH),
      .DEPTH(DEPTH)
  ) records (
      .clk_i(clk_i),
      .write_i(taken),
      .write_address_i(write_address),
      .write_data_i(data_i),
      .read_address_i(read_address),
      .read_data_o(data_o)
  );

endmodule

`default_nettype wire
