/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/import/classifier.h"

#include <math.h>

#include "base/json.h"
#include "gen/import/import.h"
#include "gen/import/mamba_tensors.h"
#include "gen/mill/frames.h"
#include "gen/op/numerics.h"

enum { LONGEST_SEQUENCE = 65535, MOST_FEATURES = 4096, MOST_CLASSES = 4096 };

bool classifier_config_is(const json_t *config)
{
    return json_object_get(config, "input_features") && json_object_get(config, "classes");
}

bool classifier_config_parse(struct model *m, const json_t *config, const char *path,
                             struct error *err)
{
    struct mixer_shape *s = &m->mixer;
    uint32_t width = 0, expand = 2, classes = 0;

    m->architecture = ARCHITECTURE_MAMBA;
    m->layers = 1;
    m->max_seq = LONGEST_SEQUENCE;
    m->bos_token = m->eos_token = UINT32_MAX;
    s->state = 16;
    s->conv_width = 4;
    if (!json_read_u32(config, path, "input_features", &m->features, err) ||
        !json_read_u32(config, path, "classes", &classes, err) ||
        !json_read_u32(config, path, "d_model", &width, err) ||
        !json_read_u32(config, path, "d_state", &s->state, err) ||
        !json_read_u32(config, path, "d_conv", &s->conv_width, err) ||
        !json_read_u32(config, path, "expand", &expand, err) ||
        !json_read_u32(config, path, "n_layer", &m->layers, err))
        return false;
    s->dt_rank = (width + 15) / 16;
    if (!json_read_u32(config, path, "dt_rank", &s->dt_rank, err))
        return false;
    if (m->layers != 1)
        return error_set(err, ERROR_INPUT, "%s: a classifier of %u blocks is not supported", path,
                         m->layers);
    if (m->features < 1 || m->features > MOST_FEATURES || classes < 1 || classes > MOST_CLASSES ||
        width < 1 || width > 4096 || expand < 1 || expand > 16)
        return error_set(err, ERROR_INPUT,
                         "%s: %u features, %u classes, a width of %u times %u: out of range", path,
                         m->features, classes, width, expand);
    s->inner = s->heads = width * expand;
    m->dim = frame_output_at(m->features) + width;
    m->vocab = classes + 1;
    return mamba_check_sizes(m, path, err);
}

static struct weight weight_of(const float *value, uint32_t rows, uint32_t columns)
{
    return (struct weight){
        .format = WEIGHT_F32, .data = (const uint8_t *)value, .rows = rows, .columns = columns};
}

/* What is folded away. */
struct outer {
    struct weight linear, linear_bias;         /* width x features, 1 x width */
    struct weight in_proj, out_proj;           /* 2 inner x width, width x inner */
    struct weight classifier, classifier_bias; /* classes x width, 1 x classes */
};

static bool take_all(struct model *m, const struct tensor_table *table, struct outer *o,
                     const char *name, struct error *err)
{
    struct mamba_layer *l = m->mamba_layer;
    const struct mixer_shape *s = &m->mixer;
    uint32_t width = m->dim - frame_output_at(m->features), classes = m->vocab - 1;
    const struct tensor_part outer[] = {
        {"linear_in.weight", &o->linear, width, m->features},
        {"linear_in.bias", &o->linear_bias, 1, width},
        {"classifier.weight", &o->classifier, classes, width},
        {"classifier.bias", &o->classifier_bias, 1, classes},
    };
    const struct tensor_part block[] = {
        {"mixer.in_proj.weight", &o->in_proj, mixer_in_rows(s), width},
        {"mixer.conv1d.weight", &l->conv, s->inner, s->conv_width},
        {"mixer.conv1d.bias", &l->conv_bias, 1, s->inner},
        {"mixer.x_proj.weight", &l->x_proj, mixer_x_rows(s), s->inner},
        {"mixer.dt_proj.weight", &l->dt_proj, s->inner, s->dt_rank},
        {"mixer.dt_proj.bias", &l->dt_bias, 1, s->inner},
        {"mixer.A_log", &l->a, s->inner, s->state},
        {"mixer.D", &l->d, 1, s->inner},
        {"mixer.out_proj.weight", &o->out_proj, width, s->inner},
    };
    const char *const none[] = {NULL};

    for (size_t i = 0; i < sizeof outer / sizeof *outer; i++)
        if (!tensor_take(table, name, outer[i].name, outer[i].rows, outer[i].columns,
                         outer[i].weight, err))
            return false;
    return tensor_take_parts(table, name, "layers.", 0, block, sizeof block / sizeof *block, err) &&
           tensor_check_left_over(table, none, "classifier", err);
}

