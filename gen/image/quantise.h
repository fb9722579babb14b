/* SPDX-License-Identifier: Apache-2.0 */
/* From a float image network to its integers. */
#ifndef MILLRACE_GEN_IMAGE_QUANTISE_H
#define MILLRACE_GEN_IMAGE_QUANTISE_H

#include "gen/image/integer.h"

struct image_quantise_options {
    unsigned weight_bits; /* 8 or 4 */
    unsigned act_bits;    /* 8 to 12 */
};

/* Fill in out->node for out->network, which has passed image_simplify.  Formats
 * come from the largest magnitudes on the `count` pictures of levels in
 * `picture` with a margin of two bits, rounding of weights is to nearest. */
bool image_quantise(struct integer_network *out, const struct image_quantise_options *options,
                    const struct image_tensor *picture, size_t count, struct error *err);

/* Pictures that no one has to bring: gradients, edges, textures and noise of
 * all sizes and contrasts, from a fixed seed.  *picture is in the arena. */
bool image_synthetic_pictures(const struct image_network *network, struct image_tensor **picture,
                              size_t *count, struct arena *arena, struct error *err);

/* Memory for node `index`'s arrays, by the node's shape; zero. */
bool image_integers_alloc(struct integer_network *network, uint32_t index, struct error *err);

#endif
