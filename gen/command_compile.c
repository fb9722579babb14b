/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/options.h"
#include "gen/command.h"
#include "gen/compile/compile.h"
#include "gen/image/compile.h"
#include "gen/image/import.h"
#include "gen/import/classifier.h"
#include "gen/mill/frames.h"
#include "gen/mill/image_mill.h"
#include "gen/mill/mill_write.h"

static const char usage[] =
    "usage: millgen compile MODEL -o OUT.mill [options]\n"
    "\n"
    "Compile a trained model (llama2.c checkpoint, Hugging Face folder, GGUF file) or\n"
    "an image network (ONNX, or safetensors with a layer list NAME.json beside it).\n"
    "\n"
    "  -o, --output FILE      the compiled model\n"
    "      --weights 4|8|3|2  bits a weight (default 4; head and embedding have 8)\n"
    "      --acts 8|4         bits an activation (default 8)\n"
    "      --seq N            context, at most the model's (default: the model's)\n"
    "      --tokenizer FILE   tokenizer.json or tokenizer.bin (default: the one in or\n"
    "                         beside the model that fits its vocabulary)\n"
    "      --calibration TEXT text to calibrate 4-bit rounding on (default: one that the\n"
    "                         model writes itself); of a classifier, which needs it:\n"
    "                         frames of its features, FILE.npy\n"
    "      --rotate           Mamba: Hadamard rotations, for activations of 4 bits\n"
    "      --smooth           Mamba-2: even out_proj's inputs out instead (SmoothQuant)\n"
    "      --z-first          Mamba-2: z before the scan, not beside it, to compare\n"
    "      --state 8|12|16    Mamba: bits of the scan's state (default 8)\n"
    "      --nearest          Mamba: round weights to nearest, without calibration's help\n"
    "      --no-float         leave the float model out (no --device float then)\n"
    "  -h, --help             this text\n"
    "\n"
    "An image network has --weights 8|4 (default 8), --acts 8 to 12 (default 8), and\n"
    "      --scale N          refuse a network of another scale\n"
    "      --white 1|255      the value that it takes for white (default: what the ONNX\n"
    "                         file's property \"white\" says, or 1)\n"
    "      --half             of a network with subnets the half one alone, for a small\n"
    "                         FPGA\n"
    "\n"
    "examples: millgen compile models/stories260K/stories260K.bin -o stories.mill\n"
    "          millgen compile models/essr/essr_x4.safetensors -o essr.mill --acts 12\n";

struct arguments {
    const char *model, *output, *tokenizer;
    struct compile_options compile;
    uint32_t scale;
    double white;
    bool half;
};

static bool check_bits(const struct compile_options *options, struct error *err)
{
    unsigned weights = options->weight_bits, acts = options->act_bits;
    unsigned state = options->state_bits;

    if (weights != 8 && weights != 4 && weights != 3 && weights != 2)
        return error_set(err, ERROR_INPUT, "--weights: %u is not 4, 8, 3 or 2", weights);
    if (acts != 8 && acts != 4)
        return error_set(err, ERROR_INPUT, "--acts: %u is not 8 or 4", acts);
    if (state != 8 && state != 12 && state != 16)
        return error_set(err, ERROR_INPUT, "--state: %u is not 8, 12 or 16", state);
    return true;
}

