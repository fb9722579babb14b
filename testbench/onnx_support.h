/* SPDX-License-Identifier: Apache-2.0 */
/* Building small ONNX files for tests: messages in memory, packed by protobuf-c. */
#ifndef MILLRACE_TESTBENCH_ONNX_SUPPORT_H
#define MILLRACE_TESTBENCH_ONNX_SUPPORT_H

#include "gen/image/onnx.pb-c.h"
#include "testbench/test_support.h"

/* A graph on its way; everything is malloc'd and freed by the message's own free. */
struct onnx_file {
    Onnx__Model *model;
};

static inline char *copy_text(const char *text)
{
    char *copy = strdup(text);
    assert_non_null(copy);
    return copy;
}

/* Room for one more pointer in a repeated field. */
#define ONNX_APPEND(list, count, item)                                                             \
    ((list) = realloc((list), ((count) + 1) * sizeof *(list)), assert_non_null(list),              \
     (list)[(count)++] = (item))

#define ONNX_NEW(name, type, init)                                                                 \
    type *name = malloc(sizeof *(name));                                                           \
    assert_non_null(name);                                                                         \
    init(name)

static inline Onnx__ValueInfo *onnx_value_info(const char *name, int64_t channels)
{
    ONNX_NEW(info, Onnx__ValueInfo, onnx__value_info__init);
    ONNX_NEW(type, Onnx__Type, onnx__type__init);
    ONNX_NEW(tensor, Onnx__TensorType, onnx__tensor_type__init);
    ONNX_NEW(shape, Onnx__Shape, onnx__shape__init);
    info->name = copy_text(name);
    info->type = type;
    type->tensor_type = tensor;
    tensor->shape = shape;
    for (int i = 0; i < 4; i++) {
        ONNX_NEW(dim, Onnx__Dimension, onnx__dimension__init);
        dim->has_dim_value = i < 2;
        dim->dim_value = i == 1 ? channels : 1;
        ONNX_APPEND(shape->dim, shape->n_dim, dim);
    }
    return info;
}

/* A model of operator set `set` with input x of so many channels and output y. */
static inline struct onnx_file onnx_open(int64_t set, int64_t channels)
{
    ONNX_NEW(model, Onnx__Model, onnx__model__init);
    ONNX_NEW(graph, Onnx__Graph, onnx__graph__init);
    ONNX_NEW(operators, Onnx__OperatorSet, onnx__operator_set__init);
    model->graph = graph;
    operators->has_version = 1;
    operators->version = set;
    ONNX_APPEND(model->opset_import, model->n_opset_import, operators);
    ONNX_APPEND(graph->input, graph->n_input, onnx_value_info("x", channels));
    ONNX_APPEND(graph->output, graph->n_output, onnx_value_info("y", channels));
    return (struct onnx_file){model};
}

/* A float tensor of `dims` (ended by -1); element i is value[i % count]. */
static inline Onnx__Tensor *onnx_tensor(struct onnx_file *f, const char *name, const int64_t *dims,
                                        const float *value, size_t count)
{
    ONNX_NEW(tensor, Onnx__Tensor, onnx__tensor__init);
    size_t elements = 1;

    tensor->name = copy_text(name);
    tensor->has_data_type = 1;
    tensor->data_type = 1;
    for (; *dims >= 0; dims++) {
        ONNX_APPEND(tensor->dims, tensor->n_dims, *dims);
        elements *= (size_t)*dims;
    }
    for (size_t i = 0; i < elements; i++)
        ONNX_APPEND(tensor->float_data, tensor->n_float_data, value[i % count]);
    ONNX_APPEND(f->model->graph->initializer, f->model->graph->n_initializer, tensor);
    return tensor;
}

/* A node; `inputs` are names with spaces between, "-" one that is left out. */
static inline Onnx__Node *onnx_node(struct onnx_file *f, const char *type, const char *inputs,
                                    const char *output)
{
    ONNX_NEW(node, Onnx__Node, onnx__node__init);
    char *list = copy_text(inputs), *next;

    node->op_type = copy_text(type);
    for (char *name = strtok_r(list, " ", &next); name; name = strtok_r(NULL, " ", &next))
        ONNX_APPEND(node->input, node->n_input, copy_text(strcmp(name, "-") == 0 ? "" : name));
    free(list);
    ONNX_APPEND(node->output, node->n_output, copy_text(output));
    ONNX_APPEND(f->model->graph->node, f->model->graph->n_node, node);
    return node;
}

static inline Onnx__Attribute *onnx_add_attribute(Onnx__Node *node, const char *name)
{
    ONNX_NEW(a, Onnx__Attribute, onnx__attribute__init);
    a->name = copy_text(name);
    ONNX_APPEND(node->attribute, node->n_attribute, a);
    return a;
}

static inline void onnx_set_ints(Onnx__Node *node, const char *name, size_t count,
                                 const int64_t *value)
{
    Onnx__Attribute *a = onnx_add_attribute(node, name);
    for (size_t i = 0; i < count; i++)
        ONNX_APPEND(a->ints, a->n_ints, value[i]);
}

static inline void onnx_set_int(Onnx__Node *node, const char *name, int64_t value)
{
    Onnx__Attribute *a = onnx_add_attribute(node, name);
    a->has_i = 1;
    a->i = value;
}

static inline void onnx_set_float(Onnx__Node *node, const char *name, float value)
{
    Onnx__Attribute *a = onnx_add_attribute(node, name);
    a->has_f = 1;
    a->f = value;
}

static inline void onnx_set_text(Onnx__Node *node, const char *name, const char *value)
{
    Onnx__Attribute *a = onnx_add_attribute(node, name);
    a->has_s = 1;
    a->s.len = strlen(value);
    a->s.data = (uint8_t *)copy_text(value);
}

/* The file's bytes; the messages are freed.  Free the data. */
static inline struct mapped_file onnx_close(struct onnx_file *f)
{
    size_t size = onnx__model__get_packed_size(f->model);
    uint8_t *data = malloc(size + 1);

    assert_non_null(data);
    onnx__model__pack(f->model, data);
    onnx__model__free_unpacked(f->model, NULL);
    f->model = NULL;
    struct mapped_file exact = exact_copy(data, size);
    free(data);
    return exact;
}

#endif
