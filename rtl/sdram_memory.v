// SPDX-License-Identifier: Apache-2.0
// An SDR SDRAM of 16 or 32 bits as the memory of a design: docs/memories.md.
//
// Parameters: the defaults are those of the 32 MB parts on the ULX3S at 112.5 MHz
//   (MT48LC16M16A2-6A, IS42S16160G-7); all times are in cycles of memory_clk_i, rounded
//   up, T_REFI rounded down.
// Phase: with PHASE_STEPS above 0 the start-up scans the phase of the chip's clock,
//   which a PLL shifts by phase_*; that many steps are a turn.  With 0 it is fixed.
// Throughput: a beat a cycle but for refreshes: with the default timings 1 cycle in 100.
// Latency: start_i to the first word some 20 cycles of memory_clk_i and 8 of clk_i.
// Resources: 1100 LUTs with T = 32 and two block RAMs of 18 kbit.
`default_nettype none
module sdram_memory #(
    parameter T = 32,
    parameter TAPE_LINES = 1024,
    parameter D = 16,
    parameter BANK_BITS = 2,
    parameter ROW_BITS = 13,
    parameter COLUMN_BITS = 9,
    parameter ADDRESS_BITS = (ROW_BITS > 11) ? ROW_BITS : 11,
    parameter CAS_LATENCY = 3,
    parameter READ_DELAY = 1,       // see sdram_controller
    parameter INIT_CYCLES = 22500,
    parameter T_RCD = 3,
    parameter T_RP = 3,
    parameter T_RAS = 5,
    parameter T_RC = 7,
    parameter T_RFC = 8,
    parameter T_WR = 2,
    parameter T_RRD = 2,
    parameter T_MRD = 2,
    parameter T_REFI = 877,
    parameter PHASE_STEPS = 0,
    parameter DEPTH = 512           // words of the tape's queue
) (
    input  wire                    clk_i,
    input  wire                    rst_i,
    input  wire                    start_i,
    output wire                    valid_o,
    input  wire                    ready_i,
    output wire [T-1:0]            data_o,
    input  wire                    load_start_i,
    input  wire [23:0]             load_line_i,
    input  wire                    load_valid_i,
    output wire                    load_ready_o,
    input  wire [7:0]              load_data_i,
    output wire                    load_busy_o,
    input  wire                    state_valid_i,
    output wire                    state_ready_o,
    input  wire                    state_write_i,
    input  wire [23:0]             state_address_i,
    input  wire [7:0]              state_length_i,
    input  wire                    state_write_valid_i,
    output wire                    state_write_ready_o,
    input  wire [T-1:0]            state_write_data_i,
    output wire                    state_read_valid_o,
    output wire [T-1:0]            state_read_data_o,
    output wire [1:0]              fault_o,

    input  wire                    memory_clk_i,
    input  wire                    memory_rst_i,
    output wire                    phase_step_o,
    output wire                    phase_direction_o,
    input  wire                    phase_done_i,
    output wire                    sdram_cke_o,
    output wire                    sdram_cs_n_o,
    output wire                    sdram_ras_n_o,
    output wire                    sdram_cas_n_o,
    output wire                    sdram_we_n_o,
    output wire [BANK_BITS-1:0]    sdram_bank_o,
    output wire [ADDRESS_BITS-1:0] sdram_address_o,
    output wire [D/8-1:0]          sdram_dqm_o,
    output wire [D-1:0]            sdram_dq_o,
    output wire                    sdram_dq_enable_o,
    input  wire [D-1:0]            sdram_dq_i
);
    localparam A = BANK_BITS + ROW_BITS + COLUMN_BITS;

    wire         request_valid;
    wire         request_ready;
    wire         request_write;
    wire         request_state;
    wire [A-4:0] request_address;
    wire         beat_valid;
    wire         beat_ready;
    wire [D-1:0] beat_data;
    wire         beat_mask;
    wire         read_valid;
    wire         read_state;
    wire [D-1:0] read_data;
    wire         run;
    wire         test_done;
    wire         test_failed;
    wire         tested;
    wire         restart;
    wire         initialised;

    memory_port #(.T(T), .D(D), .A(A), .TAPE_LINES(TAPE_LINES), .DEPTH(DEPTH)) port (
        .clk_i(clk_i), .rst_i(rst_i),
        .start_i(start_i), .valid_o(valid_o), .ready_i(ready_i), .data_o(data_o),
        .load_start_i(load_start_i), .load_line_i(load_line_i), .load_valid_i(load_valid_i),
        .load_ready_o(load_ready_o), .load_data_i(load_data_i), .load_busy_o(load_busy_o),
        .state_valid_i(state_valid_i), .state_ready_o(state_ready_o),
        .state_write_i(state_write_i), .state_address_i(state_address_i),
        .state_length_i(state_length_i), .state_write_valid_i(state_write_valid_i),
        .state_write_ready_o(state_write_ready_o), .state_write_data_i(state_write_data_i),
        .state_read_valid_o(state_read_valid_o), .state_read_data_o(state_read_data_o),
        .fault_o(fault_o),
        .memory_clk_i(memory_clk_i), .memory_rst_i(memory_rst_i), .run_i(run & initialised),
        .test_done_o(test_done), .test_failed_o(test_failed), .tested_i(tested),
        .request_valid_o(request_valid), .request_ready_i(request_ready),
        .request_write_o(request_write), .request_state_o(request_state),
        .request_address_o(request_address),
        .beat_valid_o(beat_valid), .beat_ready_i(beat_ready), .beat_data_o(beat_data),
        .beat_mask_o(beat_mask),
        .read_valid_i(read_valid), .read_state_i(read_state), .read_data_i(read_data)
    );

    generate
        if (PHASE_STEPS > 0) begin : scanned
            // verilator lint_off PINCONNECTEMPTY
            phase_scan #(.STEPS(PHASE_STEPS)) scan (
                .clk_i(memory_clk_i), .rst_i(memory_rst_i), .phase_step_o(phase_step_o),
                .phase_direction_o(phase_direction_o), .phase_done_i(phase_done_i),
                .restart_o(restart), .run_o(run), .test_done_i(test_done),
                .test_failed_i(test_failed), .done_o(tested), .failed_o(), .window_o()
            );
            // verilator lint_on PINCONNECTEMPTY
        end else begin : fixed
            // verilator lint_off UNUSEDSIGNAL
            wire unused = phase_done_i | test_failed;
            // verilator lint_on UNUSEDSIGNAL
            assign phase_step_o = 1'b0;
            assign phase_direction_o = 1'b0;
            assign restart = 1'b0;
            assign run = 1'b1;
            assign tested = test_done;
        end
    endgenerate

    sdram_controller #(
        .D(D), .BANK_BITS(BANK_BITS), .ROW_BITS(ROW_BITS), .COLUMN_BITS(COLUMN_BITS),
        .ADDRESS_BITS(ADDRESS_BITS), .CAS_LATENCY(CAS_LATENCY), .READ_DELAY(READ_DELAY),
        .INIT_CYCLES(INIT_CYCLES), .T_RCD(T_RCD), .T_RP(T_RP), .T_RAS(T_RAS), .T_RC(T_RC),
        .T_RFC(T_RFC), .T_WR(T_WR), .T_RRD(T_RRD), .T_MRD(T_MRD), .T_REFI(T_REFI)
    ) controller (
        .clk_i(memory_clk_i), .rst_i(memory_rst_i | restart), .initialised_o(initialised),
        .request_valid_i(request_valid), .request_ready_o(request_ready),
        .request_write_i(request_write), .request_state_i(request_state),
        .request_address_i(request_address),
        .beat_valid_i(beat_valid), .beat_ready_o(beat_ready), .beat_data_i(beat_data),
        .beat_mask_i(beat_mask),
        .read_valid_o(read_valid), .read_state_o(read_state), .read_data_o(read_data),
        .sdram_cke_o(sdram_cke_o), .sdram_cs_n_o(sdram_cs_n_o), .sdram_ras_n_o(sdram_ras_n_o),
        .sdram_cas_n_o(sdram_cas_n_o), .sdram_we_n_o(sdram_we_n_o),
        .sdram_bank_o(sdram_bank_o), .sdram_address_o(sdram_address_o),
        .sdram_dqm_o(sdram_dqm_o), .sdram_dq_o(sdram_dq_o),
        .sdram_dq_enable_o(sdram_dq_enable_o), .sdram_dq_i(sdram_dq_i)
    );
endmodule
`default_nettype wire
