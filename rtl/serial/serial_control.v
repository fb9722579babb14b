// SPDX-License-Identifier: Apache-2.0
// What steps through a serial column's program: one instruction a cycle, loops, calls of
// one level, waits.  gen/serial/instruction.h has the instruction's fields and says what
// each does; this module acts on `branch`, `literal` and the loads of C and N.
//
// Start: start_i for one cycle while busy_o is low; the program begins at entry_i, which
//   holds until busy_o is low again, a cycle after the END has come.
// Latency: the instruction at entry_i is there two cycles later.  instruction_o stays
//   for as many cycles as it repeats or waits.
// Resources: the program in block RAM, some 50 registers.
`default_nettype none
module serial_control #(
    parameter PROGRAM_FILE = "",
    parameter PROGRAM_BITS = 9,             // of a word's address
    parameter POINTER_BITS = 10
) (
    input  wire                    clk_i,
    input  wire                    rst_i,
    input  wire                    start_i,
    input  wire [4:0]              entry_i,
    output reg                     busy_o,
    output reg  [39:0]             instruction_o,
    // Conditions
    input  wire                    flag_i,
    input  wire                    row_done_i,
    input  wire                    logit_ready_i,
    output wire                    offers_logit_o,
    // Loads, from the accumulator or the instruction
    input  wire [POINTER_BITS-1:0] value_i,
    input  wire                    load_loop_i,
    input  wire                    load_shift_i,
    input  wire                    shift_to_exponent_i,
    input  wire [4:0]              exponent_i,
    input  wire                    shifts_i,        // counts the shift down
    output wire                    shifting_o       // it is not 0 yet
);
    localparam [1:0] STAYS = 2'd1, JUMPS = 2'd2, LEAVES = 2'd3;    // branch[4:3]
    localparam [4:0] WAIT_LOGIT = 5'd9, CALL = 5'd17, LOOP = 5'd19, END = 5'd25;
    localparam [1:0] ROW = 2'd0, LOGIT = 2'd1, TIMES = 2'd2;        // branch[1:0] of STAYS
    localparam [1:0] FLAG = 2'd2, LOOPS = 2'd3;                     // and of JUMPS
    localparam [PROGRAM_BITS-1:0] IDLE = 31;    // there the program has an END

    reg  [39:0] rom [0:(1<<PROGRAM_BITS)-1];
    initial if (PROGRAM_FILE != "") $readmemh(PROGRAM_FILE, rom);

    reg  [PROGRAM_BITS-1:0] at;                 // of instruction_o
    reg  [PROGRAM_BITS-1:0] return_to;
    reg  [POINTER_BITS-1:0] loops;
    reg                     last_loop;          // loops is 1
    reg  [5:0]              shift;
    reg                     shifting;           // it is not 0
    reg                     shifts_on;          // nor 1
    reg                     begins;             // start_i, a cycle ago
    reg                     logit_taken;
    reg  [5:0]              times;              // that the instruction has been repeated

    wire [4:0] branch = instruction_o[39:35];
    wire [PROGRAM_BITS-1:0] literal = instruction_o[PROGRAM_BITS-1:0];
    wire [PROGRAM_BITS-1:0] after = at + 1'b1;
    wire [1:0] asks = branch[1:0];
    wire       ended = (branch == END);
    wire       waits = (asks == ROW) ? ~row_done_i : (asks == LOGIT) ? ~logit_taken :
                       (asks == TIMES) ? (times != literal[5:0]) : shifts_on;
    wire       meets = (asks == FLAG) ? flag_i : (asks == LOOPS) ? ~last_loop : 1'b1;
    wire       stays = ((branch[4:3] == STAYS) & waits) | ended;
    wire       jumps = (branch[4:3] == JUMPS) & meets;
    wire [PROGRAM_BITS-1:0] next =
        rst_i ? IDLE : (ended & begins) ? {{PROGRAM_BITS-5{1'b0}}, entry_i} : stays ? at :
                      jumps ? literal : (branch[4:3] == LEAVES) ? return_to : after;

    wire [5:0] loaded_shift = shift_to_exponent_i ? {1'b0, exponent_i} : value_i[5:0];

    assign offers_logit_o = (branch == WAIT_LOGIT) & ~logit_taken;
    assign shifting_o = shifting;

    always @(posedge clk_i) begin
        instruction_o <= rom[next];
        at <= next;
        begins <= start_i & ~rst_i;
        logit_taken <= offers_logit_o & logit_ready_i;
        busy_o <= ~ended | begins | start_i;
        if (branch == CALL) return_to <= after;
        times <= stays ? times + 1'b1 : 6'd1;
        if (load_loop_i) loops <= value_i;
        else if (branch == LOOP) loops <= loops - 1'b1;
        last_loop <= load_loop_i ? (value_i == 1) : (branch == LOOP) ? (loops == 2)
                                                                     : (loops == 1);
        if (load_shift_i) begin
            shift <= loaded_shift;
            shifting <= (loaded_shift != 6'd0);
            shifts_on <= (loaded_shift[5:1] != 5'd0);
        end else if (shifts_i & shifting) begin
            shift <= shift - 1'b1;
            shifting <= shifts_on;
            shifts_on <= (shift[5:2] != 4'd0) | (shift[1:0] == 2'd3);
        end
    end
endmodule
`default_nettype wire
