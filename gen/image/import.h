/* SPDX-License-Identifier: Apache-2.0 */
/* Image networks from files of any kind that is read. */
#ifndef MILLRACE_GEN_IMAGE_IMPORT_H
#define MILLRACE_GEN_IMAGE_IMPORT_H

#include "gen/image/network.h"

/* Whether `path` is for image_open: its name ends in .onnx, or in .safetensors
 * with a layer list beside it, the same name ending in .json. */
bool image_is_network(const char *path);

/* Read and simplify the network.  `white` as in onnx_import. */
bool image_open(struct image_network *network, const char *path, float white, struct error *err);

#endif
