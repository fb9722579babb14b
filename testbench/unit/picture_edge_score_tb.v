// SPDX-License-Identifier: Apache-2.0
// The edge score on pictures of edge_score_vectors.c, with random pauses of the pixels: the
// sum and the subnet of every patch, in order, and no more of them.
`default_nettype none
module picture_edge_score_tb;
    parameter CHANNELS = 3;
    parameter TILE_BITS = 2;
    parameter SEED = 1;
    localparam MOST = 65536;
    localparam SCORE_BITS = 2 * TILE_BITS + 8;

    reg [31:0]           pictures [0:255];
    reg [8*CHANNELS-1:0] pixels [0:MOST-1];
    reg [31:0]           patches [0:MOST-1];

    reg                    clk = 1'b0;
    reg                    start = 1'b0;
    reg [15:0]             width_last = 16'd0;
    reg [15:0]             height_last = 16'd0;
    reg [SCORE_BITS-1:0]   half = 0;
    reg [SCORE_BITS-1:0]   full = 0;
    reg                    valid = 1'b0;
    wire                   ready;
    reg [8*CHANNELS-1:0]   pixel = 0;
    reg                    flush = 1'b0;
    wire                   busy;
    wire                   patch_valid;
    wire [15:0]            column;
    wire [SCORE_BITS-1:0]  score;
    wire [1:0]             subnet;

    integer seed = SEED;
    integer picture;
    integer pixel_at = 0;
    integer patch_at = 0;
    integer wanted_column = 0;
    integer left;

    always #1 clk = ~clk;

    picture_edge_score #(.CHANNELS(CHANNELS), .TILE_BITS(TILE_BITS), .WIDTH_MOST(4 << TILE_BITS))
    dut (
        .clk_i(clk), .begin_i(start), .width_last_i(width_last), .height_last_i(height_last),
        .threshold_half_i(half), .threshold_full_i(full), .valid_i(valid), .ready_o(ready),
        .pixel_i(pixel), .flush_i(flush), .busy_o(busy), .patch_valid_o(patch_valid),
        .patch_column_o(column), .patch_score_o(score), .patch_subnet_o(subnet)
    );

    task fail;
        begin
            $display("not ok - edge score, seed %0d: picture %0d, %0d x %0d, patch %0d: score %0d",
                     SEED, picture, width_last + 1, height_last + 1, patch_at, score,
                     ", subnet %0d in column %0d, not %0d, %0d in %0d", subnet, column,
                     patches[patch_at][23:0], patches[patch_at][31:24], wanted_column);
            $finish;
        end
    endtask

    always @(negedge clk)
        if (patch_valid) begin
            if ((score !== patches[patch_at][SCORE_BITS-1:0]) |
                (subnet !== patches[patch_at][25:24]) | (column !== wanted_column)) fail;
            patch_at = patch_at + 1;
            wanted_column = (column == width_last >> TILE_BITS) ? 0 : wanted_column + 1;
        end

    task play;
        begin
            @(negedge clk) start = 1'b1;
            width_last = pictures[4*picture] - 1;
            height_last = pictures[4*picture+1] - 1;
            half = pictures[4*picture+2];
            full = pictures[4*picture+3];
            @(negedge clk) start = 1'b0;
            left = pictures[4*picture] * pictures[4*picture+1];
            while (left > 0) begin
                // Every other picture without a pause.
                valid = picture[0] | ($random(seed) & 1);
                pixel = valid ? pixels[pixel_at] : ~pixels[pixel_at];
                #0 if (valid & ready) begin
                    pixel_at = pixel_at + 1;
                    left = left - 1;
                end
                @(negedge clk) valid = 1'b0;
            end
            while (busy) @(negedge clk);
            flush = 1'b1;
            @(negedge clk) flush = 1'b0;
            @(negedge clk) while (busy) @(negedge clk);
            @(negedge clk);
        end
    endtask

    initial begin
        $readmemh("pictures.hex", pictures);
        $readmemh("pixels.hex", pixels);
        $readmemh("patches.hex", patches);
        for (picture = 0; pictures[4*picture] != 0; picture = picture + 1) play;
        if ((picture == 0) | (patches[patch_at] !== 32'hxxxxxxxx)) begin
            $display("not ok - edge score, seed %0d: %0d patches, and more are wanted", SEED,
                     patch_at);
            $finish;
        end
        $display("ok - edge score, %0d channels, patches of %0d, seed %0d", CHANNELS,
                 1 << TILE_BITS, SEED);
        $finish;
    end
endmodule
`default_nettype wire
