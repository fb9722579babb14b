/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_GEN_IMAGE_PHASES_H
#define MILLRACE_GEN_IMAGE_PHASES_H

#include "gen/image/network.h"

/* Move shuffles to the network's end, past what is done on the larger picture, so that
 * hardware makes that on the picture's own rows: a convolution behind a shuffle becomes one of
 * all phases of its pixels with the shuffle behind it, as transposed convolutions do (Shi and
 * others, "Is the deconvolution layer the same as a convolutional layer?", 2016); so does an
 * activation; two shuffles become one. Weights that fall between a phase's own taps are 0.
 * The value is the same, at the borders too. Left as it is what would have more than
 * PHASE_CHANNELS channels, and networks with subnets. Names may change places. */
enum { PHASE_CHANNELS = 256 };
bool image_move_shuffles(struct image_network *network, struct error *err);

#endif
