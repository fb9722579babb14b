// SPDX-License-Identifier: Apache-2.0
// Cynthion r1.4: 60 MHz, HyperRAM of 8 MB, the debug controller's UART.
//
// Clocks: core_clk for the design, memory_clk for the HyperRAM's controller, and the
//   same a quarter later at the HyperRAM's pin, so that its edges are in the middle of
//   the data.
// LEDs (low is lit): 0 the PLL has locked, 1 the memory's test has ended, 2 it found a
//   fault.
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

    // ---- The design and its memory
    wire         mem_start, mem_valid, mem_ready;
    wire [T-1:0] mem_data;
    wire         load_start, load_valid, load_ready, load_busy;
    wire [23:0]  load_line;
    wire [7:0]   load_data;
    wire [1:0]   fault;

    uart_design #(.T(T), .BAUD_DIVIDER(BAUD_DIVIDER)) design (
        .clk_i(core_clk), .rst_i(core_rst), .rx_i(uart_rx), .tx_o(uart_tx),
        .start_o(mem_start), .valid_i(mem_valid), .ready_o(mem_ready), .data_i(mem_data),
        .load_start_o(load_start), .load_line_o(load_line), .load_valid_o(load_valid),
        .load_ready_i(load_ready), .load_data_o(load_data), .load_busy_i(load_busy),
        .fault_i(fault)
    );

    wire [15:0] dq_out, dq_in;
    wire [1:0]  rwds_out, rwds_in;
    wire        dq_enable, rwds_enable, ck_enable;

    hyperram_memory #(
        .T(T), .TAPE_LINES(TAPE_LINES), .T_CSM(T_CSM), .GAP(GAP), .INIT_CYCLES(INIT_CYCLES)
    ) memory (
        .clk_i(core_clk), .rst_i(core_rst),
        .start_i(mem_start), .valid_o(mem_valid), .ready_i(mem_ready), .data_o(mem_data),
        .load_start_i(load_start), .load_line_i(load_line), .load_valid_i(load_valid),
        .load_ready_o(load_ready), .load_data_i(load_data), .load_busy_o(load_busy),
        .state_valid_i(1'b0), .state_ready_o(), .state_write_i(1'b0), .state_address_i(24'd0),
        .state_length_i(8'd0), .state_write_valid_i(1'b0), .state_write_ready_o(),
        .state_write_data_i({T{1'b0}}), .state_read_valid_o(), .state_read_data_o(),
        .fault_o(fault),
        .memory_clk_i(memory_clk), .memory_rst_i(memory_rst),
        .hyperram_cs_n_o(ram_csn), .hyperram_ck_enable_o(ck_enable),
        .hyperram_dq_o(dq_out), .hyperram_dq_enable_o(dq_enable), .hyperram_dq_i(dq_in),
        .hyperram_rwds_o(rwds_out), .hyperram_rwds_enable_o(rwds_enable),
        .hyperram_rwds_i(rwds_in)
    );

    // ---- Pins at both edges: bits 7..0 go first
    wire [7:0] dq_pin;
    wire       rwds_pin;
    genvar     i;
    generate
        for (i = 0; i < 8; i = i + 1) begin : data
            ODDRX1F out (
                .SCLK(memory_clk), .RST(1'b0), .D0(dq_out[i]), .D1(dq_out[8 + i]), .Q(dq_pin[i])
            );
            IDDRX1F in (
                .SCLK(memory_clk), .RST(1'b0), .D(ram_dq[i]), .Q0(dq_in[i]), .Q1(dq_in[8 + i])
            );
        end
    endgenerate
    ODDRX1F strobe_out (
        .SCLK(memory_clk), .RST(1'b0), .D0(rwds_out[0]), .D1(rwds_out[1]), .Q(rwds_pin)
    );
    IDDRX1F strobe_in (
        .SCLK(memory_clk), .RST(1'b0), .D(ram_rwds), .Q0(rwds_in[0]), .Q1(rwds_in[1])
    );
    ODDRX1F clock_pin (.SCLK(pin_clk), .RST(1'b0), .D0(ck_enable), .D1(1'b0), .Q(ram_clk));
    assign ram_dq = dq_enable ? dq_pin : 8'bz;
    assign ram_rwds = rwds_enable ? rwds_pin : 1'bz;
    assign ram_resetn = locked;

    assign led_n = ~{3'd0, fault[1], ~fault[0], locked};
endmodule
`default_nettype wire
