/* SPDX-License-Identifier: Apache-2.0 */
/* The operators of ONNX that are no convolutions. */
#include <math.h>
#include <string.h>

#include "gen/image/onnx_reader.h"

/* A new node of one input with its channels. */
static struct image_node *append_unary(struct onnx_reader *r, const struct onnx_operation *op,
                                       enum image_op kind, uint32_t input, uint32_t *index)
{
    uint32_t channels = r->network->node[input].channels;
    struct image_node *node = image_network_append(r->network, kind, op->name, index, r->err);

    if (!node)
        return NULL;
    node->inputs = 1;
    node->input[0] = input;
    node->channels = node->half = channels;
    return node;
}

static bool append_activation(struct onnx_reader *r, const struct onnx_operation *op, float *slope,
                              float low, float high, uint32_t *index)
{
    uint32_t input;

    if (!slope || !onnx_take_node(r, op, 0, &input))
        return false;
    struct image_node *node = append_unary(r, op, IMAGE_ACTIVATION, input, index);
    if (!node)
        return false;
    node->weight = slope;
    node->low = low;
    node->high = high;
    return true;
}

static float *same_slope(const struct onnx_reader *r, const struct onnx_operation *op, float slope)
{
    uint32_t input;

    if (!onnx_take_node(r, op, 0, &input))
        return NULL;
    uint32_t channels = r->network->node[input].channels;
    float *slopes = onnx_floats(r, channels);
    for (uint32_t i = 0; slopes && i < channels; i++)
        slopes[i] = slope;
    return slopes;
}

static bool read_relu(struct onnx_reader *r, const struct onnx_operation *op, uint32_t *index)
{
    return append_activation(r, op, same_slope(r, op, 0), -INFINITY, INFINITY, index);
}

static bool read_leaky_relu(struct onnx_reader *r, const struct onnx_operation *op, uint32_t *index)
{
    return append_activation(r, op, same_slope(r, op, onnx_float(op, "alpha", 0.01f)), -INFINITY,
                             INFINITY, index);
}

static bool read_prelu(struct onnx_reader *r, const struct onnx_operation *op, uint32_t *index)
{
    const struct onnx_constant *slope = onnx_take_constant(r, op, 1);
    uint32_t input;

    if (!slope || !onnx_take_node(r, op, 0, &input))
        return false;
    return append_activation(r, op,
                             onnx_per_channel(r, op, slope, r->network->node[input].channels),
                             -INFINITY, INFINITY, index);
}

/* Bound `which` of Clip, an attribute before operator set 11, an operand since. */
static bool clip_bound(struct onnx_reader *r, const struct onnx_operation *op, size_t which,
                       float *bound)
{
    if (r->operator_set < 11)
        *bound = onnx_float(op, which == 1 ? "min" : "max", *bound);
    if (r->operator_set < 11 || !onnx_operand(op, which))
        return true;
    const struct onnx_constant *c = onnx_take_constant(r, op, which);
    if (!c)
        return false;
    if (c->count != 1)
        return onnx_fault(r, op, "a bound of %zu elements", c->count);
    *bound = (float)c->value[0];
    return true;
}

static bool read_clip(struct onnx_reader *r, const struct onnx_operation *op, uint32_t *index)
{
    float low = -INFINITY, high = INFINITY;

    if (!clip_bound(r, op, 1, &low) || !clip_bound(r, op, 2, &high))
        return false;
    if (!(low <= high))
        return onnx_fault(r, op, "bounds of %g and %g", (double)low, (double)high);
    return append_activation(r, op, same_slope(r, op, 1), low, high, index);
}

static bool read_sum(struct onnx_reader *r, const struct onnx_operation *op, uint32_t *index)
{
    uint32_t a, b;

    if (!onnx_take_node(r, op, 0, &a) || !onnx_take_node(r, op, 1, &b))
        return false;
    if (r->network->node[a].channels != r->network->node[b].channels)
        return onnx_fault(r, op, "adds %u channels and %u", r->network->node[a].channels,
                          r->network->node[b].channels);
    struct image_node *node = append_unary(r, op, IMAGE_ADD, a, index);
    if (!node)
        return false;
    node->inputs = 2;
    node->input[1] = b;
    return true;
}

