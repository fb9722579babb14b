// SPDX-License-Identifier: Apache-2.0
// usb_crossing.v's new conversation, between two clocks that tick in any order, clk_i at least
// once in four of usb_clk_i's edges: its two queues are reset as async_fifo.v asks, each side
// for four edges of either clock while the other is too; no byte can go in at the device's side
// before restart_o has fallen; and no conversation begins there without restart_o.
//
// With that the queues are empty, and what async_fifo_properties.v shows of them holds anew.
// Each step of the proof may have an edge of either clock, of both, or of none.  The registers
// begin as their reset makes them; test_formal_usb.sh connects those that are named dut_*.
`default_nettype none
module usb_crossing_properties (
    input wire usb_tick_i,
    input wire tick_i,
    input wire began_i
);
    (* gclk *) wire global_clock;
    reg  usb_clk = 1'b0;
    reg  clk = 1'b0;
    wire usb_edge = ~usb_clk & usb_tick_i;      // it is in this step
    wire edge_now = ~clk & tick_i;
    always @(posedge global_clock) begin
        usb_clk <= usb_clk ^ usb_tick_i;
        clk <= clk ^ tick_i;
    end

    reg  began = 1'b0;
    wire restart;
    always @(posedge usb_clk) began <= began_i;

    wire out_ready, in_valid, rx_valid, tx_ready;
    /* verilator lint_off PINCONNECTEMPTY */ // the bytes are async_fifo_properties.v's concern
    usb_crossing #(.DEPTH(4)) dut (
        .usb_clk_i(usb_clk), .usb_rst_i(1'b0), .usb_began_i(began), .usb_configured_i(1'b0),
        .usb_out_valid_i(1'b0), .usb_out_ready_o(out_ready), .usb_out_data_i(8'd0),
        .usb_in_valid_o(in_valid), .usb_in_ready_i(1'b0), .usb_in_data_o(), .clk_i(clk),
        .rst_i(1'b0), .configured_o(), .restart_o(restart), .rx_valid_o(rx_valid),
        .rx_ready_i(1'b0), .rx_data_o(), .tx_valid_i(1'b0), .tx_ready_o(tx_ready),
        .tx_data_i(8'd0)
    );
    /* verilator lint_on PINCONNECTEMPTY */
    wire       dut_wanted, dut_request, dut_usb_drop;
    wire [1:0] dut_acknowledged, dut_seen;
    wire [4:0] dut_held;
    initial assume (dut_wanted & ~dut_request & (dut_acknowledged == 2'd0) & (dut_seen == 2'd0)
                    & (dut_held == 5'd0) & ~out_ready & ~in_valid);

    // ---- Edges of usb_clk since the last of clk
    reg [2:0] since = 3'd0;
    always @(posedge global_clock)
        since <= (edge_now ? 3'd0 : since) + {2'd0, usb_edge};
    always @* assume (~((since == 3'd4) & usb_edge & ~edge_now));

    // ---- Edges while both sides are in reset, and a beginning that the link is to hear of
    reg [2:0] usb_edges = 3'd0, edges = 3'd0;
    reg       restarting = 1'b0;
    reg       owed = 1'b1;
    wire      unheard = owed & ~restart;
    always @(posedge global_clock) begin
        restarting <= restart;
        if (~restart) begin
            usb_edges <= 3'd0;
            edges <= 3'd0;
        end else if (dut_usb_drop) begin
            if (usb_edge & ~usb_edges[2]) usb_edges <= usb_edges + 1'b1;
            if (edge_now & (edges != 3'd7)) edges <= edges + 1'b1;
        end
        owed <= unheard | (usb_edge & began);
    end
    always @* begin
        if (restarting & ~restart) assert (usb_edges[2] & edges[2]);
        if (restart) assert (dut_usb_drop);
        if (restart) assert (~out_ready & ~in_valid);
        if (restart & (edges != 3'd0)) assert (~rx_valid & ~tx_ready);
        if (unheard) assert (dut_usb_drop | dut_wanted);
    end

    // ---- For the induction: request and acknowledgement go round in four phases.
    always @* begin
        if (dut_request) begin
            assert (dut_seen != 2'b10);
            assert (dut_acknowledged != 2'b10);
            if (dut_acknowledged[0]) assert (dut_seen == 2'b11);
        end else begin
            assert (dut_seen != 2'b01);
            assert (dut_acknowledged != 2'b01);
            if (dut_seen[1]) assert (dut_acknowledged == 2'b11);
            if (dut_seen[1]) assert (usb_edges[2] & edges[2]);
        end
        if (dut_held != 5'd0) assert (dut_acknowledged == 2'b11);
        if (dut_request) assert (dut_held <= 5'd24);
        if (dut_request & (dut_held != 5'd0)) begin
            assert ({2'd0, dut_held} <= {2'd0, edges, 2'd0} + {4'd0, since});
            assert (usb_edges[2] | (dut_held <= {2'd0, usb_edges}));
        end
        if (dut_request | dut_acknowledged[1]) assert (~out_ready & ~in_valid);
        if (unheard & ~dut_wanted) assert (dut_request);
        assert (since <= 3'd4);
        if (restarting & ~restart) assert (~dut_request);
    end

    reg heard = 1'b0;
    always @(posedge global_clock) begin
        if (restarting & ~restart) heard <= 1'b1;
        cover (heard & ~dut_usb_drop);
    end
endmodule
`default_nettype wire
