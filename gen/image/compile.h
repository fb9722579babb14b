/* SPDX-License-Identifier: Apache-2.0 */
/* From a file with an image network to a compiled one. */
#ifndef MILLRACE_GEN_IMAGE_COMPILE_H
#define MILLRACE_GEN_IMAGE_COMPILE_H

#include "gen/image/quantise.h"

struct image_compile_options {
    struct image_quantise_options quantise;
    float white;    /* as in onnx_import */
    uint32_t scale; /* that the network must have; 0: any */
    bool half;      /* the half subnet alone */
};

/* Read `path` and quantise it; image_network_free(&network->network) releases it. */
bool image_compile(struct integer_network *network, const char *path,
                   const struct image_compile_options *options, struct error *err);

#endif
