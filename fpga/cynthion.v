// SPDX-License-Identifier: Apache-2.0
// Cynthion r1.4: 60 MHz, HyperRAM of 8 MB, high-speed USB at AUX, the debug controller's UART.
//
// Clocks: core_clk for the design, memory_clk for the HyperRAM's controller, and the
//   same a quarter later at the HyperRAM's pin, so that its edges are in the middle of
//   the data.
//   The USB transceiver, a USB3343, runs on the oscillator's clock, and so does the device.
// LEDs (low is lit): 0 the PLL has locked, 1 the memory's test has ended, 2 it found a
//   fault, 3 the host speaks by USB.
// Parameters are set by millgen; their defaults are of no board.
`default_nettype none
module cynthion #(
    parameter T = 32,
    parameter TAPE_LINES = 1024,
    parameter BAUD_DIVIDER = 521,
    parameter PLL_INPUT = 1,
    parameter PLL_FEEDBACK = 1,
    parameter PLL_MEMORY = 10,
    parameter PLL_CORE = 10,
    parameter PLL_PHASE = 20,
    parameter T_CSM = 240,
    parameter GAP = 4,
    parameter INIT_CYCLES = 9000
) (
    input  wire       clk_60mhz,
    input  wire       uart_rx,
    output wire       uart_tx,
    output wire       aux_clk,
    output wire       aux_rstn,
    input  wire       aux_dir,
    input  wire       aux_nxt,
    output wire       aux_stp,
    inout  wire [7:0] aux_data,
    output wire [5:0] led_n,
    output wire       ram_clk,      // its complement is the pad's
    output wire       ram_csn,
    output wire       ram_resetn,
    inout  wire       ram_rwds,
    inout  wire [7:0] ram_dq
);
    // ---- Clocks and resets
    wire core_clk, memory_clk, pin_clk, locked, core_rst, memory_rst;

    ecp5_pll #(
        .INPUT(PLL_INPUT), .FEEDBACK(PLL_FEEDBACK), .MEMORY(PLL_MEMORY), .CORE(PLL_CORE),
        .PHASE(PLL_PHASE)
    ) pll (
        .clk_i(clk_60mhz), .phase_step_i(1'b1), .phase_later_i(1'b0), .memory_clk_o(memory_clk),
        .shifted_clk_o(pin_clk), .core_clk_o(core_clk), .locked_o(locked)
    );
    reset_generator core_reset (.clk_i(core_clk), .good_i(locked), .rst_o(core_rst));
    reset_generator memory_reset (.clk_i(memory_clk), .good_i(locked), .rst_o(memory_rst));

    // ---- The host's link: USB, or the UART
    wire       usb_rst, usb_drive, usb_began, usb_configured;
    wire       usb_out_valid, usb_out_ready, usb_in_valid, usb_in_ready;
    wire [7:0] aux_out, usb_out_data, usb_in_data;
    wire       restart, rx_valid, rx_ready, tx_valid, tx_ready;
    wire [7:0] rx_data, tx_data;

    reset_generator usb_reset (.clk_i(clk_60mhz), .good_i(locked), .rst_o(usb_rst));
    ODDRX1F aux_clock (.SCLK(clk_60mhz), .RST(1'b0), .D0(1'b1), .D1(1'b0), .Q(aux_clk));
    usb_high_speed #(.SWAP_LINES(1)) usb (
        .clk_i(clk_60mhz), .rst_i(usb_rst), .dir_i(aux_dir), .nxt_i(aux_nxt), .stp_o(aux_stp),
        .data_i(aux_data), .data_o(aux_out), .drive_o(usb_drive), .suspended_o(),
        .began_o(usb_began), .configured_o(usb_configured), .out_valid_o(usb_out_valid),
        .out_ready_i(usb_out_ready), .out_data_o(usb_out_data), .in_valid_i(usb_in_valid),
        .in_ready_o(usb_in_ready), .in_data_i(usb_in_data)
    );
    assign aux_data = usb_drive ? aux_out : 8'bz;
    assign aux_rstn = ~usb_rst;

    usb_link #(.BAUD_DIVIDER(BAUD_DIVIDER)) link (
        .clk_i(core_clk), .rst_i(core_rst), .uart_i(uart_rx), .uart_o(uart_tx),
        .usb_clk_i(clk_60mhz), .usb_rst_i(usb_rst), .usb_began_i(usb_began),
        .usb_configured_i(usb_configured), .usb_out_valid_i(usb_out_valid),
        .usb_out_ready_o(usb_out_ready), .usb_out_data_i(usb_out_data),
        .usb_in_valid_o(usb_in_valid), .usb_in_ready_i(usb_in_ready),
        .usb_in_data_o(usb_in_data), .restart_o(restart), .rx_valid_o(rx_valid),
        .rx_ready_i(rx_ready), .rx_data_o(rx_data), .tx_valid_i(tx_valid),
        .tx_ready_o(tx_ready), .tx_data_i(tx_data)
    );

    // ---- The design and its memory
    wire         mem_start, mem_valid, mem_ready;
    wire [T-1:0] mem_data;
    wire         load_start, load_valid, load_ready, load_busy;
    wire [23:0]  load_line;
    wire [7:0]   load_data;
    wire         state_valid, state_ready, state_write, state_write_valid, state_write_ready;
    wire [23:0]  state_address;
    wire [7:0]   state_length;
    wire         state_read_valid;
    wire [T-1:0] state_write_data, state_read_data;
    wire [1:0]   fault;

    millrace_top millrace (
        .clk_i(core_clk), .rst_i(core_rst), .restart_i(restart), .rx_valid_i(rx_valid),
        .rx_ready_o(rx_ready), .rx_data_i(rx_data), .tx_valid_o(tx_valid),
        .tx_ready_i(tx_ready), .tx_data_o(tx_data), .mem_start_o(mem_start),
        .mem_valid_i(mem_valid), .mem_ready_o(mem_ready), .mem_data_i(mem_data),
        .mem_state_valid_o(state_valid), .mem_state_ready_i(state_ready),
        .mem_state_write_o(state_write), .mem_state_address_o(state_address),
        .mem_state_length_o(state_length), .mem_state_write_valid_o(state_write_valid),
        .mem_state_write_ready_i(state_write_ready), .mem_state_write_data_o(state_write_data),
        .mem_state_read_valid_i(state_read_valid), .mem_state_read_data_i(state_read_data),
        .mem_load_start_o(load_start), .mem_load_line_o(load_line),
        .mem_load_valid_o(load_valid), .mem_load_ready_i(load_ready),
        .mem_load_data_o(load_data), .mem_load_busy_i(load_busy), .mem_fault_i(fault)
    );

    wire [15:0] dq_out, dq_in;
    wire [1:0]  rwds_out, rwds_in;
    wire        cs_n, dq_enable, rwds_enable, ck_enable;

    hyperram_memory #(
        .T(T), .TAPE_LINES(TAPE_LINES), .T_CSM(T_CSM), .GAP(GAP), .INIT_CYCLES(INIT_CYCLES)
    ) memory (
        .clk_i(core_clk), .rst_i(core_rst),
        .start_i(mem_start), .valid_o(mem_valid), .ready_i(mem_ready), .data_o(mem_data),
        .load_start_i(load_start), .load_line_i(load_line), .load_valid_i(load_valid),
        .load_ready_o(load_ready), .load_data_i(load_data), .load_busy_o(load_busy),
        .state_valid_i(state_valid), .state_ready_o(state_ready), .state_write_i(state_write),
        .state_address_i(state_address), .state_length_i(state_length),
        .state_write_valid_i(state_write_valid), .state_write_ready_o(state_write_ready),
        .state_write_data_i(state_write_data), .state_read_valid_o(state_read_valid),
        .state_read_data_o(state_read_data),
        .fault_o(fault),
        .memory_clk_i(memory_clk), .memory_rst_i(memory_rst),
        .hyperram_cs_n_o(cs_n), .hyperram_ck_enable_o(ck_enable),
        .hyperram_dq_o(dq_out), .hyperram_dq_enable_o(dq_enable), .hyperram_dq_i(dq_in),
        .hyperram_rwds_o(rwds_out), .hyperram_rwds_enable_o(rwds_enable),
        .hyperram_rwds_i(rwds_in)
    );

    ecp5_hyperram_pins pins (
        .memory_clk_i(memory_clk), .shifted_clk_i(pin_clk), .hyperram_cs_n_i(cs_n),
        .hyperram_ck_enable_i(ck_enable), .hyperram_dq_i(dq_out),
        .hyperram_dq_enable_i(dq_enable), .hyperram_dq_o(dq_in), .hyperram_rwds_i(rwds_out),
        .hyperram_rwds_enable_i(rwds_enable), .hyperram_rwds_o(rwds_in), .ram_cs_n(ram_csn),
        .ram_clk(ram_clk), .ram_dq(ram_dq), .ram_rwds(ram_rwds)
    );
    assign ram_resetn = locked;

    assign led_n = ~{2'd0, usb_configured, fault[1], ~fault[0], locked};
endmodule
`default_nettype wire
