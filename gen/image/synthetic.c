/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures to find formats with, where the user brings none. */
#include <math.h>
#include <string.h>

#include "gen/image/quantise.h"

enum { SIDE = 64, PICTURES = 8 };

/* xorshift (Marsaglia, "Xorshift RNGs", 2003). */
static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    return *state ^= *state << 5;
}

static float level(double x)
{
    return (float)fmax(0, fmin(255, round(x)));
}

/* Gratings of every frequency and angle, hard edges, and noise, by `kind`. */
static float pixel(uint32_t kind, uint32_t channel, uint32_t y, uint32_t x, uint32_t *state)
{
    double angle = 0.7 * kind + 0.3 * channel, along = cos(angle) * x + sin(angle) * y;

    switch (kind % 4) {
    case 0: /* a chirp */
        return level(127.5 + 127.5 * sin(0.02 * along * along + channel));
    case 1: /* edges of full contrast */
        return (x / (5 + 3 * kind) + y / 7 + channel) % 2 ? 255 : 0;
    case 2: /* noise over a gradient */
        return level(2.0 * (x + y) + (int)(next_random(state) % 128) - 64);
    default: /* noise of full contrast, a pixel at a time */
        return (float)(next_random(state) % 256);
    }
}

bool image_synthetic_pictures(const struct image_network *network, struct image_tensor **picture,
                              size_t *count, struct arena *arena, struct error *err)
{
    uint32_t channels = network->node[0].channels, state = 1;
    struct image_tensor *t = arena_alloc(arena, PICTURES, sizeof *t);
    bool ok = t != NULL;

    for (uint32_t i = 0; ok && i < PICTURES; i++) {
        t[i] = (struct image_tensor){channels, SIDE, SIDE, {NULL}};
        ok = (t[i].data = arena_alloc(arena, (size_t)channels * SIDE * SIDE, sizeof(float)));
        for (uint32_t c = 0; ok && c < channels; c++)
            for (uint32_t y = 0; y < SIDE; y++)
                for (uint32_t x = 0; x < SIDE; x++)
                    t[i].real[(c * SIDE + y) * SIDE + x] = pixel(i, c, y, x, &state);
    }
    *picture = t;
    *count = PICTURES;
    return ok || error_set(err, ERROR_FAILED, "%s: out of memory", network->name);
}
