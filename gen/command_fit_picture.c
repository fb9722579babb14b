/* SPDX-License-Identifier: Apache-2.0 */
/* millgen fit for an image network. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "gen/command.h"
#include "gen/image/picture_fit.h"
#include "gen/mill/image_mill.h"
#include "gen/picture_options.h"

/* A frame is as wide as is said, and 16 : 9. */
static struct image_size frame_size(const struct picture_options *options)
{
    return (struct image_size){options->frame * 9 / 16 > 0 ? options->frame * 9 / 16 : 1,
                               options->frame};
}

struct arguments {
    struct picture_options options;
    const char *mill;
    bool json;
};

static bool parse(int argc, char **argv, struct arguments *a, struct error *err)
{
    struct option_spec spec[PICTURE_OPTIONS + 1] = {0};
    size_t operands = 0;

    picture_options_specify(&a->options, spec);
    spec[PICTURE_OPTIONS] = (struct option_spec){"json", 0, OPTION_FLAG, &a->json, 0, 0};
    if (!options_parse(spec, PICTURE_OPTIONS + 1, argc, argv, &a->mill, 1, &operands, err))
        return false;
    return operands == 1 || error_set(err, ERROR_INPUT, "give one NET.mill");
}

/* A frame of `width` pixels a row on the design, in all its strips. */
static json_t *describe(const struct picture_program *program, const struct image_network *network,
                        const struct board *board, const struct picture_frame *frame,
                        const struct picture_options *options)
{
    const struct picture_design *d = &program->design;
    struct resources r = picture_resources(program, network, board);
    struct image_size size = frame_size(options);
    double lanes = (double)d->columns * d->inputs, pixels = (double)size.width * size.height;
    double layers = (double)picture_layer_bytes(program, network, size);
    double computed = (double)frame->pixels / pixels, cycles = (double)frame->cycles;
    double made = pixels * network->scale * network->scale;
    double utilisation = (double)frame->macs / (cycles * lanes);

    return json_pack("{s:s, s:i, s:i, s:i, s:I, s:I, s:I, s:i, s:i, s:I, s:f, s:f, s:f, s:f, "
                     "s:f}",
                     "board", board->name, "lanes", (int)d->inputs, "columns", (int)d->columns,
                     "row_pixels", (int)(d->columns * d->groups), "multipliers",
                     (json_int_t)r.multipliers, "ram_blocks", (json_int_t)r.ram_blocks, "luts",
                     (json_int_t)r.luts, "frame_width", (int)options->frame, "frame_height",
                     (int)size.height, "cycles", (json_int_t)frame->cycles,
                     "cycles_per_output_pixel", cycles / made, "array_utilisation",
                     utilisation * computed, "array_utilisation_without_margins", utilisation,
                     "output_mpixels_per_second", made / cycles * options->clock_hz / 1e6,
                     "feature_traffic_saved", 1 - (double)frame->moved / layers);
}

static void print_member(const char *key, const json_t *value)
{
    if (json_is_string(value))
        printf("%-34s%s\n", key, json_string_value(value));
    else if (json_is_integer(value))
        printf("%-34s%" JSON_INTEGER_FORMAT "\n", key, json_integer_value(value));
    else
        printf("%-34s%.4f\n", key, json_real_value(value));
}

static bool print(json_t *object, bool json, struct error *err)
{
    const char *key;
    json_t *value;

    if (!object)
        return error_set(err, ERROR_FAILED, "out of memory");
    if (json) {
        json_dumpf(object, stdout, JSON_REAL_PRECISION(6));
        putchar('\n');
    } else {
        json_object_foreach(object, key, value) print_member(key, value);
    }
    json_decref(object);
    return true;
}

bool command_fit_picture(int argc, char **argv, struct error *err)
{
    struct arguments a = {0};
    struct integer_network network;
    struct picture_program program;
    struct picture_design design;
    struct picture_frame frame;
    const struct board *board;

    if (!parse(argc, argv, &a, err) || !image_mill_open(&network, a.mill, err))
        return false;
    bool ok = picture_options_design(&a.options, &network, &board, &design, err) &&
              picture_program_make(&program, &network, &design, err) &&
              picture_frame_of(&program, &network.network, SUBNET_FULL, frame_size(&a.options),
                               &frame, err) &&
              print(describe(&program, &network.network, board, &frame, &a.options), a.json, err);
    image_network_free(&network.network);
    return ok;
}
