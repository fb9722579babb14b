/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_GEN_IMAGE_SUBNET_CUT_H
#define MILLRACE_GEN_IMAGE_SUBNET_CUT_H

#include "gen/image/network.h"

/* Make a network with subnets into one without: the half one alone, the first `half`
 * channels of every node with the weights that read them, for a design that has no
 * room for the full one.  Its float results are those of SUBNET_HALF.  ERROR_INPUT
 * where it has no subnets. */
bool image_subnet_cut(struct image_network *network, struct error *err);

#endif