/* x + k, x - k, k - x, x * k, x / k for a constant k: x * scale + offset. */
static bool read_affine(struct onnx_reader *r, const struct onnx_operation *op, char sign,
                        uint32_t *index)
{
    size_t at = op->input[0] && op->input[0]->constant ? 1 : 0;
    const struct onnx_constant *k = onnx_take_constant(r, op, 1 - at);
    uint32_t input;

    if (!k || !onnx_take_node(r, op, at, &input))
        return false;
    if (sign == '/' && at == 1)
        return onnx_fault(r, op, "divides by a value that the picture decides");
    struct image_node *node = append_unary(r, op, IMAGE_AFFINE, input, index);
    float *value = node ? onnx_per_channel(r, op, k, node->channels) : NULL;
    if (!value || !(node->weight = onnx_floats(r, node->channels)) ||
        !(node->bias = onnx_floats(r, node->channels)))
        return false;
    for (uint32_t i = 0; i < node->channels; i++) {
        bool product = sign == '*' || sign == '/';
        node->weight[i] = sign == '*'              ? value[i]
                          : sign == '/'            ? 1 / value[i]
                          : sign == '-' && at == 1 ? -1.0f
                                                   : 1.0f;
        node->bias[i] = product ? 0 : sign == '-' && at == 0 ? -value[i] : value[i];
        if (!isfinite(node->weight[i]) || !isfinite(node->bias[i]))
            return onnx_fault(r, op, "a constant that is not finite");
    }
    return true;
}

static bool read_arithmetic(struct onnx_reader *r, const struct onnx_operation *op, char sign,
                            uint32_t *index)
{
    const struct onnx_value *a = onnx_operand(op, 0), *b = onnx_operand(op, 1);

    if (!a || !b)
        return onnx_fault(r, op, "an operand is missing");
    if (a->constant || b->constant)
        return read_affine(r, op, sign, index);
    if (sign != '+')
        return onnx_fault(r, op, "is read with a constant operand only");
    return read_sum(r, op, index);
}

static bool read_concat(struct onnx_reader *r, const struct onnx_operation *op, uint32_t *index)
{
    uint32_t input, channels = 0, list[IMAGE_INPUTS_MAX];

    if (onnx_int(op, "axis", 1) != 1 && onnx_int(op, "axis", 1) != -3)
        return onnx_fault(r, op, "joins along an axis that is not the channels'");
    for (size_t i = 0; i < op->inputs; i++) {
        if (!onnx_take_node(r, op, i, &input))
            return false;
        list[i] = input;
        channels += r->network->node[input].channels;
    }
    if (op->inputs == 0 || channels > IMAGE_CHANNELS_MAX)
        return onnx_fault(r, op, "joins to %u channels", channels);
    struct image_node *node = append_unary(r, op, IMAGE_CONCAT, list[0], index);
    if (!node)
        return false;
    node->inputs = (uint32_t)op->inputs;
    memcpy(node->input, list, op->inputs * sizeof *list);
    node->channels = node->half = channels;
    return true;
}

static bool read_shuffle(struct onnx_reader *r, const struct onnx_operation *op, uint32_t *index)
{
    int64_t block = onnx_int(op, "blocksize", 0);
    uint32_t input;

    if (!onnx_take_node(r, op, 0, &input))
        return false;
    uint32_t channels = r->network->node[input].channels;
    if (block < 1 || block > IMAGE_SCALE_MAX || channels % (uint32_t)(block * block) != 0)
        return onnx_fault(r, op, "a block of %lld for %u channels", (long long)block, channels);
    if (!onnx_text_is(op, "mode", "DCR", true) && !onnx_text_is(op, "mode", "CRD", false))
        return onnx_fault(r, op, "a mode that is neither DCR nor CRD");
    struct image_node *node = append_unary(r, op, IMAGE_SHUFFLE, input, index);
    if (!node)
        return false;
    node->factor = (uint32_t)block;
    node->channels = node->half = channels / (uint32_t)(block * block);
    node->order = onnx_text_is(op, "mode", "DCR", true) ? IMAGE_PIXEL_FIRST : IMAGE_CHANNEL_FIRST;
    return true;
}

/* The scales of Resize: operand 1 before operator set 11, 2 since. */
static bool resize_factor(struct onnx_reader *r, const struct onnx_operation *op, uint32_t *factor)
{
    size_t place = r->operator_set < 11 ? 1 : 2;
    const struct onnx_value *value = onnx_operand(op, place);

    if (!value || (value->constant && value->data.count == 0))
        return onnx_fault(r, op, "is read with constant scales only");
    const struct onnx_constant *scales = onnx_take_constant(r, op, place);
    if (!scales)
        return false;
    const double *s = scales->value;
    if (scales->count != 4 || s[0] != 1 || s[1] != 1 || s[2] != s[3] || s[2] != floor(s[2]) ||
        !(s[2] >= 1 && s[2] <= IMAGE_SCALE_MAX))
        return onnx_fault(r, op, "its scales are not 1, 1 and a whole number of 1 to %d twice",
                          IMAGE_SCALE_MAX);
    *factor = (uint32_t)s[2];
    return true;
}

