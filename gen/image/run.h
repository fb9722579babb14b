/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs an image network, node after node, in an arithmetic: floats (float.h) or
 * integers (integer.h).  What only moves values is here, and the same for both.
 */
#ifndef MILLRACE_GEN_IMAGE_RUN_H
#define MILLRACE_GEN_IMAGE_RUN_H

#include "gen/image/network.h"

/* A node's value: [channels][height][width] of float or int32_t. */
struct image_tensor {
    uint32_t channels, height, width;
    union {
        float *real;
        int32_t *whole;
        void *data;
    };
};

struct image_arithmetic {
    /* Value of the CONV, ACTIVATION, ADD, AFFINE or RESIZE `index`; out->data is
     * there to be written. */
    bool (*apply)(void *context, uint32_t index, const struct image_tensor *const *in,
                  struct image_tensor *out, struct error *err);
    /* Called with each node's value; may be NULL. */
    void (*visit)(void *context, uint32_t index, const struct image_tensor *value);
    void *context;
};

/* Run `subnet` on a picture, *in; *out has the output's shape and memory. */
bool image_run(const struct image_network *network, enum image_subnet subnet,
               const struct image_arithmetic *arithmetic, const struct image_tensor *in,
               struct image_tensor *out, struct error *err);

/* A row of a resized picture: output x is the sum over i < taps of
 * weight[x % factor][i] times pixel x / factor + first[x % factor] + i, the border
 * replicated.  The weights of a phase add up to 1. */
enum { RESIZE_TAPS = 4 };
struct resize_phases {
    uint32_t taps;
    int32_t first[IMAGE_SCALE_MAX];
    double weight[IMAGE_SCALE_MAX][RESIZE_TAPS];
};
void image_resize_phases(const struct image_node *node, struct resize_phases *phases);

/* Index i of a row of `count`, held to it. */
static inline uint32_t clamp_index(int64_t i, uint32_t count)
{
    return i < 0 ? 0 : i >= count ? count - 1 : (uint32_t)i;
}

#endif
