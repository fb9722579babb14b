/* SPDX-License-Identifier: Apache-2.0 */
/* Constants of an ONNX file, and what can be computed from constants alone. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/little_endian.h"
#include "gen/graph/half.h"
#include "gen/image/onnx_reader.h"

/* TensorProto.DataType of the specification. */
enum { TYPE_FLOAT = 1, TYPE_INT32 = 6, TYPE_INT64 = 7, TYPE_FLOAT16 = 10, TYPE_DOUBLE = 11 };

static size_t type_bytes(int32_t type)
{
    switch (type) {
    case TYPE_FLOAT:
    case TYPE_INT32:
        return 4;
    case TYPE_INT64:
    case TYPE_DOUBLE:
        return 8;
    case TYPE_FLOAT16:
        return 2;
    default:
        return 0;
    }
}

static double raw_element(int32_t type, const uint8_t *at)
{
    double wide;

    switch (type) {
    case TYPE_FLOAT:
        return load_f32(at);
    case TYPE_INT32:
        return (int32_t)load_u32(at);
    case TYPE_INT64:
        return (double)(int64_t)load_u64(at);
    case TYPE_FLOAT16:
        return half_to_float(load_u16(at));
    default:
        memcpy(&wide, at, sizeof wide);
        return wide;
    }
}

/* Element i of the typed field; the field's length has been checked. */
static double typed_element(const Onnx__Tensor *t, size_t i)
{
    switch (t->data_type) {
    case TYPE_FLOAT:
        return t->float_data[i];
    case TYPE_INT32:
        return t->int32_data[i];
    case TYPE_INT64:
        return (double)t->int64_data[i];
    case TYPE_FLOAT16:
        return half_to_float((uint16_t)t->int32_data[i]);
    default:
        return t->double_data[i];
    }
}

static size_t typed_count(const Onnx__Tensor *t)
{
    switch (t->data_type) {
    case TYPE_FLOAT:
        return t->n_float_data;
    case TYPE_INT32:
    case TYPE_FLOAT16:
        return t->n_int32_data;
    case TYPE_INT64:
        return t->n_int64_data;
    default:
        return t->n_double_data;
    }
}

static bool read_shape(const struct onnx_reader *r, const char *place, const Onnx__Tensor *t,
                       struct onnx_constant *c)
{
    if (t->n_dims > ONNX_DIMENSIONS)
        return error_set(r->err, ERROR_INPUT, "%s: tensor %s: %zu dimensions", r->file, place,
                         t->n_dims);
    c->dimensions = (uint32_t)t->n_dims;
    c->count = 1;
    for (size_t i = 0; i < t->n_dims; i++) {
        if (t->dims[i] < 0 || t->dims[i] > IMAGE_TAPS_MAX)
            return error_set(r->err, ERROR_INPUT, "%s: tensor %s: a dimension of %" PRId64, r->file,
                             place, t->dims[i]);
        c->dim[i] = (uint32_t)t->dims[i];
        if (__builtin_mul_overflow(c->count, (size_t)c->dim[i], &c->count) ||
            c->count > IMAGE_TAPS_MAX)
            return error_set(r->err, ERROR_INPUT, "%s: tensor %s: more than %d elements", r->file,
                             place, IMAGE_TAPS_MAX);
    }
    return true;
}

bool onnx_read_tensor(struct onnx_reader *r, const char *place, const Onnx__Tensor *t,
                      struct onnx_constant *c)
{
    size_t bytes = type_bytes(t->data_type);

    if (!read_shape(r, place, t, c))
        return false;
    if (bytes == 0)
        return error_set(r->err, ERROR_INPUT, "%s: tensor %s: type %" PRId32 " is not read",
                         r->file, place, t->data_type);
    if (t->data_location != 0)
        return error_set(r->err, ERROR_INPUT, "%s: tensor %s: its data lie in another file",
                         r->file, place);
    size_t held = t->has_raw_data ? t->raw_data.len / bytes : typed_count(t);
    if (held != c->count || (t->has_raw_data && t->raw_data.len % bytes != 0))
        return error_set(r->err, ERROR_INPUT, "%s: tensor %s: %zu elements of data, its shape %zu",
                         r->file, place, held, c->count);
    c->value = arena_alloc(&r->arena, c->count ? c->count : 1, sizeof *c->value);
    if (!c->value)
        return error_set(r->err, ERROR_FAILED, "%s: out of memory", r->file);
    for (size_t i = 0; i < c->count; i++) {
        c->value[i] = t->has_raw_data ? raw_element(t->data_type, t->raw_data.data + i * bytes)
                                      : typed_element(t, i);
        if (isnan(c->value[i]))
            return error_set(r->err, ERROR_INPUT, "%s: tensor %s: element %zu is not a number",
                             r->file, place, i);
    }
    return true;
}

static double combine(char sign, double a, double b)
{
    switch (sign) {
    case '+':
        return a + b;
    case '-':
        return a - b;
    case '*':
        return a * b;
    default:
        return a / b;
    }
}

/* Two constants of one shape, or one of them with a single element. */
static bool fold_binary(struct onnx_reader *r, const struct onnx_operation *op, char sign,
                        struct onnx_constant *result)
{
    const struct onnx_constant *a = onnx_take_constant(r, op, 0), *b;

