/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/image/declared.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "gen/image/levels.h"
#include "gen/import/safetensors.h"

struct declaration {
    struct image_network *network;
    struct tensor_table table;
    const char *weights_name, *list_name;
    struct arena arena;
    struct error *err;
};

/* A layer on its way to being a node. */
struct layer {
    const json_t *object;
    const char *name, *type;
    uint32_t input[2];
    char place[128]; /* "FILE: layer NAME" */
};

static bool fault(const struct declaration *d, const struct layer *l, const char *what)
{
    return error_set(d->err, ERROR_INPUT, "%s: %s", l->place, what);
}

static bool find_layer(const struct declaration *d, const struct layer *l, const char *name,
                       uint32_t *index)
{
    for (uint32_t i = d->network->nodes; name && i-- > 0;)
        if (strcmp(d->network->node[i].name, name) == 0) {
            *index = i;
            return true;
        }
    return error_set(d->err, ERROR_INPUT, "%s: no earlier layer %s", l->place,
                     name ? name : "is named as its input");
}

/* A tensor of this shape as floats, row after row. */
static float *take_floats(const struct declaration *d, const struct layer *l, const char *key,
                          uint32_t rows, uint32_t columns)
{
    const char *name = json_string_value(json_object_get(l->object, key));
    struct tensor *t = name ? tensor_find(&d->table, name) : NULL;
    struct weight w;

    if (!t) {
        error_set(d->err, ERROR_INPUT, "%s: %s names no tensor of %s", l->place, key,
                  d->weights_name);
        return NULL;
    }
    /* [o][i][h][w] lies as [o][i * h * w]. */
    uint64_t inner = 1;
    for (uint32_t i = 1; i < t->dimensions; i++)
        if (t->shape[i] > IMAGE_TAPS_MAX || (inner *= t->shape[i]) > IMAGE_TAPS_MAX)
            inner = IMAGE_TAPS_MAX + 1;
    if (!t->readable || t->dimensions < 1 || t->shape[0] != rows || inner != columns) {
        error_set(d->err, ERROR_INPUT, "%s: tensor %s is not of %u x %u readable elements",
                  l->place, name, rows, columns);
        return NULL;
    }
    float *value = arena_alloc(&d->network->arena, (size_t)rows * columns, sizeof *value);
    w = (struct weight){.format = t->format, .data = t->data, .rows = rows, .columns = columns};
    for (uint32_t r = 0; value && r < rows; r++)
        weight_row(&w, r, value + (size_t)r * columns);
    for (size_t i = 0; value && i < (size_t)rows * columns; i++)
        if (!isfinite(value[i])) {
            error_set(d->err, ERROR_INPUT, "%s: tensor %s: an element is not finite", l->place,
                      name);
            return NULL;
        }
    if (!value)
        error_set(d->err, ERROR_FAILED, "%s: out of memory", d->list_name);
    return value;
}

static struct image_node *append(const struct declaration *d, const struct layer *l,
                                 enum image_op op, uint32_t inputs)
{
    uint32_t index;
    struct image_node *node = image_network_append(d->network, op, l->name, &index, d->err);

    if (!node)
        return NULL;
    node->inputs = inputs;
    memcpy(node->input, l->input, inputs * sizeof *l->input);
    node->channels = d->network->node[l->input[0]].channels;
    node->half = d->network->node[l->input[0]].half;
    return node;
}

/* Slope of the activation behind a convolution; *has says whether there is one. */
static bool read_slope(const struct declaration *d, const struct layer *l, double *slope, bool *has)
{
    const json_t *activation = json_object_get(l->object, "activation");
    const char *type = json_string_value(activation);

    *has = json_is_object(activation);
    if (!activation || (type && strcmp(type, "none") == 0))
        return true;
    type = json_string_value(json_object_get(activation, "type"));
    if (!type || strcmp(type, "leaky_relu") != 0)
        return fault(d, l, "the activation is neither none nor leaky_relu");
    return json_read_number(activation, l->place, "slope", slope, d->err);
}

