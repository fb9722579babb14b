/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the program of a serial column and its memory, PROGRAM.hex and MEMORY.hex, and says
 * where X, RoPE's factors, the scores and the values' exponents lie.
 * Usage: serial_program DIM HIDDEN WIDE_DEPTH HEADS HEAD_DIM MAX_SEQ ACT_BITS FOLDER
 */
#include <stdlib.h>

#include "gen/serial/program.h"

static struct serial_program program;

static int write_file(const char *folder, const char *name,
                      void (*write)(const struct serial_program *, FILE *))
{
    char path[4096];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (!file)
        return 1;
    write(&program, file);
    return fclose(file) != 0;
}

int main(int argc, char **argv)
{
    uint32_t number[7];

    if (argc != 9)
        return 2;
    for (int i = 0; i < 7; i++)
        number[i] = (uint32_t)strtoul(argv[i + 1], NULL, 10);
    struct serial_shape shape = {.dim = number[0],
                                 .hidden = number[1],
                                 .wide_depth = number[2],
                                 .heads = number[3],
                                 .head_dim = number[4],
                                 .max_seq = number[5],
                                 .act_bits = number[6],
                                 .vocab = 512};
    if (!serial_fits(&shape))
        return 1;
    serial_program_build(&shape, &program);
    const struct serial_layout *at = &program.layout;
    printf("%u %u %u %u\n", at->x, at->rope, at->scores, at->value_exponents);
    return write_file(argv[8], "program.hex", serial_program_write) ||
           write_file(argv[8], "memory.hex", serial_memory_write);
}
