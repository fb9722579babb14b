/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/image/onnx.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gen/image/levels.h"
#include "gen/image/onnx_reader.h"

enum { OPERATOR_SET_LEAST = 9, OPERATOR_SET_MOST = 21, FILE_MOST = 1 << 28 };

bool onnx_fault(const struct onnx_reader *r, const struct onnx_operation *op, const char *format,
                ...)
{
    char what[256];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return error_set(r->err, ERROR_INPUT, "%s: node %s (%s): %s", r->file, op->name,
                     op->node->op_type, what);
}

const Onnx__Attribute *onnx_attribute(const struct onnx_operation *op, const char *name)
{
    for (size_t i = 0; i < op->node->n_attribute; i++) {
        const Onnx__Attribute *a = op->node->attribute[i];
        if (a->name && strcmp(a->name, name) == 0)
            return a;
    }
    return NULL;
}

int64_t onnx_int(const struct onnx_operation *op, const char *name, int64_t fallback)
{
    const Onnx__Attribute *a = onnx_attribute(op, name);
    return a && a->has_i ? a->i : fallback;
}

float onnx_float(const struct onnx_operation *op, const char *name, float fallback)
{
    const Onnx__Attribute *a = onnx_attribute(op, name);
    return a && a->has_f ? a->f : fallback;
}

bool onnx_text_is(const struct onnx_operation *op, const char *name, const char *wanted,
                  bool fallback)
{
    const Onnx__Attribute *a = onnx_attribute(op, name);

    if (!a || !a->has_s)
        return fallback;
    return a->s.len == strlen(wanted) && memcmp(a->s.data, wanted, a->s.len) == 0;
}

bool onnx_ints(const struct onnx_reader *r, const struct onnx_operation *op, const char *name,
               size_t count, int64_t fallback, uint32_t most, uint32_t *out)
{
    const Onnx__Attribute *a = onnx_attribute(op, name);

    if (a && a->n_ints != count)
        return onnx_fault(r, op, "%s has %zu elements, not %zu", name, a->n_ints, count);
    for (size_t i = 0; i < count; i++) {
        int64_t value = a ? a->ints[i] : fallback;
        if (value < 0 || value > most)
            return onnx_fault(r, op, "%s: %" PRId64 " is not 0 to %" PRIu32, name, value, most);
        out[i] = (uint32_t)value;
    }
    return true;
}

bool onnx_take_node(const struct onnx_reader *r, const struct onnx_operation *op, size_t index,
                    uint32_t *node)
{
    const struct onnx_value *value = onnx_operand(op, index);

    if (!value)
        return onnx_fault(r, op, "operand %zu is missing", index);
    if (value->constant)
        return onnx_fault(r, op, "operand %zu is a constant", index);
    *node = value->node;
    return true;
}

const struct onnx_constant *onnx_take_constant(const struct onnx_reader *r,
                                               const struct onnx_operation *op, size_t index)
{
    const struct onnx_value *value = onnx_operand(op, index);

    if (!value || !value->constant) {
        onnx_fault(r, op, "operand %zu is %s", index, value ? "not constant" : "missing");
        return NULL;
    }
    return &value->data;
}

float *onnx_floats(const struct onnx_reader *r, size_t count)
{
    float *floats = arena_alloc(&r->network->arena, count ? count : 1, sizeof *floats);
    if (!floats)
        error_set(r->err, ERROR_FAILED, "%s: out of memory", r->file);
    return floats;
}

float *onnx_per_channel(const struct onnx_reader *r, const struct onnx_operation *op,
                        const struct onnx_constant *c, uint32_t channels)
{
    if (c->count != 1 && c->count != channels) {
        onnx_fault(r, op, "a constant of %zu elements for %u channels", c->count, channels);
        return NULL;
    }
    float *value = onnx_floats(r, channels);
    for (uint32_t i = 0; value && i < channels; i++)
        value[i] = (float)c->value[c->count == 1 ? 0 : i];
    return value;
}

static const struct onnx_value *find_value(const struct onnx_reader *r, const char *name)
{
    for (size_t i = 0; i < r->values; i++)
        if (strcmp(r->value[i].name, name) == 0)
            return &r->value[i];
    return NULL;
}

