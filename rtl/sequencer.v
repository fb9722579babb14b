// SPDX-License-Identifier: Apache-2.0
// Plays the tape: takes each operator's header and commands the columns to do its
// micro passes, as the microcode says.
//
// Microcode: word 4 * opcode + variant is the address of that operator's first micro
//   pass; a micro pass is one word:
//     [4:0]  function, as in column.v; 13 stores the staged head into the KV cache; 14 and
//            15 are the mixer's CONV and SCAN
//     [6:5]  count: 0 the header's, 1 HEAD_DIM, 2 DIM, 3 HEADS * HEAD_DIM
//     [7]    source advances by HEAD_DIM with each head
//     [8]    target is the pass's source
//     [9]    variant is 3, not the header's
//     [10]   the pass ends a loop over the header's count of heads: with the next
//            head to the operator's first pass
//     [11]   the operator's last pass
// Run: `start_i` for one cycle while not busy.  busy falls when the pass is over;
//   status then holds: 0, or the tape's error, after which the tape is restarted.
// Commands: cmd_* hold until cmd_ready_i, which also says that the last one is done.
// Mixer: mixer_start_o for one cycle, when all that came before is done.  Matrices run
//   beside a SCAN; everything else waits until the mixer is done.
// Latency: LINE/T + 6 cycles from one operator's end to the next one's command, if its header
//   has been prefetched; two from one micro pass's end to the next command.
// Resources: about 200 registers; the microcode is a ROM of 64 words of 12 bits.
`default_nettype none
module sequencer #(
    parameter DIM = 64,
    parameter HEADS = 4,
    parameter KV_HEADS = 2,
    parameter HEAD_DIM = 16,
    parameter T = 64,                       // bits of the tape bus
    parameter SIZE_BITS = 16,               // of the greatest row, block, count or address
    parameter HOLDS = 0,                    // 1: a command's fields hold until it is done
    parameter [767:0] MICROCODE = 768'd0    // 64 words of 12 bits, word 0 lowest
) (
    input  wire         clk_i,
    input  wire         rst_i,
    // Run
    input  wire         start_i,
    input  wire [15:0]  last_position_i,      // the greatest of the active columns
    output wire         busy_o,
    output reg  [1:0]   status_o,
    // Tape
    output reg          tape_restart_o,
    input  wire [1:0]   tape_error_i,
    output wire         header_ready_o,
    input  wire         header_valid_i,
    input  wire [3:0]   header_at_i,
    input  wire [T-1:0] header_word_i,
    input  wire         op_valid_i,
    output wire         op_ready_o,
    input  wire         op_is_end_i,
    output wire         unpack_start_o,
    input  wire         unpack_busy_i,
    output wire [3:0]   weight_bits_o,
    output wire [1:0]   group_shift_o,
    // Columns
    output wire         cmd_valid_o,
    input  wire         cmd_ready_i,
    output wire [4:0]   cmd_function_o,
    output wire [1:0]   cmd_variant_o,
    output wire [15:0]  cmd_source_o,
    output wire [15:0]  cmd_target_o,
    output wire [15:0]  cmd_count_o,
    output wire [15:0]  cmd_blocks_o,
    output wire [15:0]  cmd_rows_o,
    output wire [5:0]   cmd_shift_o,
    output wire [3:0]   cmd_shift2_o,
    output wire [47:0]  cmd_constant_o,
    output wire         cmd_one_row_o,
    output wire [7:0]   cmd_head_o,
    output wire [7:0]   cmd_kv_head_o,
    output wire [15:0]  cmd_positions_o,
    // KV cache
    output wire [15:0]  layer_o,
    output wire         store_start_o,
    output wire         store_value_o,
    output wire [7:0]   store_head_o,
    input  wire         store_busy_i,
    // Mixer
    output wire         mixer_start_o,
    output wire         mixer_scan_o,
    input  wire         mixer_busy_i,
    output wire         scale_start_o       // a SCALE begins to take its payload
);
    localparam [4:0] MATRIX = 5'd10, KV_STORE = 5'd13, CONV = 5'd14, SCAN = 5'd15,
                     SCALE = 5'd17;
    localparam ATTENTION = HEADS * HEAD_DIM;
    localparam [7:0] SHARE = HEADS / KV_HEADS;      // query heads to a KV head
    localparam [6:0] IDLE = 7'h01, FETCH = 7'h02, LOOK_UP = 7'h04, ENTRY = 7'h08, READ = 7'h10,
                     ISSUE = 7'h20, FINISH = 7'h40;

    reg [6:0]   state;          // one bit is set: much waits for it
    wire        fetching = state[1];
    wire        issuing = state[5];
    wire        finishing = state[6];
    reg [11:0]  micro;
    reg [5:0]   first;          // the operator's first micro pass
    reg [5:0]   next;
    reg [7:0]   head;
    reg [7:0]   kv_head;
    reg [7:0]   sharers;        // heads that kv_head has served
    reg         heads_left;     // beside this one
    reg         last_sharer;    // kv_head serves no other head
    reg [15:0]  head_source;
    reg         scanning;       // what the mixer does, or did last, is a SCAN
    reg  [1:0]  given;          // the command whose fields hold, and for how long
    reg         quiet;          // all was, a cycle ago

    // The header as the tape's reader passes it.
    /* verilator lint_off UNUSEDSIGNAL */ // magic, payload length and checksum are the reader's
    wire [207:0] header;
    /* verilator lint_on UNUSEDSIGNAL */
    header_field #(.T(T), .LOW(0), .WIDTH(208)) line (
        .clk_i(clk_i), .taken_i(header_valid_i & header_ready_o), .at_i(header_at_i),
        .word_i(header_word_i), .field_o(header)
    );
    wire [3:0]  opcode = header[11:8];
    wire [1:0]  variant = header[17:16];
    localparam [15:0] SIZE_MASK = (1 << SIZE_BITS) - 1;
    wire [15:0] source = header[79:64] & SIZE_MASK;
    wire [15:0] target = header[95:80] & SIZE_MASK;
    wire [15:0] count = header[127:112] & SIZE_MASK;
    assign group_shift_o = header[25:24];
    assign cmd_rows_o = header[47:32] & SIZE_MASK;
    assign cmd_blocks_o = header[63:48] & SIZE_MASK;
    assign cmd_shift_o = header[101:96];
    assign cmd_shift2_o = header[107:104];
    assign cmd_constant_o = header[207:160];
    assign weight_bits_o = header[195:192];
    assign layer_o = target;

    // The microcode bit by bit, each a function of the six bits of `next`.
    wire [11:0] micro_next;
    genvar b, w;
    generate
        for (b = 0; b < 12; b = b + 1) begin : bits
            wire [63:0] of_words;
            for (w = 0; w < 64; w = w + 1) begin : words
                assign of_words[w] = MICROCODE[12 * w + b];
            end
            assign micro_next[b] = of_words[next];
        end
    endgenerate

    // What the micro pass is, known as soon as its word.
    reg        stores;
    reg        unpacks;
    reg        mixes;
    reg        commands;        // none of stores and mixes
    wire [4:0] function_next = micro_next[4:0];
    wire       mixes_next = (function_next == CONV) | (function_next == SCAN);
    always @(posedge clk_i) begin
        micro <= micro_next;
        stores <= (function_next == KV_STORE);
        unpacks <= (function_next == MATRIX);
        mixes <= mixes_next;
        commands <= (function_next != KV_STORE) & ~mixes_next;
    end

    wire [4:0] micro_function = micro[4:0];
    wire [1:0] counted = micro[6:5];
    wire       advances = micro[7];
    wire       to_source = micro[8];
    wire       to_operand = micro[9];
    wire       loop_ends = micro[10];
    wire       last_pass = micro[11];
    wire       held = store_busy_i | (mixer_busy_i & ~(unpacks & scanning));

    // What holds a command's fields begins with the next when all is quiet, and sees that a
    // cycle late: long paths end in a register.
    wire       may_issue = issuing & ((HOLDS != 0) ? quiet & ~given[0]
                                                   : ~held & ~(unpacks & unpack_busy_i));
    wire       issued = may_issue & ((HOLDS != 0) | cmd_ready_i);
    wire       moves = (HOLDS != 0) ? given[1] & quiet : issued;

    assign cmd_valid_o = may_issue & commands;
    assign cmd_function_o = micro_function;
    assign cmd_variant_o = to_operand ? 2'd3 : variant;
    assign cmd_source_o = advances ? head_source : source;
    assign cmd_target_o = to_source ? cmd_source_o : target;
    assign cmd_count_o = (counted == 2'd1) ? HEAD_DIM[15:0] : (counted == 2'd2) ? DIM[15:0] :
                         (counted == 2'd3) ? ATTENTION[15:0] : count;
    assign cmd_one_row_o = (weight_bits_o == 4'd8);
    assign cmd_head_o = head;
    assign cmd_kv_head_o = kv_head;
    assign cmd_positions_o = last_position_i + 16'd1;

    assign store_start_o = issued & stores;
    assign store_value_o = (variant == 2'd2);
    assign store_head_o = head;
    assign unpack_start_o = issued & unpacks;

    assign mixer_start_o = issued & mixes;
    assign mixer_scan_o = (micro_function == SCAN);
    assign scale_start_o = issued & (micro_function == SCALE);

    wire looping = loop_ends & heads_left;
    wire all_quiet = cmd_ready_i & ~store_busy_i & ~unpack_busy_i & ~mixer_busy_i;

    assign busy_o = ~state[0];
    assign header_ready_o = fetching;
    assign op_ready_o = fetching;

    always @(posedge clk_i)
        if (fetching) begin
            head <= 8'd0;
            kv_head <= 8'd0;
            sharers <= 8'd1;
            head_source <= source;
        end else if (moves & looping) begin
            head <= head + 1'b1;
            sharers <= last_sharer ? 8'd1 : sharers + 1'b1;
            if (last_sharer) kv_head <= kv_head + 1'b1;
            head_source <= head_source + HEAD_DIM[15:0];
        end

    always @(posedge clk_i) begin
        // From one head's issue to the next there are two cycles or more.
        heads_left <= (head + 8'd1 != count[7:0]);
        last_sharer <= (sharers == SHARE);
        if (mixer_start_o) scanning <= mixer_scan_o;
        tape_restart_o <= finishing & all_quiet & (status_o != 2'd0);
        quiet <= all_quiet;
        given <= ((HOLDS == 0) | rst_i | moves) ? 2'b00 : {given[0], issued | given[0]};
        if (rst_i) begin
            state <= IDLE;
            status_o <= 2'd0;
        end else (* parallel_case *) case (1'b1)
            state[0]: if (start_i) begin
                state <= FETCH;
                status_o <= 2'd0;
            end
            fetching: begin
                next <= {opcode, variant};
                if (op_valid_i & ~op_is_end_i) state <= LOOK_UP;
                else if (op_valid_i | (tape_error_i != 2'd0)) begin
                    status_o <= tape_error_i;
                    state <= FINISH;
                end
            end
            state[2]: state <= ENTRY;
            state[3]: begin
                state <= READ;
                first <= micro[5:0];
                next <= micro[5:0];
            end
            state[4]: state <= ISSUE;
            issuing: if (moves) begin
                state <= (last_pass & ~looping) ? FETCH : READ;
                next <= looping ? first : next + 1'b1;
            end
            finishing: if (all_quiet) state <= IDLE;
            default: state <= IDLE;
        endcase
    end
endmodule
`default_nettype wire
