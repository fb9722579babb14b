// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Where a slot's part of a group lies in a mixer's memories: at
// (layer x GROUPS + group) x SLOTS + slot, so that a pass goes through them once,
// from end to end.
//
// Timing: start_i with the layer begins at group 0; the address is right once
// busy_o is low again, eight cycles later. next_i goes to the next group. slot_i
// is added combinationally.
// Resources: INDEX_BITS + 12 registers, two adders.
module slot_address #(
    parameter GROUPS = 4,
    parameter SLOTS = 1,
    parameter INDEX_BITS = 8
) (
    input wire clk_i,
    input wire rst_i,
    input wire start_i,
    input wire [7:0] layer_i,
    output wire busy_o,

    input wire next_i,
    input wire [7:0] slot_i,
    output wire [INDEX_BITS-1:0] index_o
);

  localparam integer STRIDE = GROUPS * SLOTS;

  reg [3:0] steps;  // left of the multiplication by the layer
  reg [7:0] layer;
  reg [INDEX_BITS-1:0] group_base;

  always @(posedge clk_i) begin
    if (rst_i) steps <= 4'd0;
    else if (start_i) steps <= 4'd8;
    else if (busy_o) steps <= steps - 4'd1;

    layer <= start_i ? layer_i : layer << 1;

    if (start_i) group_base <= {INDEX_BITS{1'b0}};
    else if (busy_o)
      group_base <= (group_base << 1) + (layer[7] ? STRIDE[INDEX_BITS-1:0] : {INDEX_BITS{1'b0}});
    else if (next_i) group_base <= group_base + SLOTS[INDEX_BITS-1:0];
  end

  wire [INDEX_BITS+7:0] slot = {{INDEX_BITS{1'b0}}, slot_i};

  assign busy_o  = steps != 4'd0;
  assign index_o = group_base + slot[INDEX_BITS-1:0];

  wire unused = &{1'b0, slot};

endmodule

`default_nettype wire