static struct onnx_value *add_value(struct onnx_reader *r, const char *name)
{
    if (!name || find_value(r, name)) {
        error_set(r->err, ERROR_INPUT, "%s: value %s is defined twice", r->file,
                  name ? name : "without a name");
        return NULL;
    }
    struct onnx_value *value = &r->value[r->values++];
    *value = (struct onnx_value){.name = name};
    return value;
}

static bool read_initializers(struct onnx_reader *r, const Onnx__Graph *graph)
{
    for (size_t i = 0; i < graph->n_initializer; i++) {
        struct onnx_value *value = add_value(r, graph->initializer[i]->name);
        if (!value || !onnx_read_tensor(r, value->name, graph->initializer[i], &value->data))
            return false;
        value->constant = true;
    }
    return true;
}

/* Channels that the graph states for its input, or that its first convolution has. */
static int64_t input_channels(const struct onnx_reader *r, const Onnx__Graph *graph,
                              const Onnx__ValueInfo *input)
{
    const Onnx__TensorType *type = input->type ? input->type->tensor_type : NULL;

    if (type && type->shape && type->shape->n_dim == 4 && type->shape->dim[1]->has_dim_value)
        return type->shape->dim[1]->dim_value;
    for (size_t i = 0; i < graph->n_node; i++) {
        const Onnx__Node *node = graph->node[i];
        if (node->n_input < 2 || !node->op_type || strcmp(node->op_type, "Conv") != 0 ||
            strcmp(node->input[0], input->name) != 0)
            continue;
        const struct onnx_value *weight = find_value(r, node->input[1]);
        if (weight && weight->constant && weight->data.dimensions == 4)
            return weight->data.dim[1];
    }
    return 0;
}

/* Before version 4 of the format, initializers were inputs too. */
static bool read_input(struct onnx_reader *r, const Onnx__Graph *graph)
{
    const Onnx__ValueInfo *input = NULL;
    uint32_t index;

    for (size_t i = 0; i < graph->n_input; i++) {
        const char *name = graph->input[i]->name;
        if (!name || find_value(r, name))
            continue;
        if (input)
            return error_set(r->err, ERROR_INPUT, "%s: two inputs, %s and %s", r->file, input->name,
                             name);
        input = graph->input[i];
    }
    if (!input)
        return error_set(r->err, ERROR_INPUT, "%s: the graph has no input", r->file);
    int64_t channels = input_channels(r, graph, input);
    if (channels != 1 && channels != 3)
        return error_set(r->err, ERROR_INPUT,
                         "%s: input %s has %" PRId64 " channels; 1 (luma) or 3 (RGB) are read",
                         r->file, input->name, channels);
    struct image_node *node =
        image_network_append(r->network, IMAGE_INPUT, input->name, &index, r->err);
    struct onnx_value *value = node ? add_value(r, input->name) : NULL;
    if (!value)
        return false;
    node->channels = node->half = (uint32_t)channels;
    value->node = index;
    return true;
}

static bool open_operation(const struct onnx_reader *r, const Onnx__Node *node,
                           struct onnx_operation *op)
{
    const char *output = node->n_output == 1 ? node->output[0] : NULL;
    const char *name = node->name && node->name[0] ? node->name : output;

    *op = (struct onnx_operation){.node = node, .inputs = node->n_input};
    if (!output || !node->op_type)
        return error_set(r->err, ERROR_INPUT, "%s: node %s: not one output and a type", r->file,
                         name ? name : "without a name");
    snprintf(op->name, sizeof op->name, "%s", name);
    if (node->domain && node->domain[0] && strcmp(node->domain, "ai.onnx") != 0)
        return onnx_fault(r, op, "is of the domain %.64s", node->domain);
    if (node->n_input > IMAGE_INPUTS_MAX)
        return onnx_fault(r, op, "%zu inputs, at most %d", node->n_input, IMAGE_INPUTS_MAX);
    for (size_t i = 0; i < node->n_input; i++) {
        if (node->input[i][0] == '\0')
            continue;
        if (!(op->input[i] = find_value(r, node->input[i])))
            return onnx_fault(r, op, "input %.64s is not there", node->input[i]);
    }
    return true;
}

