/* SPDX-License-Identifier: Apache-2.0 */
/* Conv and ConvTranspose of ONNX. */
#include <string.h>

#include "gen/image/onnx_reader.h"

/* A convolution's operands and attributes, checked. */
struct convolution {
    uint32_t in, out, groups, input;       /* channels, channels, groups, node */
    uint32_t kernel[2], stride[2], pad[4]; /* pad: top, left, bottom, right */
    const struct onnx_constant *weight, *bias;
};

static bool check_attributes(struct onnx_reader *r, const struct onnx_operation *op,
                             struct convolution *c)
{
    uint32_t dilation[2], stated[2];

    c->groups = (uint32_t)onnx_int(op, "group", 1);
    if (onnx_int(op, "group", 1) < 1 || onnx_int(op, "group", 1) > IMAGE_CHANNELS_MAX)
        return onnx_fault(r, op, "a number of groups out of range");
    if (!onnx_text_is(op, "auto_pad", "NOTSET", true) &&
        !onnx_text_is(op, "auto_pad", "VALID", false))
        return onnx_fault(r, op, "only auto_pad NOTSET and VALID are read");
    if (!onnx_ints(r, op, "strides", 2, 1, IMAGE_STRIDE_MAX, c->stride) ||
        !onnx_ints(r, op, "dilations", 2, 1, 64, dilation) ||
        !onnx_ints(r, op, "kernel_shape", 2, 0, IMAGE_KERNEL_MAX, stated) ||
        !onnx_ints(r, op, "pads", 4, 0, IMAGE_KERNEL_MAX, c->pad))
        return false;
    if (dilation[0] != 1 || dilation[1] != 1)
        return onnx_fault(r, op, "dilated kernels are not read");
    if (c->stride[0] < 1 || c->stride[1] < 1)
        return onnx_fault(r, op, "a stride of 0");
    for (int i = 0; i < 2; i++)
        if (stated[i] != 0 && stated[i] != c->kernel[i])
            return onnx_fault(r, op, "kernel_shape %u, the weights have %u", stated[i],
                              c->kernel[i]);
    return true;
}

static bool take_weight(struct onnx_reader *r, const struct onnx_operation *op,
                        struct convolution *c)
{
    if (!onnx_take_node(r, op, 0, &c->input) || !(c->weight = onnx_take_constant(r, op, 1)))
        return false;
    c->in = r->network->node[c->input].channels;
    if (c->weight->dimensions != 4)
        return onnx_fault(r, op, "weights of %u dimensions, not 4", c->weight->dimensions);
    for (int i = 0; i < 4; i++)
        if (c->weight->dim[i] < 1)
            return onnx_fault(r, op, "weights without elements");
    for (int i = 0; i < 2; i++) {
        c->kernel[i] = c->weight->dim[2 + i];
        if (c->kernel[i] > IMAGE_KERNEL_MAX)
            return onnx_fault(r, op, "a kernel of %u, more than %d", c->kernel[i],
                              IMAGE_KERNEL_MAX);
    }
    return check_attributes(r, op, c);
}

static bool take_bias(struct onnx_reader *r, const struct onnx_operation *op, struct convolution *c)
{
    if (c->out > IMAGE_CHANNELS_MAX)
        return onnx_fault(r, op, "%u output channels, more than %d", c->out, IMAGE_CHANNELS_MAX);
    if (!onnx_operand(op, 2))
        return true;
    if (!(c->bias = onnx_take_constant(r, op, 2)))
        return false;
    return c->bias->count == c->out ||
           onnx_fault(r, op, "%zu biases for %u channels", c->bias->count, c->out);
}

static struct image_node *append_conv(struct onnx_reader *r, const struct onnx_operation *op,
                                      uint32_t channels, uint32_t input, uint32_t *index)
{
    struct image_node *node = image_network_append(r->network, IMAGE_CONV, op->name, index, r->err);

    if (!node)
        return NULL;
    node->inputs = 1;
    node->input[0] = input;
    node->channels = node->half = channels;
    node->bias = onnx_floats(r, channels);
    return node->bias ? node : NULL;
}

bool onnx_convolution(struct onnx_reader *r, const struct onnx_operation *op, uint32_t *index)
{
    struct convolution c = {0};

    if (!take_weight(r, op, &c))
        return false;
    c.out = c.weight->dim[0];
    if (!take_bias(r, op, &c))
        return false;
    if ((uint64_t)c.weight->dim[1] * c.groups != c.in || c.out % c.groups != 0)
        return onnx_fault(r, op, "weights for %u x %u groups of channels, the input has %u",
                          c.weight->dim[1], c.groups, c.in);
    struct image_node *node = append_conv(r, op, c.out, c.input, index);
    if (!node || !(node->weight = onnx_floats(r, c.weight->count)))
        return false;
    for (size_t i = 0; i < c.weight->count; i++)
        node->weight[i] = (float)c.weight->value[i];
    for (uint32_t i = 0; c.bias && i < c.out; i++)
        node->bias[i] = (float)c.bias->value[i];
    node->groups = c.groups;
    node->window = (struct image_window){c.kernel[0], c.kernel[1], c.stride[0], c.stride[1],
                                         c.pad[0],    c.pad[1],    c.pad[2],    c.pad[3]};
    return true;
}

/* Along one side, output pixel q * stride + phase of a transposed convolution is
 * the sum over d of input q - d times kernel element stride * d + phase + pad.
 * `behind` and `ahead` are the largest d and -d of any phase. */
