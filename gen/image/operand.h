/* SPDX-License-Identifier: Apache-2.0 */
/* A convolution's operand: its input's mantissas and exponents with a border. */
#ifndef MILLRACE_GEN_IMAGE_OPERAND_H
#define MILLRACE_GEN_IMAGE_OPERAND_H

#include "gen/image/integer.h"
#include "gen/op/lanes.h"

struct image_operand {
    int16_t *mantissa; /* [channels][height][width]; owned */
    uint8_t *exponent; /* [groups][blocks][height][width]; owned */
    uint32_t height, width;
    size_t plane; /* height * width */
    struct operand_blocks blocks;
    uint32_t group_channels; /* of a group, in the subnet */
};

/* Quantise `in`, the value of the node's input; rows end in LANES pixels more
 * than the padding has.  False where memory is short. */
bool image_operand_open(struct image_operand *operand, const struct integer_network *network,
                        const struct image_node *node, const struct image_tensor *in);
void image_operand_close(struct image_operand *operand);

#endif