    if (!a || !(b = onnx_take_constant(r, op, 1)))
        return false;
    if (a->count != b->count && a->count != 1 && b->count != 1)
        return onnx_fault(r, op, "constants of %zu and %zu elements", a->count, b->count);
    *result = b->count > a->count || b->dimensions > a->dimensions ? *b : *a;
    result->value = arena_alloc(&r->arena, result->count + 1, sizeof *result->value);
    if (!result->value)
        return error_set(r->err, ERROR_FAILED, "%s: out of memory", r->file);
    for (size_t i = 0; i < result->count; i++)
        result->value[i] =
            combine(sign, a->value[a->count == 1 ? 0 : i], b->value[b->count == 1 ? 0 : i]);
    return true;
}

/* The same elements; the shape matters only where channels are counted, and
 * those are found by the number of elements. */
static bool fold_reshaped(struct onnx_reader *r, const struct onnx_operation *op,
                          struct onnx_constant *result)
{
    const struct onnx_constant *a = onnx_take_constant(r, op, 0);

    if (!a)
        return false;
    *result = *a;
    result->dimensions = 1;
    result->dim[0] = (uint32_t)a->count;
    return true;
}

static bool fold_concat(struct onnx_reader *r, const struct onnx_operation *op,
                        struct onnx_constant *result)
{
    size_t count = 0;

    for (size_t i = 0; i < op->inputs; i++) {
        const struct onnx_constant *a = onnx_take_constant(r, op, i);
        if (!a)
            return false;
        if (a->dimensions != 1)
            return onnx_fault(r, op, "a concatenation of constants that are no lists");
        count += a->count;
    }
    *result = (struct onnx_constant){.dimensions = 1, .count = count};
    if (count > IMAGE_TAPS_MAX)
        return onnx_fault(r, op, "more than %d elements", IMAGE_TAPS_MAX);
    result->dim[0] = (uint32_t)count;
    result->value = arena_alloc(&r->arena, count + 1, sizeof *result->value);
    if (!result->value)
        return error_set(r->err, ERROR_FAILED, "%s: out of memory", r->file);
    double *at = result->value;
    for (size_t i = 0; i < op->inputs; i++) {
        const struct onnx_constant *a = &op->input[i]->data;
        if (a->count)
            memcpy(at, a->value, a->count * sizeof *at);
        at += a->count;
    }
    return true;
}

static bool fold_constant(struct onnx_reader *r, const struct onnx_operation *op,
                          struct onnx_constant *result)
{
    const Onnx__Attribute *a = onnx_attribute(op, "value");
    double *value;

    if (a && a->t)
        return onnx_read_tensor(r, op->name, a->t, result);
    const Onnx__Attribute *number = onnx_attribute(op, "value_float");
    const Onnx__Attribute *numbers = onnx_attribute(op, "value_floats");
    const Onnx__Attribute *whole = onnx_attribute(op, "value_int");
    const Onnx__Attribute *wholes = onnx_attribute(op, "value_ints");
    size_t count = numbers ? numbers->n_floats : wholes ? wholes->n_ints : 1;
    if ((!number && !numbers && !whole && !wholes) || count > IMAGE_TAPS_MAX)
        return onnx_fault(r, op, "a constant of a kind that is not read");
    if (!(value = arena_alloc(&r->arena, count + 1, sizeof *value)))
        return error_set(r->err, ERROR_FAILED, "%s: out of memory", r->file);
    *result = (struct onnx_constant){.dimensions = numbers || wholes, .count = count};
    result->dim[0] = (uint32_t)count;
    result->value = value;
    for (size_t i = 0; i < count; i++)
        value[i] = numbers  ? numbers->floats[i]
                   : wholes ? (double)wholes->ints[i]
                   : number ? number->f
                            : (double)whole->i;
    return true;
}

bool onnx_fold(struct onnx_reader *r, const struct onnx_operation *op, struct onnx_constant *result,
               bool *folded)
{
    static const struct {
        const char *type;
        char how;
    } known[] = {
        {"Constant", 'c'}, {"Add", '+'},      {"Sub", '-'},     {"Mul", '*'},
        {"Div", '/'},      {"Reshape", 'r'},  {"Squeeze", 'r'}, {"Unsqueeze", 'r'},
        {"Cast", 'r'},     {"Identity", 'i'}, {"Concat", 'C'},  {"Flatten", 'r'},
    };
    char how = 0;

    *folded = false;
    for (size_t i = 0; i < op->inputs; i++)
        if (op->input[i] && !op->input[i]->constant)
            return true;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].type, op->node->op_type) == 0)
            how = known[i].how;
    *folded = how != 0;
    switch (how) {
    case 0:
        return true;
    case 'c':
        return fold_constant(r, op, result);
    case 'r':
        return fold_reshaped(r, op, result);
    case 'C':
        return fold_concat(r, op, result);
    case 'i': {
        const struct onnx_constant *a = onnx_take_constant(r, op, 0);
        if (a)
            *result = *a;
        return a != NULL;
    }
    default:
        return fold_binary(r, op, how, result);
    }
}
