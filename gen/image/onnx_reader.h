/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the ONNX importer share. */
#ifndef MILLRACE_GEN_IMAGE_ONNX_READER_H
#define MILLRACE_GEN_IMAGE_ONNX_READER_H

#include "gen/image/network.h"
#include "gen/image/onnx.pb-c.h"

enum { ONNX_DIMENSIONS = 8 };

/* A tensor whose elements are known when the network is read. */
struct onnx_constant {
    uint32_t dimensions;
    uint32_t dim[ONNX_DIMENSIONS];
    size_t count;
    double *value; /* [count], in the reader's arena */
};

/* A named value of the graph: a constant, or what a node puts out. */
struct onnx_value {
    const char *name; /* borrowed from the message */
    bool constant;
    struct onnx_constant data; /* where constant */
    uint32_t node;             /* of the network, where not */
};

struct onnx_reader {
    const char *file;
    int64_t operator_set;
    struct image_network *network;
    struct onnx_value *value;
    size_t values, room;
    struct arena arena;
    struct error *err;
};

/* A node with its operands looked up.  Absent operands are NULL. */
struct onnx_operation {
    const Onnx__Node *node;
    char name[64]; /* its name, or its output's */
    size_t inputs;
    const struct onnx_value *input[IMAGE_INPUTS_MAX];
};

/* "FILE: node NAME (OP): fault"; false. */
__attribute__((format(printf, 3, 4))) bool
onnx_fault(const struct onnx_reader *r, const struct onnx_operation *op, const char *format, ...);

/* Attributes; the default where absent.  *value is set on failure too. */
const Onnx__Attribute *onnx_attribute(const struct onnx_operation *op, const char *name);
int64_t onnx_int(const struct onnx_operation *op, const char *name, int64_t fallback);
float onnx_float(const struct onnx_operation *op, const char *name, float fallback);
/* Whether the text attribute is `wanted`; `fallback` where it is absent. */
bool onnx_text_is(const struct onnx_operation *op, const char *name, const char *wanted,
                  bool fallback);
/* `count` whole numbers in 0..most into out; all `fallback` where absent. */
bool onnx_ints(const struct onnx_reader *r, const struct onnx_operation *op, const char *name,
               size_t count, int64_t fallback, uint32_t most, uint32_t *out);

/* Operand `index`, which must be a node's value (constant): NULL with an error. */
bool onnx_take_node(const struct onnx_reader *r, const struct onnx_operation *op, size_t index,
                    uint32_t *node);
const struct onnx_constant *onnx_take_constant(const struct onnx_reader *r,
                                               const struct onnx_operation *op, size_t index);
/* Operand `index` where it is given at all. */
static inline const struct onnx_value *onnx_operand(const struct onnx_operation *op, size_t index)
{
    return index < op->inputs ? op->input[index] : NULL;
}

/* A float for each of `channels` out of a constant with one element, or one a
 * channel, that broadcasts over [N, C, H, W]. */
float *onnx_per_channel(const struct onnx_reader *r, const struct onnx_operation *op,
                        const struct onnx_constant *constant, uint32_t channels);

/* Floats in the network's arena, or NULL with an error. */
float *onnx_floats(const struct onnx_reader *r, size_t count);

/* A tensor of the file, every size checked against its bytes. */
bool onnx_read_tensor(struct onnx_reader *r, const char *place, const Onnx__Tensor *tensor,
                      struct onnx_constant *constant);

/* The value of a node whose operands are all constants; *folded is false where
 * the operator is none that is folded. */
bool onnx_fold(struct onnx_reader *r, const struct onnx_operation *op, struct onnx_constant *result,
               bool *folded);

/* The network's node for Conv or ConvTranspose: *node. */
bool onnx_convolution(struct onnx_reader *r, const struct onnx_operation *op, uint32_t *node);
bool onnx_transposed(struct onnx_reader *r, const struct onnx_operation *op, uint32_t *node);

/* The node for any other operator. */
bool onnx_operator(struct onnx_reader *r, const struct onnx_operation *op, uint32_t *node);

#endif
