/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Networks declared by a layer list in JSON, their weights in safetensors: one
 * object with "layers", each of which names itself, its input(s) and its type:
 * input, bilinear, sub_const, conv1x1, dwconv3x3 (both with an "activation" and
 * the names of their tensors), add, pixel_shuffle.  With "subnets" (bilinear,
 * half, full), "patch" and "thresholds" a layer's "prefix_out" is its channels
 * in the half and in the full subnet.  models/README.md describes it.
 */
#ifndef MILLRACE_GEN_IMAGE_DECLARED_H
#define MILLRACE_GEN_IMAGE_DECLARED_H

#include "base/mapped_file.h"
#include "gen/image/network.h"

/* Read the network, in levels.  ERROR_INPUT naming file, layer and fault. */
bool declared_import(struct image_network *network, const struct mapped_file *weights,
                     const char *weights_name, const struct mapped_file *list,
                     const char *list_name, struct error *err);

#endif