static bool parse(int argc, char **argv, struct arguments *a, struct error *err)
{
    bool no_float = false;
    size_t operands = 0;
    const struct option_spec spec[] = {
        {"output", 'o', OPTION_TEXT, &a->output, 0, 0},
        {"weights", 0, OPTION_COUNT, &a->compile.weight_bits, 1, 8},
        {"acts", 0, OPTION_COUNT, &a->compile.act_bits, 1, 12},
        {"seq", 0, OPTION_COUNT, &a->compile.max_seq, 1, 65535},
        {"tokenizer", 0, OPTION_TEXT, &a->tokenizer, 0, 0},
        {"calibration", 0, OPTION_TEXT, &a->compile.calibration, 0, 0},
        {"rotate", 0, OPTION_FLAG, &a->compile.rotate, 0, 0},
        {"smooth", 0, OPTION_FLAG, &a->compile.smooth, 0, 0},
        {"z-first", 0, OPTION_FLAG, &a->compile.z_first, 0, 0},
        {"state", 0, OPTION_COUNT, &a->compile.state_bits, 1, 16},
        {"nearest", 0, OPTION_FLAG, &a->compile.to_nearest, 0, 0},
        {"no-float", 0, OPTION_FLAG, &no_float, 0, 0},
        {"scale", 0, OPTION_COUNT, &a->scale, 1, IMAGE_SCALE_MAX},
        {"white", 0, OPTION_NUMBER, &a->white, 1, 255},
        {"half", 0, OPTION_FLAG, &a->half, 0, 0},
    };

    *a = (struct arguments){.compile = {.act_bits = 8, .state_bits = 8}};
    if (!options_parse(spec, sizeof spec / sizeof spec[0], argc, argv, &a->model, 1, &operands,
                       err))
        return false;
    a->compile.floats = !no_float;
    if (operands != 1 || !a->output)
        return error_set(err, ERROR_INPUT, "%s; see millgen compile --help",
                         a->output ? "give one MODEL" : "give the output with -o");
    if (image_is_network(a->model))
        return true;
    if (a->scale || a->white != 0 || a->half)
        return error_set(err, ERROR_INPUT,
                         "%s is no image network: --scale, --white and --half are for one",
                         a->model);
    if (!a->compile.weight_bits)
        a->compile.weight_bits = 4;
    return check_bits(&a->compile, err);
}

static bool run_image(const struct arguments *a, struct error *err)
{
    const struct image_compile_options options = {
        .quantise = {a->compile.weight_bits ? a->compile.weight_bits : 8, a->compile.act_bits},
        .white = (float)a->white,
        .scale = a->scale,
        .half = a->half};
    struct integer_network network;

    if (!image_compile(&network, a->model, &options, err))
        return false;
    bool ok = image_mill_write(&network, a->output, err);
    if (ok)
        fprintf(stderr, "%s: x%u, %llu parameters, %u-bit weights, %u-bit activations\n", a->output,
                network.network.scale,
                (unsigned long long)image_parameters(&network.network, SUBNET_FULL),
                network.weight_bits, network.act_bits);
    image_network_free(&network.network);
    return ok;
}

/* A classifier's: they are the calibration, and say how large features are. */
static bool read_frames(struct model *model, struct compile_options *options,
                        struct npy_matrix *frames, struct error *err)
{
    if (!options->calibration)
        return error_set(err, ERROR_INPUT,
                         "%s: a classifier; give frames of its features, --calibration FILE.npy",
                         model->name);
    options->frames = frames;
    return npy_open(frames, options->calibration, &model->arena, err) &&
           classifier_set_scale(model, frame_scale(frames), err);
}

static bool run(const struct arguments *a, struct error *err)
{
    struct model model;
    struct mill mill;

    if (!model_open(&model, a->model, a->tokenizer, err))
        return false;
    struct compile_options options = a->compile;
    struct npy_matrix frames;
    bool ok = !model.features || read_frames(&model, &options, &frames, err);
    ok = ok && compile_model(&model, &options, &mill, err);
    if (ok) {
        ok = mill_write(&mill, a->output, err);
        if (ok)
            fprintf(
                stderr,
                "%s: %llu parameters, %u-bit weights, %u-bit activations, a tape of %zu bytes\n",
                a->output, (unsigned long long)mill.parameters, mill.shape.weight_bits,
                mill.shape.act_bits, mill.tape_size);
        compiled_free(&mill);
    }
    model_close(&model);
    return ok;
}

int command_compile(int argc, char **argv)
{
    struct arguments arguments;
    struct error err = {0};

    if (command_wants_help(argc, argv))
        return fputs(usage, stdout), 0;
    if (parse(argc, argv, &arguments, &err) &&
        (image_is_network(arguments.model) ? run_image : run)(&arguments, &err))
        return 0;
    fprintf(stderr, "millgen compile: %s\n", err.message);
    return (int)err.code;
}
