// SPDX-License-Identifier: Apache-2.0
// The iCEBreaker: 12 MHz, the tape in the four SPRAMs, the FT2232H's UART.
//
// LEDs: green, the PLL has locked; red, the memory is not ready.
// Parameters are set by millgen; their defaults are of no board.
`default_nettype none
module icebreaker #(
    parameter T = 64,
    parameter TAPE_LINES = 1024,
    parameter BAUD_DIVIDER = 24,
    parameter [3:0] PLL_DIVR = 4'd0,
    parameter [6:0] PLL_DIVF = 7'd63,
    parameter [2:0] PLL_DIVQ = 3'd5,
    parameter [2:0] PLL_FILTER = 3'd1
) (
    input  wire CLK,
    input  wire RX,
    output wire TX,
    output wire LEDR_N,
    output wire LEDG_N
);
    wire core_clk, locked, core_rst;

    ice40_pll #(.DIVR(PLL_DIVR), .DIVF(PLL_DIVF), .DIVQ(PLL_DIVQ), .FILTER(PLL_FILTER)) pll (
        .clk_i(CLK), .core_clk_o(core_clk), .locked_o(locked)
    );
    reset_generator core_reset (.clk_i(core_clk), .good_i(locked), .rst_o(core_rst));

    // ---- The design and its memory
    wire         mem_start, mem_valid, mem_ready;
    wire [T-1:0] mem_data;
    wire         load_start, load_valid, load_ready, load_busy;
    wire [23:0]  load_line;
    wire [7:0]   load_data;
    wire [1:0]   fault;

    uart_design #(.T(T), .BAUD_DIVIDER(BAUD_DIVIDER)) design (
        .clk_i(core_clk), .rst_i(core_rst), .rx_i(RX), .tx_o(TX),
        .start_o(mem_start), .valid_i(mem_valid), .ready_o(mem_ready), .data_i(mem_data),
        .load_start_o(load_start), .load_line_o(load_line), .load_valid_o(load_valid),
        .load_ready_i(load_ready), .load_data_o(load_data), .load_busy_i(load_busy),
        .fault_i(fault)
    );
    spram_memory #(.T(T), .TAPE_LINES(TAPE_LINES), .FAMILY("ice40")) memory (
        .clk_i(core_clk), .rst_i(core_rst),
        .start_i(mem_start), .valid_o(mem_valid), .ready_i(mem_ready), .data_o(mem_data),
        .load_start_i(load_start), .load_line_i(load_line), .load_valid_i(load_valid),
        .load_ready_o(load_ready), .load_data_i(load_data), .load_busy_o(load_busy),
        .state_valid_i(1'b0), .state_ready_o(), .state_write_i(1'b0), .state_address_i(24'd0),
        .state_length_i(8'd0), .state_write_valid_i(1'b0), .state_write_ready_o(),
        .state_write_data_i({T{1'b0}}), .state_read_valid_o(), .state_read_data_o(),
        .fault_o(fault)
    );

    assign LEDG_N = ~locked;
    assign LEDR_N = (fault == 2'd0);
endmodule
`default_nettype wire
