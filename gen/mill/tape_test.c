/* SPDX-License-Identifier: Apache-2.0 */
/* The tape's layout against a second reading of its description, and tapes that
 * are damaged. */
#include <zlib.h>

#include "base/little_endian.h"
#include "gen/mill/tape.h"
#include "testbench/test_support.h"

enum { SEED = 20, SHAPES = 200 };

struct matrix {
    struct tape_op op;
    int8_t *q;        /* [rows][inputs] */
    uint8_t *scale;   /* [rows][groups] */
    uint8_t *payload; /* the op's */
};

static uint32_t inputs_of(const struct tape_op *op)
{
    return op->blocks * 16u;
}

static struct matrix draw_matrix(uint64_t *random)
{
    static const uint8_t widths[] = {8, 4, 3, 2};
    struct matrix m = {.op = {.opcode = OP_MATRIX}};
    struct tape_op *op = &m.op;

    op->weight_bits = widths[next_random(random) % 4];
    op->group_shift = (uint8_t)(next_random(random) % 3);
    op->rows = (uint16_t)(1 + next_random(random) % 40);
    op->blocks = (uint16_t)(1 + next_random(random) % 11);
    if (op->weight_bits < 8)
        op->rows += op->rows % 2;
    op->payload_lines = (uint32_t)tape_payload_lines(op, NULL);

    size_t weights = (size_t)op->rows * inputs_of(op), scales = (size_t)op->rows * tape_groups(op);
    m.q = malloc(weights);
    m.scale = malloc(scales);
    m.payload = calloc(op->payload_lines, TAPE_LINE);
    assert_true(m.q && m.scale && m.payload);
    unsigned unused = 32 - op->weight_bits;
    for (size_t i = 0; i < weights; i++)
        m.q[i] = (int8_t)((int32_t)next_random(random) >> unused);
    for (size_t i = 0; i < scales; i++)
        m.scale[i] = (uint8_t)next_random(random);
    tape_pack_matrix(op, m.q, m.scale, m.payload);
    op->payload = m.payload;
    return m;
}

static void free_matrix(struct matrix *m)
{
    free(m->q);
    free(m->scale);
    free(m->payload);
}

static void describe(const struct tape_op *op, unsigned shape)
{
    print_message("seed %d, shape %u: %u rows, %u blocks, %u bits, groups of %u\n", SEED, shape,
                  op->rows, op->blocks, op->weight_bits, 16u << op->group_shift);
}

static void test_round_trip(void **state)
{
    uint64_t random = SEED;
    (void)state;

    for (unsigned shape = 0; shape < SHAPES; shape++) {
        struct matrix m = draw_matrix(&random);
        uint32_t inputs = inputs_of(&m.op), group = 16u << m.op.group_shift;
        int16_t *weight = malloc((size_t)m.op.rows * inputs * sizeof *weight);
        assert_non_null(weight);
        tape_unpack_matrix(&m.op, weight);
        for (uint32_t r = 0; r < m.op.rows; r++)
            for (uint32_t i = 0; i < inputs; i++) {
                int wanted = m.q[r * inputs + i] * m.scale[r * tape_groups(&m.op) + i / group];
                if (weight[r * inputs + i] == wanted)
                    continue;
                describe(&m.op, shape);
                fail_msg("row %u, input %u: %d, not %d", r, i, weight[r * inputs + i], wanted);
            }
        free(weight);
        free_matrix(&m);
    }
}

/* Bits of a payload, read one after another. */
struct bit_reader {
    const uint8_t *data;
    size_t bit;
};

static int next_field(struct bit_reader *r, unsigned width)
{
    int value = 0;
    for (unsigned i = 0; i < width; i++, r->bit++)
        value += (r->data[r->bit / 8] >> (r->bit % 8) & 1) << i;
    return value >= 1 << width >> 1 ? value - (1 << width) : value;
}

