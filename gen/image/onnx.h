/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Convolutional networks from ONNX files (Open Neural Network Exchange, operator
 * sets 9 to 21; docs/IR.md and docs/Operators.md of its specification).
 *
 * Read are Conv, ConvTranspose, PRelu, Relu, LeakyRelu, Clip, Add, Sub, Mul and
 * Div, Concat, DepthToSpace, Resize and Upsample, Pad, Identity, and on constants
 * also Reshape, Squeeze, Unsqueeze and Cast.
 */
#ifndef MILLRACE_GEN_IMAGE_ONNX_H
#define MILLRACE_GEN_IMAGE_ONNX_H

#include "base/mapped_file.h"
#include "gen/image/network.h"

/* Read `file` into *network, in levels (network.h).  `name` is the file's, for
 * messages; `white` the value that the network takes for white: 255, 1, or 0
 * where the file's property "white" is to say, and 1 where it says nothing.
 * ERROR_INPUT naming file, node and fault; *network needs no freeing then. */
bool onnx_import(struct image_network *network, const struct mapped_file *file, const char *name,
                 float white, struct error *err);

#endif
