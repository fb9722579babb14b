// SPDX-License-Identifier: Apache-2.0
// One single-port RAM of 16384 x 16 bits: the iCE40UP5K's SB_SPRAM256KA where FAMILY is
// "ice40", else a plain model of it.
//
// Timing: a read shows in the next cycle, and is not kept beyond it by every chip.
// Resources: one SPRAM, which no bitstream can fill.
`default_nettype none
module spram_block #(
    parameter FAMILY = "generic"
) (
    input  wire        clk_i,
    input  wire        enable_i,
    input  wire        write_i,
    input  wire [13:0] address_i,
    input  wire [15:0] data_i,
    output wire [15:0] data_o
);
    generate
        if (FAMILY == "ice40") begin : hard
            SB_SPRAM256KA ram (
                .CLOCK(clk_i), .CHIPSELECT(enable_i), .WREN(write_i), .MASKWREN(4'b1111),
                .ADDRESS(address_i), .DATAIN(data_i), .DATAOUT(data_o),
                .STANDBY(1'b0), .SLEEP(1'b0), .POWEROFF(1'b1)
            );
        end else begin : plain
            reg [15:0] memory [0:16383];
            reg [15:0] shown;
            assign data_o = shown;
            always @(posedge clk_i) if (enable_i) begin
                if (write_i) memory[address_i] <= data_i;
                else shown <= memory[address_i];
            end
        end
    endgenerate
endmodule
`default_nettype wire
