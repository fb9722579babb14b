// SPDX-License-Identifier: Apache-2.0
// The iCEBreaker with the tape in its flash: 12 MHz, the FT2232H's UART.
//
// LEDs: green, the PLL has locked; red, the memory is not ready.
// Parameters are set by millgen; their defaults are of no board.
`default_nettype none
module icebreaker_flash #(
    parameter T = 16,
    parameter TAPE_LINES = 1024,
    parameter TAPE_OFFSET = 1048576,
    parameter WAKE_CYCLES = 72,
    parameter GAP = 2,
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
    output wire LEDG_N,
    output wire FLASH_SSB,
    output wire FLASH_SCK,
    inout  wire FLASH_IO0,
    inout  wire FLASH_IO1,
    inout  wire FLASH_IO2,
    inout  wire FLASH_IO3
);
    wire core_clk, locked, core_rst;

    ice40_pll #(.DIVR(PLL_DIVR), .DIVF(PLL_DIVF), .DIVQ(PLL_DIVQ), .FILTER(PLL_FILTER)) pll (
        .clk_i(CLK), .core_clk_o(core_clk), .locked_o(locked)
    );
    reset_generator core_reset (.clk_i(core_clk), .good_i(locked), .rst_o(core_rst));

    // ---- The design and its memory, which cannot be loaded
    wire         mem_start, mem_valid, mem_ready;
    wire [T-1:0] mem_data;
    wire [1:0]   fault;

    uart_design #(.T(T), .BAUD_DIVIDER(BAUD_DIVIDER)) design (
        .clk_i(core_clk), .rst_i(core_rst), .rx_i(RX), .tx_o(TX),
        .start_o(mem_start), .valid_i(mem_valid), .ready_o(mem_ready), .data_i(mem_data),
        .load_start_o(), .load_line_o(), .load_valid_o(), .load_ready_i(1'b1), .load_data_o(),
        .load_busy_i(1'b0), .fault_i(fault)
    );

    wire       cs_n, sck;
    wire [3:0] sent, sent_enable, received;

    flash_memory #(
        .T(T), .TAPE_LINES(TAPE_LINES), .TAPE_OFFSET(TAPE_OFFSET), .WAKE_CYCLES(WAKE_CYCLES),
        .GAP(GAP)
    ) memory (
        .clk_i(core_clk), .rst_i(core_rst),
        .start_i(mem_start), .valid_o(mem_valid), .ready_i(mem_ready), .data_o(mem_data),
        .fault_o(fault), .flash_cs_n_o(cs_n), .flash_sck_o(sck), .flash_io_o(sent),
        .flash_io_enable_o(sent_enable), .flash_io_i(received)
    );
    ice40_flash_pins pins (
        .clk_i(core_clk), .flash_cs_n_i(cs_n), .flash_sck_i(sck), .flash_io_i(sent),
        .flash_io_enable_i(sent_enable), .flash_io_o(received), .flash_cs_n(FLASH_SSB),
        .flash_clk(FLASH_SCK), .flash_io({FLASH_IO3, FLASH_IO2, FLASH_IO1, FLASH_IO0})
    );

    assign LEDG_N = ~locked;
    assign LEDR_N = (fault == 2'd0);
endmodule
`default_nettype wire
