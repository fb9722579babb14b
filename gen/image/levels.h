/* SPDX-License-Identifier: Apache-2.0 */
/* What an importer does with a network that it has read. */
#ifndef MILLRACE_GEN_IMAGE_LEVELS_H
#define MILLRACE_GEN_IMAGE_LEVELS_H

#include "gen/image/network.h"

/* Bring a network whose white is `white` to levels: constants that are added, and
 * bounds, are multiplied by 255 / white. */
bool image_to_levels(struct image_network *network, float white, struct error *err);

/* Rewrite the network into an equal one with less to do:
 *  - nodes that nothing reads go;
 *  - a factor and an offset behind a convolution go into its weights and bias;
 *  - those of the picture, such as a mean that is subtracted, go into the
 *    convolutions behind it, whose padding then has that mean's value;
 *  - a 1x1 convolution of the picture with a depthwise one behind it becomes a
 *    dense one, which reads the bytes and has no tensor in the middle;
 *  - what is done behind a shuffle is done before it (gen/image/phases.h).
 * The network has passed image_network_check, and passes it again. */
bool image_simplify(struct image_network *network, struct error *err);

#endif
