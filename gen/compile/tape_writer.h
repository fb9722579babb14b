/* SPDX-License-Identifier: Apache-2.0 */
/* Collects operations and their weights; then lays them out as one tape. */
#ifndef MILLRACE_GEN_COMPILE_TAPE_WRITER_H
#define MILLRACE_GEN_COMPILE_TAPE_WRITER_H

#include "gen/mill/tape.h"
#include "gen/quant/quantised_matrix.h"

struct tape_writer {
    struct arena *arena; /* borrowed; the tape is laid there */
    uint8_t *tape;
    size_t size, room;
    struct error *err; /* of the first failure; later calls do nothing */
    bool failed;
};

void tape_write(struct tape_writer *w, const struct tape_op *op);

/* The same of an operation with `lines` lines of payload, which are returned,
 * zeroed, for the caller to fill in before the next call; NULL after a failure. */
uint8_t *tape_write_payload(struct tape_writer *w, const struct tape_op *op, uint64_t lines);

/* A MATRIX: rows, blocks, group_shift, weight_bits and the payload come from
 * `matrix`, the rest from `op`. */
void tape_write_matrix(struct tape_writer *w, const struct tape_op *op,
                       const struct quantised_matrix *matrix);

/* The END with the CRC of all before. */
void tape_write_end(struct tape_writer *w);

#endif
