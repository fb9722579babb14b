// SPDX-License-Identifier: Apache-2.0
// The ULX3S: 25 MHz, SDR SDRAM of 16 bits, full-speed USB at US2, the FT231X's UART at US1.
//
// Clocks: core_clk for the design, memory_clk for the SDRAM's controller, a shifted one
//   of its rate at the SDRAM's pin; usb_clk, 48 MHz, for the USB device, from a second PLL.
// LEDs: 0 the PLLs have locked, 1 the memory's test has ended, 2 it found a fault, 3 the host
//   speaks by USB.
// Parameters are set by millgen; their defaults are of no board.
`default_nettype none
module ulx3s #(
    parameter T = 32,
    parameter TAPE_LINES = 1024,
    parameter BAUD_DIVIDER = 50,
    parameter PLL_INPUT = 2,
    parameter PLL_FEEDBACK = 9,
    parameter PLL_MEMORY = 4,
    parameter PLL_CORE = 9,
    parameter PLL_PHASE = 11,
    parameter INIT_CYCLES = 22500,
    parameter T_RCD = 3,
    parameter T_RP = 3,
    parameter T_RAS = 5,
    parameter T_RC = 7,
    parameter T_RFC = 8,
    parameter T_WR = 2,
    parameter T_RRD = 2,
    parameter T_MRD = 2,
    parameter T_REFI = 877
) (
    input  wire        clk_25mhz,
    input  wire        ftdi_txd,
    output wire        ftdi_rxd,
    inout  wire        usb_fpga_bd_dp,
    inout  wire        usb_fpga_bd_dn,
    inout  wire        usb_fpga_pu_dp,  // to D+ by 1.5 kOhm
    output wire [7:0]  led,
    output wire        sdram_clk,
    output wire        sdram_cke,
    output wire        sdram_csn,
    output wire        sdram_rasn,
    output wire        sdram_casn,
    output wire        sdram_wen,
    output wire [1:0]  sdram_ba,
    output wire [12:0] sdram_a,
    output wire [1:0]  sdram_dqm,
    inout  wire [15:0] sdram_d
);
    // ---- Clocks and resets
    wire core_clk, memory_clk, pin_clk, locked, core_rst, memory_rst;

    ecp5_pll #(
        .INPUT(PLL_INPUT), .FEEDBACK(PLL_FEEDBACK), .MEMORY(PLL_MEMORY), .CORE(PLL_CORE),
        .PHASE(PLL_PHASE)
    ) pll (
        .clk_i(clk_25mhz), .phase_step_i(1'b1), .phase_later_i(1'b0), .memory_clk_o(memory_clk),
        .shifted_clk_o(pin_clk), .core_clk_o(core_clk), .locked_o(locked)
    );
    reset_generator core_reset (.clk_i(core_clk), .good_i(locked), .rst_o(core_rst));
    reset_generator memory_reset (.clk_i(memory_clk), .good_i(locked), .rst_o(memory_rst));

    // 25 MHz / 5 x 24 x 6 = 720 MHz, of which 1/15 is 48 MHz.
    wire usb_clk, usb_locked, usb_rst;
    ecp5_pll #(.INPUT(5), .FEEDBACK(24), .MEMORY(6), .CORE(15), .PHASE(0)) usb_pll (
        .clk_i(clk_25mhz), .phase_step_i(1'b1), .phase_later_i(1'b0), .memory_clk_o(),
        .shifted_clk_o(), .core_clk_o(usb_clk), .locked_o(usb_locked)
    );
    reset_generator usb_reset (.clk_i(usb_clk), .good_i(locked & usb_locked), .rst_o(usb_rst));

    // ---- The host's link: USB, or the UART
    wire       usb_dp, usb_dn, usb_drive, usb_pull_up, usb_began, usb_configured;
    wire       usb_out_valid, usb_out_ready, usb_in_valid, usb_in_ready;
    wire [7:0] usb_out_data, usb_in_data;
    wire       restart, rx_valid, rx_ready, tx_valid, tx_ready;
    wire [7:0] rx_data, tx_data;

    usb_full_speed usb (
        .clk_i(usb_clk), .rst_i(usb_rst), .dp_i(usb_fpga_bd_dp), .dn_i(usb_fpga_bd_dn),
        .dp_o(usb_dp), .dn_o(usb_dn), .drive_o(usb_drive), .pull_up_o(usb_pull_up),
        .suspended_o(), .began_o(usb_began), .configured_o(usb_configured),
        .out_valid_o(usb_out_valid), .out_ready_i(usb_out_ready), .out_data_o(usb_out_data),
        .in_valid_i(usb_in_valid), .in_ready_o(usb_in_ready), .in_data_i(usb_in_data)
    );
    assign usb_fpga_bd_dp = usb_drive ? usb_dp : 1'bz;
    assign usb_fpga_bd_dn = usb_drive ? usb_dn : 1'bz;
    assign usb_fpga_pu_dp = usb_pull_up ? 1'b1 : 1'bz;

    usb_link #(.BAUD_DIVIDER(BAUD_DIVIDER)) link (
        .clk_i(core_clk), .rst_i(core_rst), .uart_i(ftdi_txd), .uart_o(ftdi_rxd),
        .usb_clk_i(usb_clk), .usb_rst_i(usb_rst), .usb_began_i(usb_began),
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

    wire [15:0] dq_out;
    wire        dq_enable;

    sdram_memory #(
        .T(T), .TAPE_LINES(TAPE_LINES), .D(16), .ROW_BITS(13), .COLUMN_BITS(9), .CAS_LATENCY(3),
        .INIT_CYCLES(INIT_CYCLES), .T_RCD(T_RCD), .T_RP(T_RP), .T_RAS(T_RAS), .T_RC(T_RC),
        .T_RFC(T_RFC), .T_WR(T_WR), .T_RRD(T_RRD), .T_MRD(T_MRD), .T_REFI(T_REFI)
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
        .phase_step_o(), .phase_direction_o(), .phase_done_i(1'b0),
        .sdram_cke_o(sdram_cke), .sdram_cs_n_o(sdram_csn), .sdram_ras_n_o(sdram_rasn),
        .sdram_cas_n_o(sdram_casn), .sdram_we_n_o(sdram_wen), .sdram_bank_o(sdram_ba),
        .sdram_address_o(sdram_a), .sdram_dqm_o(sdram_dqm),
        .sdram_dq_o(dq_out), .sdram_dq_enable_o(dq_enable), .sdram_dq_i(sdram_d)
    );
    assign sdram_d = dq_enable ? dq_out : 16'bz;
    ODDRX1F clock_pin (.SCLK(pin_clk), .RST(1'b0), .D0(1'b1), .D1(1'b0), .Q(sdram_clk));

    assign led = {4'd0, usb_configured, fault[1], ~fault[0], locked & usb_locked};
endmodule
`default_nettype wire
