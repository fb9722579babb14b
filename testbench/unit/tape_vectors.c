/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Usage: tape_vectors SEED BUS_BITS INPUTS ROWS FAULT
 *
 * Write a random tape for tape_tb.v and what the tape reader and the unpacker
 * must make of it into the working folder, as $readmemh reads it: tape.hex (bus
 * words), headers.hex, beats.hex (scales above weights) and sizes.hex (words,
 * headers, beats, the error at the end).  FAULT: 0 none, 1 a bit of a header is
 * flipped, 2 one of a payload.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "gen/mill/tape.h"

enum { OPS = 8, MOST_ROWS = 12, MOST_BLOCKS = 7, TAPE_BYTES = 1 << 16 };

struct vectors {
    unsigned bus_bits, inputs, rows; /* of the design */
    uint8_t tape[TAPE_BYTES];
    size_t size;
    size_t last_header, last_payload; /* byte offsets */
    unsigned headers, beats;
    FILE *header_file, *beat_file;
};

static FILE *create(const char *name)
{
    FILE *file = fopen(name, "w");
    if (!file) {
        perror(name);
        exit(1);
    }
    return file;
}

/* Bytes as one hexadecimal number, the last byte first. */
static void print_number(FILE *file, const uint8_t *bytes, size_t count)
{
    while (count--)
        fprintf(file, "%02x", bytes[count]);
    fputc('\n', file);
}

static unsigned below(unsigned limit)
{
    return (unsigned)rand() % limit;
}

static void add_header(struct vectors *v, const struct tape_op *op)
{
    v->last_header = v->size;
    tape_encode_header(op, v->tape + v->size);
    print_number(v->header_file, v->tape + v->size, TAPE_LINE);
    v->size += TAPE_LINE;
    v->headers++;
}

/* One beat: `inputs` inputs of `together` rows from `first` on. */
static void add_beat(struct vectors *v, const struct tape_op *op, const int8_t *q,
                     const uint8_t *scale, uint32_t first, uint32_t input)
{
    uint32_t together = tape_rows_interleaved(op->weight_bits), width = op->blocks * 16u;
    uint32_t group = input / 16 >> op->group_shift;
    uint8_t beat[16 * 2 + 2] = {0};

    for (uint32_t r = 0; r < together; r++) {
        for (uint32_t i = 0; i < v->inputs; i++)
            beat[i * v->rows + r] = (uint8_t)q[(first + r) * width + input + i];
        beat[v->inputs * v->rows + r] = scale[(first + r) * tape_groups(op) + group];
    }
    print_number(v->beat_file, beat, (size_t)(v->inputs + 1) * v->rows);
    v->beats++;
}

static void add_matrix(struct vectors *v)
{
    static const uint8_t widths[] = {8, 4, 3, 2};
    static int8_t q[MOST_ROWS * MOST_BLOCKS * 16];
    static uint8_t scale[MOST_ROWS * MOST_BLOCKS];
    struct tape_op op = {
        .opcode = OP_MATRIX,
        .weight_bits = v->rows == 1 ? 8 : widths[below(4)],
        .group_shift = (uint8_t)below(3),
        .blocks = (uint16_t)(1 + below(MOST_BLOCKS)),
        .source = (uint16_t)rand(),
    };
    uint32_t together = tape_rows_interleaved(op.weight_bits);

    op.rows = (uint16_t)(together * (1 + below(MOST_ROWS / 2)));
    op.payload_lines = (uint32_t)tape_payload_lines(&op, NULL);
    for (size_t i = 0; i < sizeof q; i++)
        q[i] = (int8_t)((int)below(1u << op.weight_bits) - (1 << (op.weight_bits - 1)));
    for (size_t i = 0; i < sizeof scale; i++)
        scale[i] = (uint8_t)rand();
    add_header(v, &op);
    tape_pack_matrix(&op, q, scale, v->tape + v->size);
    v->last_payload = v->size;
    v->size += (size_t)op.payload_lines * TAPE_LINE;
    for (uint32_t row = 0; row < op.rows; row += together)
        for (uint32_t input = 0; input < op.blocks * 16u; input += v->inputs)
            add_beat(v, &op, q, scale, row, input);
}

static void build(struct vectors *v)
{
    for (unsigned i = 0; i < OPS; i++) {
        if (below(3)) {
            add_matrix(v);
        } else {
            struct tape_op op = {.opcode = OP_NORM, .constant = (uint64_t)rand()};
            add_header(v, &op);
        }
    }
    add_matrix(v);
    struct tape_op end = {.opcode = OP_END, .constant = crc32(0, v->tape, (unsigned)v->size)};
    size_t matrix_header = v->last_header;
    add_header(v, &end);
    v->last_header = matrix_header;
}

int main(int argc, char **argv)
{
    static struct vectors v;

    if (argc != 6)
        return 2;
    srand((unsigned)atoi(argv[1]));
    v.bus_bits = (unsigned)atoi(argv[2]);
    v.inputs = (unsigned)atoi(argv[3]);
    v.rows = (unsigned)atoi(argv[4]);
    unsigned fault = (unsigned)atoi(argv[5]);
    v.header_file = create("headers.hex");
    v.beat_file = create("beats.hex");
    build(&v);
    if (fault)
        v.tape[(fault == 1 ? v.last_header : v.last_payload) + below(TAPE_LINE)] ^=
            (uint8_t)(1 << below(8));

    FILE *tape = create("tape.hex"), *sizes = create("sizes.hex");
    for (size_t at = 0; at < v.size; at += v.bus_bits / 8)
        print_number(tape, v.tape + at, v.bus_bits / 8);
    fprintf(sizes, "%x\n%x\n%x\n%x\n", (unsigned)(v.size * 8 / v.bus_bits), v.headers, v.beats,
            fault);
    return fclose(tape) || fclose(sizes) || fclose(v.header_file) || fclose(v.beat_file);
}