/* The stream as the hardware takes it: 32 scales, then the weights of those. */
static void test_stream_order(void **state)
{
    uint64_t random = SEED + 1;
    (void)state;

    for (unsigned shape = 0; shape < SHAPES; shape++) {
        struct matrix m = draw_matrix(&random);
        uint32_t together = m.op.weight_bits == 8 ? 1 : 2, group = 16u << m.op.group_shift;
        uint32_t inputs = inputs_of(&m.op), groups = (inputs + group - 1) / group;
        struct bit_reader reader = {m.payload, 0};
        const uint8_t *frame = NULL;
        uint32_t used = 32;
        for (uint32_t row = 0; row < m.op.rows; row += together)
            for (uint32_t g = 0; g < groups; g++, used += together) {
                if (used == 32) {
                    frame = m.payload + reader.bit / 8;
                    reader.bit += (size_t)32 * 8;
                    used = 0;
                }
                for (uint32_t r = 0; r < together; r++)
                    assert_int_equal(frame[used + r], m.scale[(row + r) * groups + g]);
                for (uint32_t i = g * group; i < inputs && i < (g + 1) * group; i++)
                    for (uint32_t r = 0; r < together; r++) {
                        int wanted = m.q[(row + r) * inputs + i];
                        int found = next_field(&reader, m.op.weight_bits);
                        if (found == wanted)
                            continue;
                        describe(&m.op, shape);
                        fail_msg("row %u, input %u: %d, not %d", row + r, i, found, wanted);
                    }
            }
        assert_int_equal((reader.bit + 255) / 256, m.op.payload_lines);
        free_matrix(&m);
    }
}

static void test_header_round_trip(void **state)
{
    const struct tape_op ops[] = {
        {.opcode = OP_NORM, .constant = 0x7FFF12345678},
        {.opcode = OP_MATRIX,
         .variant = MATRIX_TO_LOGITS,
         .group_shift = 2,
         .weight_bits = 3,
         .rows = 65534,
         .blocks = 2048,
         .target = 511,
         .shift = 55,
         .payload_lines = 0xFFFFFFFF},
        {.opcode = OP_GLU, .source = 1, .target = 65535, .shift = 40, .shift2 = 12, .count = 77},
        {.opcode = OP_END, .constant = 0xFEDCBA98},
    };
    (void)state;

    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        uint8_t line[TAPE_LINE], again[TAPE_LINE];
        struct tape_op op;
        struct error err = {0};
        tape_encode_header(&ops[i], line);
        if (!tape_decode_header(line, 0, &op, &err))
            fail_msg("header %zu: %s", i, err.message);
        tape_encode_header(&op, again);
        assert_memory_equal(line, again, TAPE_LINE);
        assert_int_equal(op.weight_bits, ops[i].weight_bits);
        assert_int_equal(op.payload_lines, ops[i].payload_lines);
        assert_int_equal(op.constant, ops[i].constant);
    }
}