static void reach(uint32_t kernel, uint32_t stride, uint32_t pad, uint32_t *behind, uint32_t *ahead)
{
    uint32_t last = kernel - 1 < pad ? 0 : (kernel - 1 - pad) / stride;

    *behind = last;
    *ahead = (pad + stride - 1) / stride;
    while (*ahead > 0 && stride * *ahead > pad + stride - 1)
        (*ahead)--;
}

struct transposed {
    struct convolution c;
    uint32_t behind[2], ahead[2];
};

/* Kernel element of offset `d` = behind - tap and this phase, or -1. */
static int64_t kernel_element(const struct transposed *t, int side, uint32_t phase, uint32_t tap)
{
    int64_t d = (int64_t)t->behind[side] - (int64_t)tap;
    int64_t k = d * t->c.stride[side] + phase + t->c.pad[side];

    return k >= 0 && k < t->c.kernel[side] ? k : -1;
}

/* Output channel o, phase (py, px) becomes channel (o * s + py) * s + px. */
static void fill_phase(const struct transposed *t, uint32_t o, uint32_t py, uint32_t px,
                       float *weight)
{
    const struct convolution *c = &t->c;
    uint32_t a_group = c->weight->dim[1], inputs = c->in / c->groups;
    uint32_t group = o / a_group;

    for (uint32_t i = 0; i < inputs; i++)
        for (uint32_t ty = 0; ty <= t->behind[0] + t->ahead[0]; ty++)
            for (uint32_t tx = 0; tx <= t->behind[1] + t->ahead[1]; tx++) {
                int64_t ky = kernel_element(t, 0, py, ty), kx = kernel_element(t, 1, px, tx);
                size_t at = (((size_t)(group * inputs + i) * a_group + o % a_group) * c->kernel[0] +
                             (size_t)ky) *
                                c->kernel[1] +
                            (size_t)kx;
                *weight++ = ky < 0 || kx < 0 ? 0 : (float)c->weight->value[at];
            }
}

static bool check_transposed(struct onnx_reader *r, const struct onnx_operation *op,
                             struct convolution *c)
{
    uint32_t extra[2];

    if (c->stride[0] != c->stride[1])
        return onnx_fault(r, op, "strides of %u and %u", c->stride[0], c->stride[1]);
    if (!onnx_ints(r, op, "output_padding", 2, 0, IMAGE_KERNEL_MAX, extra))
        return false;
    if (onnx_attribute(op, "output_shape"))
        return onnx_fault(r, op, "output_shape is not read; give pads and output_padding");
    for (int i = 0; i < 2; i++)
        if (c->kernel[i] + extra[i] != c->stride[i] + c->pad[i] + c->pad[2 + i])
            return onnx_fault(r, op,
                              "the output is no whole multiple of the input: kernel %u, "
                              "stride %u, pads %u and %u, output_padding %u",
                              c->kernel[i], c->stride[i], c->pad[i], c->pad[2 + i], extra[i]);
    if (c->weight->dim[0] != c->in || c->in % c->groups != 0)
        return onnx_fault(r, op, "weights for %u channels, the input has %u", c->weight->dim[0],
                          c->in);
    return true;
}

/* A transposed convolution is a convolution that makes all phases of an output
 * pixel, and a shuffle (Chang, Kang and Kang, "An energy-efficient FPGA-based
 * deconvolutional neural networks accelerator for single image super-resolution"). */
bool onnx_transposed(struct onnx_reader *r, const struct onnx_operation *op, uint32_t *index)
{
    struct transposed t = {0};
    struct convolution *c = &t.c;

    if (!take_weight(r, op, c) || !check_transposed(r, op, c))
        return false;
    uint32_t s = c->stride[0];
    c->out = c->weight->dim[1] * c->groups;
    if (!take_bias(r, op, c))
        return false;
    if (c->out * s * s > IMAGE_CHANNELS_MAX)
        return onnx_fault(r, op, "%u channels of %u x %u phases", c->out, s, s);
    for (int i = 0; i < 2; i++)
        reach(c->kernel[i], c->stride[i], c->pad[i], &t.behind[i], &t.ahead[i]);

    uint32_t conv;
    struct image_node *node = append_conv(r, op, c->out * s * s, c->input, &conv);
    if (!node)
        return false;
    node->groups = c->groups;
    node->window = (struct image_window){t.behind[0] + t.ahead[0] + 1,
                                         t.behind[1] + t.ahead[1] + 1,
                                         1,
                                         1,
                                         t.behind[0],
                                         t.behind[1],
                                         t.ahead[0],
                                         t.ahead[1]};
    size_t taps = image_taps(r->network, node);
    if (!(node->weight = onnx_floats(r, taps * node->channels)))
        return false;
    for (uint32_t i = 0; i < node->channels; i++) {
        fill_phase(&t, i / (s * s), i / s % s, i % s, node->weight + i * taps);
        node->bias[i] = c->bias ? (float)c->bias->value[i / (s * s)] : 0;
    }

    struct image_node *shuffle =
        image_network_append(r->network, IMAGE_SHUFFLE, op->name, index, r->err);
    if (!shuffle)
        return false;
    shuffle->inputs = 1;
    shuffle->input[0] = conv;
    shuffle->channels = shuffle->half = c->out;
    shuffle->factor = s;
    return true;
}
