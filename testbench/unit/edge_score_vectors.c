/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Usage: edge_score_vectors SEED CHANNELS TILE
 *
 * Write random pictures for picture_edge_score_tb.v and what host/image/patches.c makes of
 * them into the working folder, as $readmemh reads it: pictures.hex (width, height and two
 * thresholds of each), pixels.hex, patches.hex (subnet and sum of each patch, row by row).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/image/patches.h"

enum { PICTURES = 12 };

static uint32_t below(uint32_t limit)
{
    return (uint32_t)rand() % limit;
}

static FILE *create(const char *name)
{
    FILE *file = fopen(name, "w");
    if (!file) {
        perror(name);
        exit(1);
    }
    return file;
}

/* Noise of a random depth, so that no, some or all of the Laplacians are held to 255. */
static void make_picture(struct planes *planes)
{
    uint32_t depth = 1 + below(below(2) ? 256 : 24), base = below(257 - depth);

    for (size_t i = 0; i < (size_t)planes->channels * planes->width * planes->height; i++)
        planes->value[i] = base + below(depth);
}

static void write_picture(FILE *file, const struct planes *planes)
{
    size_t pixels = (size_t)planes->width * planes->height;

    for (size_t i = 0; i < pixels; i++) {
        for (uint32_t c = planes->channels; c-- > 0;)
            fprintf(file, "%02x", (unsigned)planes->value[c * pixels + i]);
        fputc('\n', file);
    }
}

static void write_patches(FILE *file, const struct planes *planes, const struct patches *patches)
{
    for (uint32_t i = 0; i < patches->rows * patches->columns; i++) {
        struct patch patch = patches_at(patches, i / patches->columns, i % patches->columns);
        fprintf(file, "%02x%06" PRIx32 "\n", patches->subnet[i], edge_score(planes, &patch));
    }
}

int main(int argc, char **argv)
{
    struct image_node node = {.op = IMAGE_INPUT};
    struct image_network network = {.node = &node, .nodes = 1, .selective = true};
    struct error err;

    if (argc != 4)
        return 2;
    srand((unsigned)strtoul(argv[1], NULL, 10));
    node.channels = node.half = (uint32_t)strtoul(argv[2], NULL, 10);
    network.tile = (uint32_t)strtoul(argv[3], NULL, 10);
    FILE *pictures = create("pictures.hex"), *pixels = create("pixels.hex");
    FILE *wanted = create("patches.hex");
    for (int i = 0; i < PICTURES; i++) {
        uint32_t width = i < 2 ? 1 : 1 + below(4 * network.tile),
                 height = 1 + below(3 * network.tile);
        uint64_t half = below(network.tile * network.tile * 100);
        const uint64_t threshold[2] = {half, half + below(network.tile * network.tile * 100)};
        struct planes planes;
        struct patches patches;
        struct upscale_counts counts;
        if (!planes_alloc(&planes, width, height, node.channels, &err) ||
            !patches_open(&patches, &network, width, height, &err))
            return 1;
        make_picture(&planes);
        patches_score(&patches, &planes);
        if (!patches_choose(&patches, threshold, &counts, &err))
            return 1;
        fprintf(pictures, "%x\n%x\n%x\n%x\n", width, height, (unsigned)threshold[0],
                (unsigned)threshold[1]);
        write_picture(pixels, &planes);
        write_patches(wanted, &planes, &patches);
        patches_close(&patches);
        planes_free(&planes);
    }
    fprintf(pictures, "0\n");
    return fclose(pictures) || fclose(pixels) || fclose(wanted);
}