static bool read_conv(struct declaration *d, struct layer *l, bool depthwise)
{
    uint32_t out = 0, side = depthwise ? 3 : 1;
    uint32_t in = d->network->node[l->input[0]].channels;
    uint32_t full = depthwise ? d->network->node[l->input[0]].half : 0;
    const json_t *half = json_array_get(json_object_get(l->object, "prefix_out"), 0);
    bool has_bias = false, bent;
    double slope = 0;

    if (!json_read_u32(l->object, l->place, "out_channels", &out, d->err) ||
        !json_read_flag(l->object, l->place, "bias", &has_bias, d->err) ||
        !read_slope(d, l, &slope, &bent))
        return false;
    if (out < 1 || out > IMAGE_CHANNELS_MAX || (depthwise && out != in))
        return fault(d, l, "out_channels is out of range");
    struct image_node *node = append(d, l, IMAGE_CONV, 1);
    if (!node)
        return false;
    node->channels = out;
    node->half = depthwise               ? full
                 : json_is_integer(half) ? (uint32_t)json_integer_value(half)
                                         : out;
    node->groups = depthwise ? out : 1;
    node->window = (struct image_window){side, side, 1, 1, side / 2, side / 2, side / 2, side / 2};
    node->weight = take_floats(d, l, "weight", out, (depthwise ? 1 : in) * side * side);
    node->bias = !node->weight ? NULL
                 : has_bias    ? take_floats(d, l, "bias_name", out, 1)
                               : arena_alloc(&d->network->arena, out, sizeof *node->bias);
    if (!node->weight || !node->bias)
        return false;
    if (!bent)
        return true;
    l->input[0] = d->network->nodes - 1;
    if (!(node = append(d, l, IMAGE_ACTIVATION, 1)))
        return false;
    node->low = -INFINITY;
    node->high = INFINITY;
    node->weight = arena_alloc(&d->network->arena, out, sizeof *node->weight);
    for (uint32_t c = 0; node->weight && c < out; c++)
        node->weight[c] = (float)slope;
    return node->weight || error_set(d->err, ERROR_FAILED, "%s: out of memory", d->list_name);
}

static bool read_scaled(const struct declaration *d, const struct layer *l, enum image_op op)
{
    uint32_t scale = 0;

    if (!json_read_u32(l->object, l->place, "scale", &scale, d->err))
        return false;
    if (scale < 1 || scale > IMAGE_SCALE_MAX)
        return fault(d, l, "scale is not 1 to 8");
    struct image_node *node = append(d, l, op, 1);
    if (!node)
        return false;
    node->factor = scale;
    node->filter = IMAGE_LINEAR;
    if (op == IMAGE_SHUFFLE)
        node->channels = node->half = node->channels / (scale * scale);
    else
        d->network->anchor = d->network->nodes - 1;
    return true;
}

static bool read_offset(const struct declaration *d, const struct layer *l)
{
    struct image_node *node = append(d, l, IMAGE_AFFINE, 1);
    double value = NAN;

    if (!node || !json_read_number(l->object, l->place, "value", &value, d->err))
        return false;
    if (!isfinite(value))
        return fault(d, l, "value is missing");
    node->weight = arena_alloc(&d->network->arena, node->channels, sizeof *node->weight);
    node->bias = arena_alloc(&d->network->arena, node->channels, sizeof *node->bias);
    for (uint32_t c = 0; node->weight && node->bias && c < node->channels; c++) {
        node->weight[c] = 1;
        node->bias[c] = (float)-value;
    }
    return (node->weight && node->bias) ||
           error_set(d->err, ERROR_FAILED, "%s: out of memory", d->list_name);
}

static bool read_input(const struct declaration *d, const struct layer *l)
{
    uint32_t index, channels = 3;
    struct image_node *node;

    if (d->network->nodes != 0 ||
        !json_read_u32(l->object, l->place, "channels", &channels, d->err))
        return fault(d, l, "is not the first layer, or has no channels");
    if (!(node = image_network_append(d->network, IMAGE_INPUT, l->name, &index, d->err)))
        return false;
    node->channels = node->half = channels;
    return true;
}