/* Any single wrong bit of a header is noticed. */
static void test_header_bits(void **state)
{
    uint8_t line[TAPE_LINE];
    struct tape_op op;
    struct error err = {0};
    (void)state;

    tape_encode_header(&(struct tape_op){.opcode = OP_NORM, .constant = 99}, line);
    for (unsigned bit = 0; bit < TAPE_LINE * 8; bit++) {
        line[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_refused(tape_decode_header(line, 64, &op, &err), &err, "byte 64");
        line[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    line[3] = 200;
    store_u32(line + 28, (uint32_t)crc32(0, line, 28));
    assert_refused(tape_decode_header(line, 0, &op, &err), &err, "groups of 16 << 200");
    line[1] = OP_LAST + 1;
    store_u32(line + 28, (uint32_t)crc32(0, line, 28));
    assert_refused(tape_decode_header(line, 0, &op, &err), &err, "opcode 11 is unknown");
}

/* A NORM, a MATRIX to the logits and the END: a tape for a model of 16 inputs
 * and 4 tokens. */
static struct bytes make_tape(const struct tape_op *norm, const struct tape_op *matrix)
{
    struct bytes tape = {0};
    uint8_t line[TAPE_LINE], payload[8 * TAPE_LINE] = {0};

    tape_encode_header(norm, line);
    put(&tape, line, sizeof line);
    tape_encode_header(matrix, line);
    put(&tape, line, sizeof line);
    put(&tape, payload, (size_t)tape_payload_lines(matrix, NULL) * TAPE_LINE);
    struct tape_op end = {.opcode = OP_END, .constant = crc32(0, tape.data, (unsigned)tape.size)};
    tape_encode_header(&end, line);
    put(&tape, line, sizeof line);
    return tape;
}

static const struct tape_op norm_op = {.opcode = OP_NORM, .constant = 5};
static const struct tape_op matrix_op = {.opcode = OP_MATRIX,
                                         .variant = MATRIX_TO_LOGITS,
                                         .weight_bits = 8,
                                         .rows = 4,
                                         .blocks = 1,
                                         .shift = 8,
                                         .payload_lines = 3};

static bool decode(const struct bytes *tape, size_t size, struct error *err)
{
    struct mapped_file copy = exact_copy(tape->data, size);
    struct mill mill = {.shape = {.dim = 16,
                                  .hidden_dim = 16,
                                  .layers = 1,
                                  .heads = 2,
                                  .kv_heads = 1,
                                  .head_dim = 8,
                                  .vocab = 4,
                                  .max_seq = 8,
                                  .weight_bits = 8,
                                  .act_bits = 8},
                        .tape = copy.data,
                        .tape_size = size};
    bool ok = tape_decode(&mill, err);
    if (ok)
        assert_int_equal(mill.op_count, 3);
    arena_free(&mill.arena);
    free((void *)(uintptr_t)copy.data);
    return ok;
}

static void test_damaged_tapes(void **state)
{
    struct bytes tape = make_tape(&norm_op, &matrix_op);
    uint8_t line[TAPE_LINE];
    struct error err = {0};
    (void)state;

    if (!decode(&tape, tape.size, &err))
        fail_msg("%s", err.message);
    for (size_t size = 0; size < tape.size; size++)
        assert_refused(decode(&tape, size, &err), &err, "tape: ");
    assert_refused(decode(&tape, tape.size - (size_t)2 * TAPE_LINE, &err), &err, "do not fit");
    assert_refused(decode(&tape, TAPE_LINE, &err), &err, "stops without its END");
    assert_refused(decode(&tape, tape.size - TAPE_LINE, &err), &err, "stops without its END");

    tape.data[2 * TAPE_LINE + 5] ^= 1; /* a weight */
    assert_refused(decode(&tape, tape.size, &err), &err, "tape: its CRC does not match");
    tape.data[2 * TAPE_LINE + 5] ^= 1;
    memcpy(line, tape.data, sizeof line);
    put(&tape, line, sizeof line);
    assert_refused(decode(&tape, tape.size, &err), &err, "END before the end");
    bytes_free(&tape);
}

/* Operations that are whole and do not fit the model. */
static void test_unfit_operations(void **state)
{
    const struct tape_op norm_large = {.opcode = OP_NORM, .constant = 1ull << 47};
    struct tape_op wrong[6];
    struct error err = {0};
    (void)state;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        wrong[i] = matrix_op;
    wrong[0].rows = 3;   /* logits for less than the vocabulary */
    wrong[1].blocks = 2; /* more inputs than the operand store holds */
    wrong[2].shift = 56;
    wrong[3].variant = 3;
    wrong[4].weight_bits = 5;
    wrong[5].variant = MATRIX_TO_RESIDUAL; /* needs as many rows as dim */
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        wrong[i].payload_lines = (uint32_t)tape_payload_lines(&wrong[i], NULL);
        struct bytes tape = make_tape(&norm_op, &wrong[i]);
        print_message("operation %zu\n", i);
        assert_refused(decode(&tape, tape.size, &err), &err, "operation 1 (opcode 2) does not fit");
        bytes_free(&tape);
    }
    struct bytes tape = make_tape(&norm_large, &matrix_op);
    assert_refused(decode(&tape, tape.size, &err), &err, "operation 0 (opcode 1) does not fit");
    bytes_free(&tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),        cmocka_unit_test(test_stream_order),
        cmocka_unit_test(test_header_round_trip), cmocka_unit_test(test_header_bits),
        cmocka_unit_test(test_damaged_tapes),     cmocka_unit_test(test_unfit_operations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
