/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A compiled model, a `.mill` file: everything that the generator, the host
 * and the reference need, in one mapped file.
 */
#ifndef MILLRACE_GEN_MILL_H
#define MILLRACE_GEN_MILL_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/mapped_file.h"
#include "gen/graph/mixer_shape.h"

enum { TAPE_LINE = 32 }; /* bytes */

enum opcode {
    OP_NORM = 1,
    OP_MATRIX,
    OP_HEADS,
    OP_ATTEND,
    OP_GLU,
    OP_END,
    OP_CONV, /* those of a Mamba block */
    OP_SCAN,
    OP_GATE,
    OP_ROTATE,
    OP_LAST = OP_ROTATE
};

/* NORM of the residual stream into the operand; of the gated store into the
 * operand; of the gated store, scaled, into the wide store. */
enum { NORM_RESIDUAL, NORM_GATED, NORM_SCALED };
enum { GATE_TO_GATED, GATE_TO_WIDE };
enum { ROTATE_BUTTERFLY, ROTATE_TWELVE };

enum { MATRIX_TO_WIDE, MATRIX_TO_RESIDUAL, MATRIX_TO_LOGITS };
enum { HEADS_QUERY, HEADS_KEY, HEADS_VALUE };

/* One operation of the tape, decoded from its header line. */
struct tape_op {
    uint8_t opcode;      /* enum opcode */
    uint8_t variant;     /* NORM_..., MATRIX_TO_..., HEADS_..., GATE_..., ROTATE_... */
    uint8_t group_shift; /* a weight group is 16 << group_shift inputs */
    uint8_t weight_bits; /* MATRIX: 8, 4, 3 or 2 */
    uint16_t rows;       /* MATRIX: outputs, even where weight_bits < 8 */
    uint16_t blocks;     /* input blocks of 16 */
    uint16_t source, target;
    uint8_t shift, shift2;
    uint16_t count;
    uint32_t payload_lines;
    uint64_t constant;
    const uint8_t *payload; /* borrowed; payload_lines * 32 bytes */
};

struct mill_shape {
    uint32_t dim, hidden_dim, layers, heads, kv_heads, head_dim;
    uint32_t vocab, max_seq;
    uint32_t weight_bits, act_bits;
    uint32_t features; /* of a classifier's frames (gen/mill/frames.h); 0: tokens go in */

    /* Of a Mamba model, whose hidden_dim, heads, kv_heads and head_dim are 0. */
    enum architecture architecture;
    struct mixer_shape mixer;
    uint32_t state_bits; /* of a mantissa of the scan's state: 8, 12 or 16 */
};

struct mill {
    char name[64];
    struct mill_shape shape;
    uint32_t bos_token, eos_token; /* UINT32_MAX: none */
    uint32_t embed_shift;          /* X = embedding << embed_shift */
    uint32_t logit_fraction;       /* logit in nats = integer / 2^logit_fraction */
    uint64_t parameters;

    const uint8_t *tape; /* tape_size bytes, a whole number of lines */
    size_t tape_size;
    const struct tape_op *op; /* [op_count], OP_END last */
    size_t op_count;

    const int8_t *embedding;        /* [vocab][dim] mantissas */
    const uint8_t *embedding_scale; /* [vocab][ceil(dim/embedding_group)] */
    uint32_t embedding_group;
    float feature_scale;  /* of a classifier: steps of a frame's int16 to a unit */
    const int16_t *frame; /* [frames][dim], in the place of the embedding; or NULL */
    uint32_t frames;
    const int16_t *rope; /* [max_seq][head_dim]: cos, sin of pair 0, pair 1, ...; Q14 */

    const float *floats; /* the float model for the float device (mill_float.h), or NULL */
    size_t float_count;

    struct tokenizer *tokenizer; /* owned; NULL of a classifier */
    struct arena arena;
    struct mapped_file file;
};

/* Map and check a .mill file: every size, every header's CRC, the tape's CRC. */
bool mill_open(struct mill *mill, const char *path, struct error *err);
void mill_close(struct mill *mill);

/* The same of a file that is the caller's, aligned to 16 bytes at least, and
 * must outlive *mill.  On failure *mill needs no mill_close. */
bool mill_read(struct mill *mill, const struct mapped_file *file, struct error *err);

/* How many tokens there are to choose from: the vocabulary, or the frames. */
uint32_t mill_inputs(const struct mill *mill);

/* The int16 values that go to the device for `token`, which is below mill_inputs:
 * mantissa times scale, or the frame of that number. */
void mill_embedding(const struct mill *mill, uint32_t token, int16_t *out);

#endif
