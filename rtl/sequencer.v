// SPDX-License-Identifier: Apache-2.0
// Plays the tape: takes each operator's header and commands the columns to do its
// micro passes, as the microcode says.
//
// Microcode: word 4 * opcode + variant is the address of that operator's first micro
//   pass; a micro pass is one word:
//     [3:0]  function, as in column.v; 13 stores the staged head into the KV cache
//     [4]    source advances by HEAD_DIM with each head
//     [5]    count is HEAD_DIM, not the header's
//     [6]    count is DIM
//     [7]    target is the header's source
//     [8]    the pass ends a loop over the header's count of heads: with the next
//            head to the operator's first pass
//     [9]    the operator's last pass
// Run: `start` for one cycle while not busy.  busy falls when the pass is over;
//   status then holds: 0, or the tape's error, after which the tape is restarted.
// Commands: cmd_* hold until cmd_ready, which also says that the last one is done.
// Latency: five cycles from one operator's end to the next one's command, if its
//   header has been prefetched; two from one micro pass's end to the next command.
// Resources: about 500 registers; the microcode is a ROM of 64 words of 10 bits.
`default_nettype none
module sequencer #(
    parameter DIM = 64,
    parameter HEADS = 4,
    parameter KV_HEADS = 2,
    parameter HEAD_DIM = 16,
    parameter [639:0] MICROCODE = 640'd0    // 64 words of 10 bits, word 0 lowest
) (
    input  wire         clk,
    input  wire         rst,
    // Run
    input  wire         start,
    input  wire [15:0]  last_position,      // the greatest of the active columns
    output wire         busy,
    output reg  [1:0]   status,
    // Tape
    output wire         tape_restart,
    input  wire [1:0]   tape_error,
    input  wire         op_valid,
    output wire         op_ready,
    /* verilator lint_off UNUSEDSIGNAL */ // magic, payload length and checksum are the reader's
    input  wire [255:0] op_header,
    /* verilator lint_on UNUSEDSIGNAL */
    output wire         unpack_start,
    input  wire         unpack_busy,
    output reg  [3:0]   weight_bits,
    output reg  [1:0]   group_shift,
    // Columns
    output wire         cmd_valid,
    input  wire         cmd_ready,
    output wire [3:0]   cmd_function,
    output wire [1:0]   cmd_variant,
    output wire [15:0]  cmd_source,
    output wire [15:0]  cmd_target,
    output wire [15:0]  cmd_count,
    output reg  [15:0]  cmd_blocks,
    output reg  [15:0]  cmd_rows,
    output reg  [5:0]   cmd_shift,
    output reg  [3:0]   cmd_shift2,
    output reg  [47:0]  cmd_constant,
    output wire         cmd_one_row,
    output wire [7:0]   cmd_head,
    output wire [7:0]   cmd_kv_head,
    output wire [15:0]  cmd_positions,
    // KV cache
    output wire [15:0]  layer,
    output wire         store_start,
    output wire         store_value,
    output wire [7:0]   store_head,
    input  wire         store_busy
);
    localparam [3:0] MATRIX = 4'd10, KV_STORE = 4'd13;
    localparam [7:0] OPCODE_END = 8'd6;
    localparam [7:0] SHARE = HEADS / KV_HEADS;      // query heads to a KV head
    localparam [2:0] IDLE = 3'd0, FETCH = 3'd1, LOOK_UP = 3'd2, ENTRY = 3'd3, READ = 3'd4,
                     ISSUE = 3'd5, FINISH = 3'd6;

    reg [2:0]   state;
    reg [9:0]   micro;
    reg [5:0]   first;          // the operator's first micro pass
    reg [5:0]   next;
    reg [7:0]   head;
    reg [7:0]   kv_head;
    reg [7:0]   sharers;        // heads that kv_head has served
    reg [15:0]  head_source;

    // The header's fields that outlive its line.
    reg [3:0]  opcode;
    reg [1:0]  variant;
    reg [15:0] source;
    reg [15:0] target;
    reg [15:0] count;
    assign layer = target;

    wire [5:0] microcode_at = (state == LOOK_UP) ? {opcode, variant} : next;
    wire [3:0] micro_function = micro[3:0];
    wire       advances = micro[4];
    wire       counts_head = micro[5];
    wire       counts_dim = micro[6];
    wire       to_source = micro[7];
    wire       loop_ends = micro[8];
    wire       last_pass = micro[9];
    wire       stores = (micro_function == KV_STORE);
    wire       unpacks = (micro_function == MATRIX);

    assign cmd_valid = (state == ISSUE) & ~stores & ~(unpacks & unpack_busy) & ~store_busy;
    assign cmd_function = micro_function;
    assign cmd_variant = variant;
    assign cmd_source = advances ? head_source : source;
    assign cmd_target = to_source ? source : target;
    assign cmd_count = counts_head ? HEAD_DIM[15:0] : counts_dim ? DIM[15:0] : count;
    assign cmd_one_row = (weight_bits == 4'd8);
    assign cmd_head = head;
    assign cmd_kv_head = kv_head;
    assign cmd_positions = last_position + 16'd1;

    assign store_start = (state == ISSUE) & stores & cmd_ready & ~store_busy;
    assign store_value = (variant == 2'd2);
    assign store_head = head;
    assign unpack_start = cmd_valid & cmd_ready & unpacks;

    wire issued = (cmd_valid & cmd_ready) | store_start;
    wire looping = loop_ends & (head + 8'd1 != count[7:0]);
    wire all_quiet = cmd_ready & ~store_busy & ~unpack_busy;

    assign busy = (state != IDLE);
    assign op_ready = (state == FETCH);
    assign tape_restart = (state == FINISH) & all_quiet & (status != 2'd0);

    always @(posedge clk) begin
        micro <= MICROCODE[10 * microcode_at +: 10];
        if (rst) begin
            state <= IDLE;
            status <= 2'd0;
        end else case (state)
            IDLE: if (start) begin
                state <= FETCH;
                status <= 2'd0;
            end
            FETCH: begin
                opcode <= op_header[11:8];
                variant <= op_header[17:16];
                group_shift <= op_header[25:24];
                cmd_rows <= op_header[47:32];
                cmd_blocks <= op_header[63:48];
                source <= op_header[79:64];
                target <= op_header[95:80];
                cmd_shift <= op_header[101:96];
                cmd_shift2 <= op_header[107:104];
                count <= op_header[127:112];
                cmd_constant <= op_header[207:160];
                weight_bits <= op_header[195:192];
                head <= 8'd0;
                kv_head <= 8'd0;
                sharers <= 8'd1;
                head_source <= op_header[79:64];
                if (op_valid & (op_header[15:8] != OPCODE_END)) state <= LOOK_UP;
                else if (op_valid | (tape_error != 2'd0)) begin
                    status <= tape_error;
                    state <= FINISH;
                end
            end
            LOOK_UP: state <= ENTRY;
            ENTRY: begin
                state <= READ;
                first <= micro[5:0];
                next <= micro[5:0];
            end
            READ: state <= ISSUE;
            ISSUE: if (issued) begin
                state <= (last_pass & ~looping) ? FETCH : READ;
                next <= looping ? first : next + 1'b1;
                if (looping) begin
                    head <= head + 1'b1;
                    sharers <= (sharers == SHARE) ? 8'd1 : sharers + 1'b1;
                    if (sharers == SHARE) kv_head <= kv_head + 1'b1;
                    head_source <= head_source + HEAD_DIM[15:0];
                end
            end
            FINISH: if (all_quiet) state <= IDLE;
            default: state <= IDLE;
        endcase
    end
endmodule
`default_nettype wire
