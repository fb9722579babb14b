// SPDX-License-Identifier: Apache-2.0
// Takes a USB device's two streams of bytes from its clock to the link's, and there says when
// a new conversation begins.
//
// Streams: valid/ready; usb_* in usb_clk_i, rx_* (from the host) and tx_* in clk_i.
// New conversation: usb_began_i, one cycle or more.  What is on its way in either direction is
//   dropped, and restart_o is high for four cycles or more; no byte of the new one comes
//   before restart_o has fallen, and none of the old one goes to the host afterwards.
// Crossing: a request that is held until its acknowledgement has come back, and then for as
//   long as async_fifo.v asks both its sides to be reset; configured_o is usb_configured_i,
//   two cycles late.
// Clocks: any two; clk_i is not slower than a quarter of usb_clk_i.
// Resources: two async_fifo of DEPTH bytes, 15 registers.
`default_nettype none
module usb_crossing #(
    parameter DEPTH = 32
) (
    input  wire       usb_clk_i,
    input  wire       usb_rst_i,
    input  wire       usb_began_i,
    input  wire       usb_configured_i,
    input  wire       usb_out_valid_i,
    output wire       usb_out_ready_o,
    input  wire [7:0] usb_out_data_i,
    output wire       usb_in_valid_o,
    input  wire       usb_in_ready_i,
    output wire [7:0] usb_in_data_o,
    input  wire       clk_i,
    input  wire       rst_i,
    output wire       configured_o,
    output wire       restart_o,
    output wire       rx_valid_o,
    input  wire       rx_ready_i,
    output wire [7:0] rx_data_o,
    input  wire       tx_valid_i,
    output wire       tx_ready_o,
    input  wire [7:0] tx_data_i
);
    // ---- The device's side asks for a restart
    reg       wanted;           // a conversation has begun that the link's side does not know of
    reg       request;
    reg [1:0] acknowledged;     // the request, back from the other clock
    reg [4:0] held;             // since it was acknowledged
    reg [1:0] seen;             // the request in clk_i
    wire      usb_drop = wanted | request | acknowledged[1];

    always @(posedge usb_clk_i) begin
        acknowledged <= {acknowledged[0], seen[1]};
        held <= (request & acknowledged[1]) ? held + 1'b1 : 5'd0;
        if (usb_began_i) wanted <= 1'b1;
        else if (request) wanted <= 1'b0;
        if (~request) request <= wanted & ~acknowledged[1];
        else if (held[4] & held[3]) request <= 1'b0;
        if (usb_rst_i) begin
            acknowledged <= 2'b00;
            wanted <= 1'b1;
            request <= 1'b0;
        end
    end

    // ---- The link's side
    reg [1:0] configured;

    assign configured_o = configured[1];
    assign restart_o = seen[1];
    always @(posedge clk_i) begin
        seen <= rst_i ? 2'b00 : {seen[0], request};
        configured <= rst_i ? 2'b00 : {configured[0], usb_configured_i};
    end

    // ---- The bytes
    /* verilator lint_off PINCONNECTEMPTY */ // valid and ready say enough
    async_fifo #(.WIDTH(8), .DEPTH(DEPTH)) from_host (
        .in_clk_i(usb_clk_i), .in_rst_i(usb_drop), .in_valid_i(usb_out_valid_i),
        .in_ready_o(usb_out_ready_o), .in_data_i(usb_out_data_i), .in_room_o(),
        .out_clk_i(clk_i), .out_rst_i(rst_i | restart_o), .out_valid_o(rx_valid_o),
        .out_ready_i(rx_ready_i), .out_data_o(rx_data_o)
    );
    async_fifo #(.WIDTH(8), .DEPTH(DEPTH)) to_host (
        .in_clk_i(clk_i), .in_rst_i(rst_i | restart_o), .in_valid_i(tx_valid_i),
        .in_ready_o(tx_ready_o), .in_data_i(tx_data_i), .in_room_o(),
        .out_clk_i(usb_clk_i), .out_rst_i(usb_drop), .out_valid_o(usb_in_valid_o),
        .out_ready_i(usb_in_ready_i), .out_data_o(usb_in_data_o)
    );
    /* verilator lint_on PINCONNECTEMPTY */
endmodule
`default_nettype wire