static bool read_node(struct onnx_reader *r, const Onnx__Node *node)
{
    struct onnx_operation op;
    struct onnx_value result = {0};

    if (!open_operation(r, node, &op) || !onnx_fold(r, &op, &result.data, &result.constant) ||
        (!result.constant && !onnx_operator(r, &op, &result.node)))
        return false;
    struct onnx_value *value = add_value(r, node->output[0]);
    if (!value)
        return false;
    result.name = value->name;
    *value = result;
    return true;
}

static bool read_graph(struct onnx_reader *r, const Onnx__Graph *graph)
{
    if (graph->n_node > IMAGE_NODES_MAX)
        return error_set(r->err, ERROR_INPUT, "%s: %zu nodes, at most %d", r->file, graph->n_node,
                         IMAGE_NODES_MAX);
    size_t room = graph->n_initializer + graph->n_node + 1;
    if (!(r->value = arena_alloc(&r->arena, room, sizeof *r->value)))
        return error_set(r->err, ERROR_FAILED, "%s: out of memory", r->file);
    if (!read_initializers(r, graph) || !read_input(r, graph))
        return false;
    for (size_t i = 0; i < graph->n_node; i++)
        if (!read_node(r, graph->node[i]))
            return false;
    if (graph->n_output != 1 || !graph->output[0]->name)
        return error_set(r->err, ERROR_INPUT, "%s: %zu outputs, one is read", r->file,
                         graph->n_output);
    const struct onnx_value *out = find_value(r, graph->output[0]->name);
    if (!out || out->constant)
        return error_set(r->err, ERROR_INPUT, "%s: output %s is not made by a node", r->file,
                         graph->output[0]->name);
    r->network->nodes = out->node + 1;
    return true;
}

static bool check_operator_set(struct onnx_reader *r, const Onnx__Model *model)
{
    for (size_t i = 0; i < model->n_opset_import; i++) {
        const Onnx__OperatorSet *set = model->opset_import[i];
        if (!set->domain || set->domain[0] == '\0' || strcmp(set->domain, "ai.onnx") == 0)
            r->operator_set = set->version;
    }
    if (r->operator_set < OPERATOR_SET_LEAST || r->operator_set > OPERATOR_SET_MOST)
        return error_set(r->err, ERROR_INPUT, "%s: operator set %" PRId64 "; %d to %d are read",
                         r->file, r->operator_set, OPERATOR_SET_LEAST, OPERATOR_SET_MOST);
    return true;
}

/* What the network takes for white, where the caller leaves it to the file. */
static bool find_white(struct onnx_reader *r, const Onnx__Model *model, float *white)
{
    for (size_t i = 0; *white == 0 && i < model->n_metadata_props; i++) {
        const Onnx__Property *p = model->metadata_props[i];
        if (p->key && p->value && strcmp(p->key, "white") == 0)
            *white = strcmp(p->value, "255") == 0 ? 255 : strcmp(p->value, "1") == 0 ? 1 : -1;
    }
    if (*white < 0)
        return error_set(r->err, ERROR_INPUT, "%s: property white is neither 1 nor 255", r->file);
    if (*white == 0)
        *white = 1;
    return true;
}

static bool read_model(struct onnx_reader *r, const Onnx__Model *model, float white)
{
    if (!model->graph)
        return error_set(r->err, ERROR_INPUT, "%s: holds no graph", r->file);
    return check_operator_set(r, model) && find_white(r, model, &white) &&
           read_graph(r, model->graph) && image_to_levels(r->network, white, r->err) &&
           image_network_check(r->network, r->err);
}

bool onnx_import(struct image_network *network, const struct mapped_file *file, const char *name,
                 float white, struct error *err)
{
    struct onnx_reader reader = {.file = name, .network = network, .err = err};

    *network = (struct image_network){0};
    const char *base = strrchr(name, '/');
    snprintf(network->name, sizeof network->name, "%s", base ? base + 1 : name);
    if (file->size > FILE_MOST)
        return error_set(err, ERROR_INPUT, "%s: %zu bytes, at most %d", name, file->size,
                         FILE_MOST);
    Onnx__Model *model = onnx__model__unpack(NULL, file->size, file->data);
    if (!model)
        return error_set(err, ERROR_INPUT, "%s: not an ONNX file, or a damaged one", name);
    bool done = read_model(&reader, model, white);
    onnx__model__free_unpacked(model, NULL);
    arena_free(&reader.arena);
    if (!done)
        image_network_free(network);
    return done;
}
