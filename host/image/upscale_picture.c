/* SPDX-License-Identifier: Apache-2.0 */
/* Colours on their way into a network and out of it. */
#include <stdlib.h>
#include <string.h>

#include "host/image/upscaler.h"

static void round_planes(struct planes *planes)
{
    size_t count = (size_t)planes->channels * planes->height * planes->width;

    for (size_t i = 0; i < count; i++)
        planes->value[i] = to_byte(planes->value[i]);
}

/* The planes that the network reads, from those of the picture: luma, or RGB,
 * which for a grey picture are three times the same. */
static bool network_input(struct planes *to, const struct planes *from, uint32_t channels,
                          struct error *err)
{
    size_t plane = (size_t)from->width * from->height;

    if (!planes_alloc(to, from->width, from->height, channels, err))
        return false;
    for (uint32_t c = 0; c < channels; c++)
        memcpy(planes_plane(to, c), planes_plane(from, from->channels < 3 ? 0 : c),
               plane * sizeof *to->value);
    round_planes(to);
    return true;
}

/* The network's planes back into those of the picture. */
static void network_output(struct planes *to, const struct planes *from)
{
    size_t plane = (size_t)to->width * to->height;

    if (from->channels == 1 || to->channels >= 3) {
        memcpy(to->value, from->value, from->channels * plane * sizeof *to->value);
        return;
    }
    const double *r = from->value, *g = r + plane, *b = g + plane;
    for (size_t i = 0; i < plane; i++)
        to->value[i] = 0.299 * r[i] + 0.587 * g[i] + 0.114 * b[i];
}

struct stages {
    struct planes picture, input, output, result;
};

static bool run_stages(const struct upscaler *u, const struct picture *in, struct stages *s,
                       struct picture *out, struct planes *luma, struct upscale_counts *counts,
                       struct error *err)
{
    const struct image_network *net = &u->network->network;
    bool is_luma = net->node[0].channels == 1;

    if (!planes_from_picture(&s->picture, in, err))
        return false;
    if (is_luma)
        planes_to_ycbcr(&s->picture);
    if (!network_input(&s->input, &s->picture, net->node[0].channels, err) ||
        !upscale_planes(u, &s->input, &s->output, counts, err) ||
        !planes_alloc(&s->result, s->output.width, s->output.height, in->channels, err))
        return false;
    round_planes(&s->output);
    network_output(&s->result, &s->output);
    /* Chroma behind luma; alpha behind either. */
    uint32_t done = is_luma ? 1 : picture_colours(in);
    if (!planes_resize(&s->picture, done, net->scale, &s->result, err))
        return false;
    if (is_luma)
        planes_to_rgb(&s->result);
    if (!planes_to_picture(out, &s->result, err))
        return false;
    if (!is_luma)
        return planes_luma(luma, out, err);
    *luma = s->output;
    s->output = (struct planes){0};
    return true;
}

bool upscale_picture(const struct upscaler *u, const struct picture *in, struct picture *out,
                     struct planes *luma, struct upscale_counts *counts, struct error *err)
{
    struct stages s = {{0}, {0}, {0}, {0}};

    *out = (struct picture){0};
    *luma = (struct planes){0};
    bool ok = run_stages(u, in, &s, out, luma, counts, err);
    planes_free(&s.picture);
    planes_free(&s.input);
    planes_free(&s.output);
    planes_free(&s.result);
    if (!ok) {
        picture_free(out);
        planes_free(luma);
    }
    return ok;
}
