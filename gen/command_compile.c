/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gen/command.h"
#include "gen/compile/compile.h"
#include "gen/mill/mill_write.h"

static const char usage[] =
    "usage: millgen compile MODEL -o OUT.mill [options]\n"
    "\n"
    "Compile a trained model (llama2.c checkpoint, Hugging Face folder, GGUF file).\n"
    "\n"
    "  -o, --output FILE      the compiled model\n"
    "      --weights 4|8|3|2  bits a weight (default 4; head and embedding have 8)\n"
    "      --acts 8|4         bits an activation (default 8)\n"
    "      --seq N            context, at most the model's (default: the model's)\n"
    "      --tokenizer FILE   tokenizer.json or tokenizer.bin (default: the one in or\n"
    "                         beside the model that fits its vocabulary)\n"
    "      --calibration TEXT text to calibrate 4-bit rounding on (default: one that the\n"
    "                         model writes itself)\n"
    "      --no-float         leave the float model out (no --device float then)\n"
    "  -h, --help             this text\n"
    "\n"
    "example: millgen compile models/stories260K/stories260K.bin -o stories.mill\n";

struct arguments {
    const char *model, *output, *tokenizer;
    struct compile_options compile;
};

static bool parse_number(const char *flag, const char *text, unsigned long most, uint32_t *value,
                         struct error *err)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end || number < 1 || number > most)
        return error_set(err, ERROR_INPUT, "%s: '%s' is not a number from 1 to %lu", flag, text,
                         most);
    *value = (uint32_t)number;
    return true;
}

static bool check_bits(const struct compile_options *options, struct error *err)
{
    unsigned weights = options->weight_bits, acts = options->act_bits;

    if (weights != 8 && weights != 4 && weights != 3 && weights != 2)
        return error_set(err, ERROR_INPUT, "--weights: %u is not 4, 8, 3 or 2", weights);
    if (acts != 8 && acts != 4)
        return error_set(err, ERROR_INPUT, "--acts: %u is not 8 or 4", acts);
    return true;
}

enum { OPTION_WEIGHTS = 256, OPTION_ACTS, OPTION_SEQ, OPTION_TOKENIZER, OPTION_CALIBRATION };

static bool take_option(int option, struct arguments *a, struct error *err)
{
    switch (option) {
    case 'o':
        a->output = optarg;
        return true;
    case OPTION_WEIGHTS:
        return parse_number("--weights", optarg, 8, &a->compile.weight_bits, err);
    case OPTION_ACTS:
        return parse_number("--acts", optarg, 8, &a->compile.act_bits, err);
    case OPTION_SEQ:
        return parse_number("--seq", optarg, 65535, &a->compile.max_seq, err);
    case OPTION_TOKENIZER:
        a->tokenizer = optarg;
        return true;
    case OPTION_CALIBRATION:
        a->compile.calibration = optarg;
        return true;
    default:
        return error_set(err, ERROR_INPUT, "see millgen compile --help");
    }
}

/* False with code ERROR_NONE where help was printed. */
static bool parse(int argc, char **argv, struct arguments *a, struct error *err)
{
    int keep_floats = 1;
    const struct option options[] = {
        {"output", required_argument, NULL, 'o'},
        {"weights", required_argument, NULL, OPTION_WEIGHTS},
        {"acts", required_argument, NULL, OPTION_ACTS},
        {"seq", required_argument, NULL, OPTION_SEQ},
        {"tokenizer", required_argument, NULL, OPTION_TOKENIZER},
        {"calibration", required_argument, NULL, OPTION_CALIBRATION},
        {"no-float", no_argument, &keep_floats, 0},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;

    *a = (struct arguments){.compile = {.weight_bits = 4, .act_bits = 8}};
    while ((option = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            err->code = ERROR_NONE;
            return false;
        }
        if (option != 0 && !take_option(option, a, err))
            return false;
    }
    a->compile.floats = keep_floats;
    if (optind + 1 != argc || !a->output)
        return error_set(err, ERROR_INPUT, "%s; see millgen compile --help",
                         a->output ? "give one MODEL" : "give the output with -o");
    a->model = argv[optind];
    return check_bits(&a->compile, err);
}

static bool run(const struct arguments *a, struct error *err)
{
    struct model model;
    struct mill mill;

    if (!model_open(&model, a->model, a->tokenizer, err))
        return false;
    bool ok = compile_model(&model, &a->compile, &mill, err);
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

    if (parse(argc, argv, &arguments, &err) && run(&arguments, &err))
        return 0;
    if (err.code != ERROR_NONE)
        fprintf(stderr, "millgen compile: %s\n", err.message);
    return (int)err.code;
}
