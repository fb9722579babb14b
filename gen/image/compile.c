/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/image/compile.h"

#include "gen/image/import.h"
#include "gen/image/subnet_cut.h"

static bool check_options(const struct image_compile_options *options, struct error *err)
{
    unsigned weights = options->quantise.weight_bits, acts = options->quantise.act_bits;

    if (weights != 8 && weights != 4)
        return error_set(err, ERROR_INPUT, "--weights: %u is not 8 or 4, for an image network",
                         weights);
    if (acts < 8 || acts > 12)
        return error_set(err, ERROR_INPUT, "--acts: %u is not 8 to 12, for an image network", acts);
    if (options->white != 0 && options->white != 1 && options->white != 255)
        return error_set(err, ERROR_INPUT, "--white: %g is neither 1 nor 255",
                         (double)options->white);
    return true;
}

static bool quantise(struct integer_network *network, const struct image_compile_options *options,
                     const char *path, struct error *err)
{
    struct image_tensor *picture;
    struct arena arena = {0};
    size_t count;

    if (options->scale && options->scale != network->network.scale)
        return error_set(err, ERROR_INPUT, "%s: scales by %u, not by %u", path,
                         network->network.scale, options->scale);
    if (options->half && !image_subnet_cut(&network->network, err))
        return false;
    bool ok = image_synthetic_pictures(&network->network, &picture, &count, &arena, err) &&
              image_quantise(network, &options->quantise, picture, count, err);
    arena_free(&arena);
    return ok;
}

bool image_compile(struct integer_network *network, const char *path,
                   const struct image_compile_options *options, struct error *err)
{
    *network = (struct integer_network){0};
    if (!check_options(options, err) || !image_open(&network->network, path, options->white, err))
        return false;
    if (quantise(network, options, path, err))
        return true;
    image_network_free(&network->network);
    return false;
}