/* Zeroed floats of the model; NULL and the error where there are none. */
static float *make(struct model *m, size_t count, struct error *err)
{
    float *value = arena_alloc(&m->arena, count, sizeof *value);

    if (!value)
        import_no_memory(m->name, err);
    return value;
}

/* in_proj of the stream: a norm makes x sqrt(dim) / length of each value x. */
static bool fold_input(struct model *m, const struct outer *o, struct error *err)
{
    uint32_t width = o->linear.rows, features = m->features, rows = o->in_proj.rows;
    uint32_t constant = frame_constant_at(features);
    float *in = make(m, (size_t)rows * m->dim, err);
    float *linear = make(m, (size_t)width * features, err), *bias = make(m, width, err);
    float *row = make(m, width, err);

    if (!in || !linear || !bias || !row)
        return false;
    for (uint32_t k = 0; k < width; k++)
        weight_row(&o->linear, k, linear + (size_t)k * features);
    weight_row(&o->linear_bias, 0, bias);
    double step = frame_length() / sqrt(m->dim);
    for (uint32_t r = 0; r < rows; r++) {
        float *out = in + (size_t)r * m->dim;
        weight_row(&o->in_proj, r, row);
        for (uint32_t f = 0; f < features; f++) {
            double sum = 0;
            for (uint32_t k = 0; k < width; k++)
                sum += (double)row[k] * (double)linear[(size_t)k * features + f];
            out[f] = (float)(sum * step);
        }
        double sum = 0;
        for (uint32_t k = 0; k < width; k++)
            sum += (double)row[k] * (double)bias[k];
        out[constant] = (float)(sum * step / FRAME_CONSTANT);
    }
    m->mamba_layer->in_proj = weight_of(in, rows, m->dim);
    return true;
}

/* out_proj adds to the end of the stream, from where the head takes the classes. */
static bool fold_output(struct model *m, const struct outer *o, struct error *err)
{
    uint32_t at = frame_output_at(m->features), constant = frame_constant_at(m->features);
    uint32_t inner = m->mixer.inner, width = o->out_proj.rows, classes = m->vocab - 1;
    float *out = make(m, (size_t)m->dim * inner, err);
    float *head = make(m, (size_t)m->vocab * m->dim, err), *bias = make(m, classes, err);

    if (!out || !head || !bias)
        return false;
    float unit = ldexpf(1.0F / FRAME_CONSTANT, RESIDUAL_FRACTION - FRAME_SHIFT);
    weight_row(&o->classifier_bias, 0, bias);
    for (uint32_t k = 0; k < width; k++)
        weight_row(&o->out_proj, k, out + (size_t)(at + k) * inner);
    for (uint32_t c = 0; c < classes; c++) {
        weight_row(&o->classifier, c, head + (size_t)c * m->dim + at);
        head[(size_t)c * m->dim + constant] = bias[c] * unit;
    }
    head[(size_t)classes * m->dim + constant] = unit;
    m->mamba_layer->out_proj = weight_of(out, m->dim, inner);
    m->head = weight_of(head, m->vocab, m->dim);
    return true;
}

bool classifier_take_tensors(struct model *m, const struct tensor_table *table, const char *name,
                             struct error *err)
{
    struct outer o;

    m->a_is_log = true;
    if (!mamba_make_layers(m, SIZE_MAX, name, err) || !take_all(m, table, &o, name, err))
        return false;
    float *ones = make(m, m->dim, err);
    for (uint32_t i = 0; ones && i < m->dim; i++)
        ones[i] = 1;
    m->final_norm = m->mamba_layer->norm = weight_of(ones, 1, m->dim);
    return ones && fold_input(m, &o, err) && fold_output(m, &o, err);
}

bool classifier_set_scale(struct model *m, float scale, struct error *err)
{
    struct weight *in = &m->mamba_layer->in_proj;
    float *scaled = make(m, (size_t)in->rows * in->columns, err);

    if (!scaled)
        return false;
    for (uint32_t r = 0; r < in->rows; r++) {
        float *row = scaled + (size_t)r * in->columns;
        weight_row(in, r, row);
        for (uint32_t f = 0; f < m->features; f++)
            row[f] /= scale;
    }
    *in = weight_of(scaled, in->rows, in->columns);
    m->feature_scale = scale;
    return true;
}
