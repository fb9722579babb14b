// SPDX-License-Identifier: Apache-2.0
// The pins of hyperram_memory in an ECP5: DDR cells, and the chip's clock a quarter of a cycle
// after the data.
//
// Timing: chip select passes a DDR cell as data and clock do, so all three are late by the same.
//   The enables, which have none, begin with the controller's and last two cycles longer than it
//   asks, whatever a cell's latency is; nobody else drives then: the chip answers a command
//   after its latency, and not at all to a write.
// Resources: 8 pins with a DDR cell each way, RWDS with as many, two more, five registers.
// Simulation: testbench/primitives/ODDRX1F.v and IDDRX1F.v.
`default_nettype none
module ecp5_hyperram_pins (
    input  wire        memory_clk_i,
    input  wire        shifted_clk_i,       // the same, a quarter of a cycle later
    input  wire        hyperram_cs_n_i,
    input  wire        hyperram_ck_enable_i,
    input  wire [15:0] hyperram_dq_i,
    input  wire        hyperram_dq_enable_i,
    output wire [15:0] hyperram_dq_o,
    input  wire [1:0]  hyperram_rwds_i,
    input  wire        hyperram_rwds_enable_i,
    output wire [1:0]  hyperram_rwds_o,

    output wire        ram_cs_n,
    output wire        ram_clk,
    inout  wire [7:0]  ram_dq,
    inout  wire        ram_rwds
);
    wire [7:0] dq;
    wire       rwds;
    reg  [1:0] dq_held;
    reg  [1:0] rwds_held;
    // The shifted clock's cell takes the enable a quarter of a cycle after it has changed, the
    // others take theirs a whole one after.
    reg        ck_enable;
    always @(posedge memory_clk_i) begin
        ck_enable <= hyperram_ck_enable_i;
        dq_held <= {dq_held[0], hyperram_dq_enable_i};
        rwds_held <= {rwds_held[0], hyperram_rwds_enable_i};
    end
    assign ram_dq = (hyperram_dq_enable_i | (|dq_held)) ? dq : 8'bz;
    assign ram_rwds = (hyperram_rwds_enable_i | (|rwds_held)) ? rwds : 1'bz;

    // Bits 7..0 go and come first.
    genvar i;
    generate
        for (i = 0; i < 8; i = i + 1) begin : data
            ODDRX1F out (
                .SCLK(memory_clk_i), .RST(1'b0), .D0(hyperram_dq_i[i]),
                .D1(hyperram_dq_i[8 + i]), .Q(dq[i])
            );
            IDDRX1F in (
                .SCLK(memory_clk_i), .RST(1'b0), .D(ram_dq[i]), .Q0(hyperram_dq_o[i]),
                .Q1(hyperram_dq_o[8 + i])
            );
        end
    endgenerate
    ODDRX1F rwds_out (
        .SCLK(memory_clk_i), .RST(1'b0), .D0(hyperram_rwds_i[0]), .D1(hyperram_rwds_i[1]),
        .Q(rwds)
    );
    IDDRX1F rwds_in (
        .SCLK(memory_clk_i), .RST(1'b0), .D(ram_rwds), .Q0(hyperram_rwds_o[0]),
        .Q1(hyperram_rwds_o[1])
    );
    ODDRX1F select (
        .SCLK(memory_clk_i), .RST(1'b0), .D0(hyperram_cs_n_i), .D1(hyperram_cs_n_i),
        .Q(ram_cs_n)
    );
    ODDRX1F clock (
        .SCLK(shifted_clk_i), .RST(1'b0), .D0(ck_enable), .D1(1'b0), .Q(ram_clk)
    );
endmodule
`default_nettype wire
