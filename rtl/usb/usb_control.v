// SPDX-License-Identifier: Apache-2.0
// Endpoint 0: the requests of chapter 9 (USB 2.0) and Microsoft's one for its OS 2.0 descriptors.
//
// Setup: setup_i for one cycle begins one, whatever was before; its eight bytes come by write_i;
//   setup_end_i says that they came whole.  What is not understood stalls until the next one.
// IN: due_o, stall_o and toggle as of the next data packet; begin_i, data and take_i as of
//   usb_bulk_in; in_ack_i: the host has it.
// OUT: out_ack_i: an OUT data packet came whole and is acknowledged.  Only the empty one that
//   ends an IN transfer is ever expected.
// Address and configuration change after the status stage, as 9.4.6 asks.
// halt_o: OUT and IN endpoint are halted; clear_o, one cycle each: their toggles go to 0.
// began_o: SET_CONFIGURATION, SET_INTERFACE or a bus reset for one cycle: a new conversation.
// Resources: about 110 registers and the descriptors' ROM.
`default_nettype none
module usb_control #(
    parameter HIGH_SPEED = 1,
    parameter [15:0] VENDOR = 16'h1209,
    parameter [15:0] PRODUCT = 16'h0001,
    parameter [63:0] SERIAL = 64'h3030303030303030
) (
    input  wire       clk_i,
    input  wire       bus_reset_i,
    input  wire       is_high_i,
    input  wire       setup_i,
    input  wire       write_i,
    input  wire [7:0] data_i,
    input  wire       setup_end_i,
    output wire       stall_o,
    output wire       due_o,
    output reg        toggle_o,
    input  wire       begin_i,
    output wire       data_valid_o,
    output wire [7:0] data_o,
    input  wire       take_i,
    input  wire       in_ack_i,
    input  wire       out_ack_i,
    output reg  [6:0] address_o,
    output reg        configured_o,
    output reg  [1:0] halt_o,           // OUT, IN
    output reg  [1:0] clear_o,
    output reg        began_o
);
    localparam [7:0] GET_STATUS = 8'd0, CLEAR_FEATURE = 8'd1, SET_FEATURE = 8'd3,
                     SET_ADDRESS = 8'd5,
                     GET_DESCRIPTOR = 8'd6, GET_CONFIGURATION = 8'd8, SET_CONFIGURATION = 8'd9,
                     GET_INTERFACE = 8'd10, SET_INTERFACE = 8'd11, MS_CODE = 8'h20;
    localparam [7:0] MS_SET_TYPE = 8'hFF;
    localparam [15:0] ENDPOINT_HALT = 16'd0;
    localparam [7:0] OUT_ENDPOINT = 8'h01, IN_ENDPOINT = 8'h81;
    localparam [2:0] IDLE = 3'd0, DECODE = 3'd1, DATA_IN = 3'd2, STATUS_OUT = 3'd3,
                     STATUS_IN = 3'd4,
                     STALLED = 3'd5;

    reg [2:0]  state;
    reg [63:0] setup;
    wire [7:0]  to = setup[7:0];                // bmRequestType
    wire [7:0]  request = setup[15:8];
    wire [15:0] value = setup[31:16];
    wire [15:0] index = setup[47:32];
    wire [15:0] length = setup[63:48];

    // ---- What the answer's bytes are: from the ROM, or one or two of our own.
    wire       found;
    wire [8:0] start;
    wire [7:0] size;
    wire [7:0] rom_byte;
    reg  [7:6] at;              // sent and acknowledged: whole packets of 64
    reg  [7:0] reading;
    reg  [7:0] total;
    reg        asks_more;       // than there is
    wire [7:0] reading_next = begin_i ? {at, 6'd0} : take_i ? reading + 1'b1 : reading;
    wire is_ms = (to == 8'hC0) & (request == MS_CODE) & (index == 16'd7);
    wire from_rom = is_ms | ((to == 8'h80) & (request == GET_DESCRIPTOR));
    wire is_other_speed = ~is_ms & (value[15:8] == 8'd7);
    usb_descriptors #(
        .HIGH_SPEED(HIGH_SPEED), .VENDOR(VENDOR), .PRODUCT(PRODUCT), .SERIAL(SERIAL)
    ) descriptors (
        .clk_i(clk_i), .is_high_i(is_high_i), .type_i(is_ms ? MS_SET_TYPE : value[15:8]),
        .index_i(is_ms ? 8'd0 : value[7:0]), .found_o(found), .start_o(start), .length_o(size),
        .at_i(start + {1'b0, reading_next}), .byte_o(rom_byte)
    );

    wire of_out = (index == {8'd0, OUT_ENDPOINT});
    wire of_in = (index == {8'd0, IN_ENDPOINT});
    wire of_control = (index[6:0] == 7'd0) & (index[15:8] == 8'd0);
    wire of_interface = configured_o & (index == 16'd0);
    wire halted = (of_out & halt_o[0]) | (of_in & halt_o[1]);
    wire [7:0] own_byte = (reading != 8'd0) ? 8'd0 :
                          (request == GET_CONFIGURATION) ? {7'd0, configured_o} :
                          (to == 8'h82) ? {7'd0, halted} : 8'd0;
    wire [7:0] descriptor_byte = (is_other_speed & (reading == 8'd1)) ? 8'd7 : rom_byte;

    // A packet ends with its 64th byte or the last one.
    wire read_all = (reading == total);
    wire packet_full = (reading[7:6] != at);
    assign data_valid_o = (state == DATA_IN) & ~read_all & ~packet_full;
    assign data_o = from_rom ? descriptor_byte : own_byte;
    assign stall_o = (state == STALLED);
    assign due_o = (state == DATA_IN) | (state == STATUS_IN);

    // ---- What is understood: data of `answer` bytes to the host, or something to be done.
    reg       understood;
    reg [7:0] answer;
    always @* begin
        understood = 1'b0;
        answer = 8'd0;
        case ({to, request})
            {8'h80, GET_STATUS}: {understood, answer} = {(index == 16'd0), 8'd2};
            {8'h81, GET_STATUS}: {understood, answer} = {of_interface, 8'd2};
            {8'h82, GET_STATUS}: {understood, answer} =
                {of_control | (configured_o & (of_out | of_in)), 8'd2};
            {8'h02, CLEAR_FEATURE}, {8'h02, SET_FEATURE}: understood =
                (value == ENDPOINT_HALT) & (of_control | (configured_o & (of_out | of_in)));
            {8'h00, SET_ADDRESS}: understood = (value[15:7] == 9'd0) & ~configured_o;
            {8'h80, GET_DESCRIPTOR}: {understood, answer} = {found, size};
            {8'h80, GET_CONFIGURATION}: {understood, answer} = {1'b1, 8'd1};
            {8'h00, SET_CONFIGURATION}: understood = (value[15:1] == 15'd0) & (address_o != 7'd0);
            {8'h81, GET_INTERFACE}: {understood, answer} = {of_interface, 8'd1};
            {8'h01, SET_INTERFACE}: understood = of_interface & (value == 16'd0);
            {8'hC0, MS_CODE}: {understood, answer} = {is_ms, size};
            default: understood = 1'b0;
        endcase
    end

    // What is done once the status stage is over.
    wire done = (state == STATUS_IN) & in_ack_i;
    wire sets_configuration = done & (to == 8'h00) & (request == SET_CONFIGURATION);
    wire sets_interface = done & (to == 8'h01) & (request == SET_INTERFACE);
    wire changes_halt = done & (to == 8'h02);

    always @(posedge clk_i) begin
        reading <= reading_next;
        clear_o <= 2'b00;
        began_o <= 1'b0;
        if (write_i) setup <= {data_i, setup[63:8]};
        case (state)
            DECODE: begin
                at <= 2'd0;
                reading <= 8'd0;
                toggle_o <= 1'b1;
                asks_more <= (length[15:8] != 8'd0) | (length[7:0] > answer);
                total <= (length[15:8] == 8'd0) & (length[7:0] < answer) ? length[7:0] : answer;
                state <= ~understood ? STALLED : (to[7] & (length != 16'd0)) ? DATA_IN : STATUS_IN;
                // Data from the host is nothing that any of these takes.
                if (~to[7] & (length != 16'd0)) state <= STALLED;
            end
            DATA_IN: begin
                if (in_ack_i) begin
                    toggle_o <= ~toggle_o;
                    at <= reading[7:6];
                    // Fewer than 64 bytes end it, and so does the last that was asked for.
                    if (~packet_full | (read_all & ~asks_more)) state <= STATUS_OUT;
                end
                if (out_ack_i) state <= IDLE;   // the host has had enough
            end
            STATUS_OUT: if (out_ack_i) state <= IDLE;
            STATUS_IN: if (in_ack_i) state <= IDLE;
            default: ;
        endcase
        if (setup_i) state <= IDLE;
        if (setup_end_i) state <= DECODE;

        if (done & (to == 8'h00) & (request == SET_ADDRESS)) address_o <= value[6:0];
        if (sets_configuration) configured_o <= value[0];
        if (sets_configuration | sets_interface) begin
            halt_o <= 2'b00;
            clear_o <= 2'b11;
            began_o <= 1'b1;
        end
        if (changes_halt) begin
            if (request == CLEAR_FEATURE) clear_o <= {of_in, of_out};
            halt_o <= (request == SET_FEATURE) ? halt_o | {of_in, of_out}
                                                 : halt_o & ~{of_in, of_out};
        end
        if (bus_reset_i) begin
            state <= IDLE;
            address_o <= 7'd0;
            configured_o <= 1'b0;
            halt_o <= 2'b00;
            clear_o <= 2'b11;
            began_o <= 1'b1;
            toggle_o <= 1'b1;
        end
    end
endmodule
`default_nettype wire
