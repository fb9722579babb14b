/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/mill/frames.h"

#include <math.h>

double frame_length(void)
{
    return sqrt((double)FRAME_RADIUS * FRAME_RADIUS + (double)FRAME_CONSTANT * FRAME_CONSTANT);
}

static double row_length(const float *row, uint32_t count)
{
    double sum = 0;

    for (uint32_t i = 0; i < count; i++)
        sum += (double)row[i] * (double)row[i];
    return sqrt(sum);
}

float frame_scale(const struct npy_matrix *features)
{
    double longest = 1e-6;

    for (uint32_t r = 0; r < features->rows; r++)
        longest = fmax(longest, row_length(features->value + (size_t)r * features->columns,
                                           features->columns));
    return (float)(FRAME_RADIUS / (2 * longest));
}

/* One frame; was the row too long? */
static bool make_frame(const float *row, uint32_t count, double scale, int16_t *frame)
{
    double length = row_length(row, count) * scale;
    bool shorten = length > FRAME_RADIUS;
    double sum = 0, left;

    if (shorten)
        scale *= FRAME_RADIUS / length;
    for (uint32_t i = 0; i < count; i++) {
        frame[i] = (int16_t)lrint((double)row[i] * scale);
        sum += (double)frame[i] * frame[i];
    }
    left = (double)FRAME_RADIUS * FRAME_RADIUS - sum;
    frame[count] = (int16_t)lrint(left > 0 ? sqrt(left) : 0);
    frame[frame_constant_at(count)] = FRAME_CONSTANT;
    return shorten;
}

bool mill_set_frames(struct mill *mill, const struct npy_matrix *features, uint32_t *shortened,
                     struct error *err)
{
    const struct mill_shape *s = &mill->shape;
    uint32_t count = 0;

    if (features->columns != s->features)
        return error_set(err, ERROR_INPUT, "%u features a frame; %s takes %u", features->columns,
                         mill->name, s->features);
    if (features->rows > s->max_seq)
        return error_set(err, ERROR_INPUT, "%u frames; the context of %s has %u", features->rows,
                         mill->name, s->max_seq);
    int16_t *frame = arena_alloc(&mill->arena, (size_t)features->rows * s->dim, sizeof *frame);
    if (!frame)
        return error_set(err, ERROR_FAILED, "%s: out of memory", mill->name);
    for (uint32_t r = 0; r < features->rows; r++)
        count += make_frame(features->value + (size_t)r * s->features, s->features,
                            (double)mill->feature_scale, frame + (size_t)r * s->dim);
    mill->frame = frame;
    mill->frames = features->rows;
    if (shortened)
        *shortened = count;
    return true;
}
