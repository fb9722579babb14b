/* SPDX-License-Identifier: Apache-2.0 */
/* gen/op's CONV and SCAN, with the stores of some columns, for a simulation of
 * rtl/mixer/ to be compared with. */
#ifndef MILLRACE_TESTBENCH_MIXER_MODEL_H
#define MILLRACE_TESTBENCH_MIXER_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The parameters of rtl/mixer/mixer.v. */
struct mixer_parameters {
    uint32_t columns, layers, inner, state, heads, conv_width, state_bits, lanes, bus_bits;
    bool every; /* Mamba: a decay a state element */
};

/* The header's fields, and what the pass adds. */
struct mixer_operation {
    bool scan;
    uint16_t source, target, rows, blocks;
    uint8_t shift, shift2;
    uint32_t constant;
    const uint8_t *payload;
    uint32_t columns; /* active ones */
    bool prefill;
    uint32_t slot;
    uint32_t position[16];
};

enum { MODEL_WIDE = 8192 }; /* words of a column's wide store */

struct model;

/* NULL: out of memory. */
struct model *model_open(const struct mixer_parameters *parameters);
void model_close(struct model *model);

/* An element of a column's wide or gated store. */
int32_t *model_wide(struct model *model, uint32_t column, uint32_t element);
int32_t *model_gated(struct model *model, uint32_t column, uint32_t channel);

void model_run(struct model *model, const struct mixer_operation *operation);

/* Bytes of the operation's payload, of whole lines; records of `*record` bytes. */
size_t model_payload(const struct model *model, bool scan, size_t *record);

/* Put a record into a payload. */
void model_write_channel(uint8_t *payload, uint32_t channel, const int8_t tap[4], int16_t bias,
                         uint8_t shift);
void model_write_head(const struct model *model, uint8_t *payload, uint32_t head, int32_t bias,
                      int16_t d, uint8_t decay_shift, const uint16_t *decay);

#ifdef __cplusplus
}
#endif

#endif