static bool read_resize(struct onnx_reader *r, const struct onnx_operation *op, uint32_t *index)
{
    const char *centres = "coordinate_transformation_mode";
    bool nearest = onnx_text_is(op, "mode", "nearest", true);
    bool linear = onnx_text_is(op, "mode", "linear", false);
    uint32_t input, factor = 1;

    if (!nearest && !linear && !onnx_text_is(op, "mode", "cubic", false))
        return onnx_fault(r, op, "a mode that is not nearest, linear or cubic");
    if (!nearest &&
        (r->operator_set < 11 || (!onnx_text_is(op, centres, "half_pixel", true) &&
                                  !onnx_text_is(op, centres, "pytorch_half_pixel", false))))
        return onnx_fault(r, op, "is read with half-pixel centres only");
    if (onnx_int(op, "exclude_outside", 0) != 0 || onnx_int(op, "antialias", 0) != 0)
        return onnx_fault(r, op, "is not read with exclude_outside or antialias");
    if (!onnx_take_node(r, op, 0, &input) || !resize_factor(r, op, &factor))
        return false;
    struct image_node *node = append_unary(r, op, IMAGE_RESIZE, input, index);
    if (!node)
        return false;
    node->factor = factor;
    node->filter = nearest ? IMAGE_NEAREST : linear ? IMAGE_LINEAR : IMAGE_CUBIC;
    node->cubic_a = onnx_float(op, "cubic_coeff_a", -0.75f);
    if (!(node->cubic_a >= -2 && node->cubic_a <= 0))
        return onnx_fault(r, op, "cubic_coeff_a is %g", (double)node->cubic_a);
    return true;
}

/* pads: [N, C, H, W] before, then after. */
static bool pad_sizes(struct onnx_reader *r, const struct onnx_operation *op, uint32_t pads[8])
{
    if (r->operator_set < 11)
        return onnx_ints(r, op, "pads", 8, 0, 255, pads);
    const struct onnx_constant *c = onnx_take_constant(r, op, 1);
    if (!c)
        return false;
    if (c->count != 8)
        return onnx_fault(r, op, "%zu pads, not 8", c->count);
    for (int i = 0; i < 8; i++) {
        if (!(c->value[i] >= 0 && c->value[i] <= 255))
            return onnx_fault(r, op, "a pad of %g", c->value[i]);
        pads[i] = (uint32_t)c->value[i];
    }
    return true;
}

static bool read_pad(struct onnx_reader *r, const struct onnx_operation *op, uint32_t *index)
{
    uint32_t input, p[8] = {0};

    if (!onnx_take_node(r, op, 0, &input) || !pad_sizes(r, op, p))
        return false;
    if (!onnx_text_is(op, "mode", "edge", false))
        return onnx_fault(r, op, "is read in mode edge only; a Conv pads with zeros itself");
    if (p[0] | p[1] | p[4] | p[5])
        return onnx_fault(r, op, "pads what is no side of the picture");
    struct image_node *node = append_unary(r, op, IMAGE_PAD, input, index);
    if (!node)
        return false;
    node->window.pad_top = p[2];
    node->window.pad_left = p[3];
    node->window.pad_bottom = p[6];
    node->window.pad_right = p[7];
    return true;
}

static bool read_identity(struct onnx_reader *r, const struct onnx_operation *op, uint32_t *index)
{
    return onnx_take_node(r, op, 0, index);
}

bool onnx_operator(struct onnx_reader *r, const struct onnx_operation *op, uint32_t *index)
{
    static const struct {
        const char *type;
        bool (*read)(struct onnx_reader *, const struct onnx_operation *, uint32_t *);
    } readers[] = {
        {"Conv", onnx_convolution}, {"ConvTranspose", onnx_transposed},
        {"Relu", read_relu},        {"LeakyRelu", read_leaky_relu},
        {"PRelu", read_prelu},      {"Clip", read_clip},
        {"Concat", read_concat},    {"DepthToSpace", read_shuffle},
        {"Resize", read_resize},    {"Upsample", read_resize},
        {"Pad", read_pad},          {"Identity", read_identity},
    };
    static const struct {
        const char *type;
        char sign;
    } arithmetic[] = {{"Add", '+'}, {"Sub", '-'}, {"Mul", '*'}, {"Div", '/'}};
    const char *type = op->node->op_type;

    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        if (strcmp(type, readers[i].type) == 0)
            return readers[i].read(r, op, index);
    for (size_t i = 0; i < sizeof arithmetic / sizeof *arithmetic; i++)
        if (strcmp(type, arithmetic[i].type) == 0)
            return read_arithmetic(r, op, arithmetic[i].sign, index);
    return onnx_fault(r, op, "this operator is not read");
}