static bool find_inputs(const struct declaration *d, struct layer *l)
{
    const json_t *list = json_object_get(l->object, "inputs");

    if (!list)
        return find_layer(d, l, json_string_value(json_object_get(l->object, "input")),
                          &l->input[0]);
    for (size_t i = 0; i < 2; i++)
        if (!find_layer(d, l, json_string_value(json_array_get(list, i)), &l->input[i]))
            return false;
    return true;
}

static bool read_layer(struct declaration *d, const json_t *object, size_t number)
{
    struct layer l = {.object = object,
                      .name = json_string_value(json_object_get(object, "name")),
                      .type = json_string_value(json_object_get(object, "type"))};

    snprintf(l.place, sizeof l.place, "%s: layer %zu (%.40s)", d->list_name, number,
             l.name ? l.name : "without a name");
    if (!l.name || !l.type)
        return fault(d, &l, "has no name or no type");
    if (strcmp(l.type, "input") == 0)
        return read_input(d, &l);
    if (d->network->nodes == 0)
        return fault(d, &l, "the first layer is not the input");
    if (!find_inputs(d, &l))
        return false;
    if (strcmp(l.type, "conv1x1") == 0 || strcmp(l.type, "dwconv3x3") == 0)
        return read_conv(d, &l, l.type[0] == 'd');
    if (strcmp(l.type, "bilinear") == 0)
        return read_scaled(d, &l, IMAGE_RESIZE);
    if (strcmp(l.type, "pixel_shuffle") == 0)
        return read_scaled(d, &l, IMAGE_SHUFFLE);
    if (strcmp(l.type, "sub_const") == 0)
        return read_offset(d, &l);
    if (strcmp(l.type, "add") == 0)
        return append(d, &l, IMAGE_ADD, 2) != NULL;
    return fault(d, &l, "its type is not read");
}

/* Side of a patch, and thresholds, where the list has subnets. */
static bool read_subnets(const struct declaration *d, const json_t *root)
{
    const json_t *patch = json_object_get(root, "patch");
    const json_t *thresholds = json_object_get(root, "thresholds");

    if (!json_is_array(json_object_get(root, "subnets")))
        return true;
    d->network->selective = true;
    if (!patch || !json_read_u32(patch, d->list_name, "lr_size", &d->network->tile, d->err))
        return error_set(d->err, ERROR_INPUT, "%s: subnets without a patch's lr_size",
                         d->list_name);
    for (size_t i = 0; i < 2; i++) {
        json_int_t value = json_integer_value(json_array_get(thresholds, i));
        if (!json_is_integer(json_array_get(thresholds, i)) || value < 0 || value > INT32_MAX)
            return error_set(d->err, ERROR_INPUT, "%s: thresholds are not two whole numbers",
                             d->list_name);
        d->network->threshold[i] = (uint32_t)value;
    }
    return true;
}

static bool read_list(struct declaration *d, const json_t *root)
{
    const json_t *layers = json_object_get(root, "layers");
    size_t i;
    json_t *object;

    if (!json_is_array(layers))
        return error_set(d->err, ERROR_INPUT, "%s: layers is not a list", d->list_name);
    json_array_foreach(layers, i, object)
    {
        if (!read_layer(d, object, i))
            return false;
    }
    return read_subnets(d, root) && image_to_levels(d->network, 1, d->err) &&
           image_network_check(d->network, d->err);
}

bool declared_import(struct image_network *network, const struct mapped_file *weights,
                     const char *weights_name, const struct mapped_file *list,
                     const char *list_name, struct error *err)
{
    struct declaration d = {
        .network = network, .weights_name = weights_name, .list_name = list_name, .err = err};
    const char *base = strrchr(weights_name, '/');

    *network = (struct image_network){0};
    snprintf(network->name, sizeof network->name, "%s", base ? base + 1 : weights_name);
    json_t *root = json_parse(list_name, list->data, list->size, err);
    if (!root)
        return false;
    bool ok = safetensors_read(&d.table, weights, weights_name, &d.arena, err) &&
              tensor_table_sort(&d.table, err) && read_list(&d, root);
    json_decref(root);
    arena_free(&d.arena);
    if (!ok)
        image_network_free(network);
    return ok;
}
