/* SPDX-License-Identifier: Apache-2.0 */
/* millrace run: continue a prompt. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/options.h"
#include "host/command.h"
#include "host/figures.h"
#include "host/generator.h"
#include "host/interrupt.h"
#include "host/run_classifier.h"
#include "host/tokenizer/tokenizer.h"
#include "host/utf8.h"

static const char help[] =
    "Usage: millrace run OUT.mill --device DEVICE [options]\n"
    "\n"
    "Continue a prompt, writing the text as its tokens come.\n"
    "\n"
    "  --device DEVICE    float, ref, sim:DIR or usb[:SERIAL]\n"
    "  --stream           send the model with every pass instead of loading it: for one\n"
    "                     that is larger than the board's memory\n"
    "  -p, --prompt TEXT  text to continue; none: the model begins by itself\n"
    "  -n, --tokens N     tokens to generate; unless said, to the end of the context\n"
    "  --temp T           temperature of sampling; 0, the default, takes the most likely token\n"
    "  --topk K           sample among the K most likely tokens; 0, the default, among all\n"
    "  --seed S           seed of sampling; unless said, a new one each run\n"
    "  --input FILE.npy   of a classifier: the frames of features to classify\n"
    "  --check            run the reference beside the device and compare every logit\n"
    "  --json             print one JSON object instead of the text\n"
    "\n"
    "Examples:\n"
    "  millrace run stories.mill --device ref -p 'Once upon a time' -n 100\n"
    "  millrace run stories.mill --device sim:build/sim --check\n"
    "  millrace run large.mill --device usb --stream -n 50\n"
    "  millrace run keywords.mill --device ref --input sample.npy\n"
    "  millrace run stories.mill --device ref --temp 0.8 --topk 40 --seed 7\n";

struct run_options {
    const char *mill, *device, *prompt, *input;
    uint32_t tokens, top_k;
    double temperature;
    uint64_t seed;
    bool check, json, stream, help;
};

enum stop { STOP_LENGTH, STOP_END, STOP_CONTEXT, STOP_INTERRUPTED };

static const char *const stop_name[] = {"length", "end", "context", "interrupted"};

/* A run as it goes. */
struct run {
    const struct run_options *options;
    struct workplace *place;
    struct generator generator;
    uint32_t *prompt; /* [prompt_count], owned: BOS, then the prompt's tokens */
    size_t prompt_count;
    json_t *tokens; /* owned: the generated ids */
    FILE *text;     /* owned: prompt and continuation */
    char *text_data;
    size_t text_size;
    size_t generated;
    uint32_t previous; /* the token before, for spaces */
    enum stop stop;
    uint64_t prompt_cycles;
    double seconds;
};

static bool parse(struct run_options *o, int argc, char **argv, struct error *err)
{
    const struct option_spec spec[] = {
        {"device", 0, OPTION_TEXT, &o->device, 0, 0},
        {"prompt", 'p', OPTION_TEXT, &o->prompt, 0, 0},
        {"tokens", 'n', OPTION_COUNT, &o->tokens, 0, UINT32_MAX - 1},
        {"temp", 0, OPTION_NUMBER, &o->temperature, 0, 1000},
        {"topk", 0, OPTION_COUNT, &o->top_k, 0, UINT32_MAX - 1},
        {"seed", 0, OPTION_SEED, &o->seed, 0, 0},
        {"input", 0, OPTION_TEXT, &o->input, 0, 0},
        {"stream", 0, OPTION_FLAG, &o->stream, 0, 0},
        {"check", 0, OPTION_FLAG, &o->check, 0, 0},
        {"json", 0, OPTION_FLAG, &o->json, 0, 0},
        {"help", 'h', OPTION_FLAG, &o->help, 0, 0},
    };
    size_t operands = 0;

    if (!options_parse(spec, sizeof spec / sizeof *spec, argc, argv, &o->mill, 1, &operands, err))
        return false;
    if (o->help)
        return true;
    if (operands == 0)
        return error_set(err, ERROR_INPUT, "which model? see %s --help", argv[0]);
    if (!o->device)
        return error_set(err, ERROR_INPUT, "--device is needed: float, ref, sim:DIR or usb");
    return true;
}

/* BOS and the prompt's tokens. */
static bool encode_prompt(struct run *run, struct error *err)
{
    const struct mill *mill = &run->place->mill;
    const char *text = run->options->prompt ? run->options->prompt : "";
    bool bos = mill->bos_token != TOKEN_NONE;
    uint32_t *ids = NULL;
    size_t count = 0;

    if (!tokenizer_encode(mill->tokenizer, text, strlen(text), &ids, &count, err))
        return error_prefix(err, "the prompt");
    run->prompt = malloc((count + 1) * sizeof *run->prompt);
    if (run->prompt) {
        if (bos)
            run->prompt[0] = mill->bos_token;
        if (count > 0)
            memcpy(run->prompt + bos, ids, count * sizeof *ids);
        run->prompt_count = count + bos;
    }
    free(ids);
    if (!run->prompt)
        return error_set(err, ERROR_FAILED, "out of memory");
    if (run->prompt_count == 0)
        return error_set(err, ERROR_INPUT, "%s has no token to begin with: give a prompt, -p",
                         mill->name);
    if (run->prompt_count > mill->shape.max_seq)
        return error_set(err, ERROR_INPUT,
                         "the prompt has %zu tokens; the context of %s has %" PRIu32,
                         run->prompt_count, mill->name, mill->shape.max_seq);
    return true;
}

/* A token's text goes out at once, or is kept for the JSON object. */
static bool show(struct run *run, uint32_t token, struct error *err)
{
    char bytes[TOKEN_TEXT_MAX];
    size_t size = tokenizer_decode(run->place->mill.tokenizer, run->previous, token, bytes);

    run->previous = token;
    fwrite(bytes, 1, size, run->text);
    if (run->options->json)
        return true;
    fwrite(bytes, 1, size, stdout);
    return command_flush(err);
}

static bool is_end(const struct mill *mill, uint32_t token)
{
    return token != TOKEN_NONE && (token == mill->bos_token || token == mill->eos_token);
}

/* Tokens until something ends them. */
static bool continue_text(struct run *run, struct error *err)
{
    struct generator *g = &run->generator;
    const struct mill *mill = &run->place->mill;

    for (;;) {
        run->stop = STOP_LENGTH;
        if (run->generated == run->options->tokens)
            return true;
        run->stop = STOP_INTERRUPTED;
        if (interrupt_pending())
            return true;
        uint32_t token = generator_choose(g);
        run->stop = STOP_END;
        if (is_end(mill, token))
            return true;
        json_array_append_new(run->tokens, json_integer(token));
        run->generated++;
        if (!show(run, token, err))
            return false;
        run->stop = STOP_CONTEXT;
        if (g->position == mill->shape.max_seq)
            return true;
        if (run->generated < run->options->tokens && !generator_advance(g, token, err))
            return false;
    }
}

static bool generate(struct run *run, struct error *err)
{
    double start = command_seconds();

    run->previous = TOKEN_NONE;
    for (size_t i = 0; i < run->prompt_count; i++) {
        if (!show(run, run->prompt[i], err))
            return false;
    }
    if (!generator_prompt(&run->generator, run->prompt, run->prompt_count, err))
        return false;
    run->prompt_cycles = device_counters(run->place->device)->cycles;
    run->stop = STOP_INTERRUPTED;
    if (run->generator.position == run->prompt_count && !continue_text(run, err))
        return false;
    run->seconds = command_seconds() - start;
    return true;
}

/* Cycles a token are those of generated tokens, or the prompt's where none was
 * generated by a pass of its own. */
static struct figures count_figures(const struct run *run)
{
    struct figures f = {.mill = &run->place->mill, .device = run->place->device};
    uint64_t decoded = run->generator.position - run->prompt_count;
    uint64_t cycles = device_counters(f.device)->cycles;
    bool prompt_only = run->generator.position <= run->prompt_count;

    f.tokens = prompt_only ? run->generator.position : decoded;
    f.token_cycles = prompt_only ? cycles : cycles - run->prompt_cycles;
    f.wall_tokens = run->generated;
    f.seconds = run->seconds;
    return f;
}

static json_t *json_prompt(const struct run *run)
{
    json_t *array = json_array();
    for (size_t i = 0; i < run->prompt_count; i++)
        json_array_append_new(array, json_integer(run->prompt[i]));
    return array;
}

static json_t *json_text(const struct run *run)
{
    size_t size;
    char *text = utf8_repair(run->text_data, run->text_size, &size);
    json_t *string = text ? json_stringn(text, size) : NULL;
    free(text);
    return string;
}

static json_t *json_check(const struct run *run)
{
    uint64_t logits = (uint64_t)run->generator.position * run->place->mill.shape.vocab;
    return json_pack("{s:I, s:I, s:b}", "positions", (json_int_t)run->generator.position, "logits",
                     (json_int_t)logits, "equal", 1);
}

static bool print_json(struct run *run, struct error *err)
{
    struct figures figures = count_figures(run);
    json_t *object = json_object();

    int failed = json_object_set_new(object, "prompt_tokens", json_prompt(run));
    failed |= json_object_set(object, "tokens", run->tokens);
    failed |= json_object_set_new(object, "text", json_text(run));
    failed |= json_object_set_new(object, "stop", json_string(stop_name[run->stop]));
    if (run->options->check)
        failed |= json_object_set_new(object, "check", json_check(run));
    if (!figures_to_json(&figures, object) || failed != 0 ||
        json_dumpf(object, stdout, JSON_REAL_PRECISION(12)) != 0) {
        json_decref(object);
        return error_set(err, ERROR_FAILED, "the JSON object cannot be made or written");
    }
    json_decref(object);
    putchar('\n');
    return command_flush(err);
}

static void print_summary(const struct run *run)
{
    struct figures figures = count_figures(run);

    fprintf(stderr, "\n");
    figures_print(&figures, stderr);
    fprintf(stderr, "%zu prompt tokens, %zu generated on %s in %.2f s (%.1f tokens/s here)\n",
            run->prompt_count, run->generated, device_info(run->place->device)->name, run->seconds,
            run->seconds > 0 ? (double)run->generated / run->seconds : 0);
    if (run->options->check)
        fprintf(stderr,
                "check: all %" PRIu64 " logits of %" PRIu32 " positions equal the reference's\n",
                (uint64_t)run->generator.position * run->place->mill.shape.vocab,
                run->generator.position);
    if (run->stop == STOP_INTERRUPTED)
        fprintf(stderr, "interrupted\n");
}

/* The text's last line is ended, so that what follows begins a new one. */
static bool finish(struct run *run, struct error *err)
{
    if (fflush(run->text) != 0)
        return error_set(err, ERROR_FAILED, "out of memory");
    if (run->options->json)
        return print_json(run, err);
    if (run->text_size > 0 && run->text_data[run->text_size - 1] != '\n')
        putchar('\n');
    if (!command_flush(err))
        return false;
    print_summary(run);
    return true;
}

static bool run_model(struct run *run, struct error *err)
{
    const struct run_options *o = run->options;
    struct sampler sampler = {.temperature = o->temperature, .top_k = o->top_k};

    random_seed(&sampler.random, o->seed);
    run->tokens = json_array();
    run->text = open_memstream(&run->text_data, &run->text_size);
    if (!run->tokens || !run->text)
        return error_set(err, ERROR_FAILED, "out of memory");
    if (!encode_prompt(run, err) ||
        !generator_open(&run->generator, &run->place->mill, run->place->device, &sampler, err))
        return false;
    bool done = generate(run, err);
    /* What has streamed out is ended by a line's end before a message. */
    if (!done && !o->json && isatty(STDOUT_FILENO))
        putchar('\n');
    done = done && finish(run, err);
    generator_close(&run->generator);
    return done;
}

static bool run_language_model(const struct run_options *o, struct workplace *place,
                               struct error *err)
{
    struct run run = {.options = o, .place = place};
    bool done = run_model(&run, err);

    if (run.text)
        fclose(run.text);
    free(run.text_data);
    free(run.prompt);
    json_decref(run.tokens);
    return done;
}

static bool run_place(const struct run_options *o, struct workplace *place, struct error *err)
{
    bool classifier = place->mill.shape.features > 0;

    if (classifier && !o->input)
        return error_set(err, ERROR_INPUT, "%s is a classifier: give frames, --input FILE.npy",
                         place->mill.name);
    if (!classifier && o->input)
        return error_set(err, ERROR_INPUT, "--input: %s takes text and no frames",
                         place->mill.name);
    return classifier ? run_classifier(place, o->input, o->check, o->json, err)
                      : run_language_model(o, place, err);
}

int command_run(int argc, char **argv)
{
    struct run_options options = {.tokens = UINT32_MAX, .seed = (uint64_t)time(NULL)};
    struct workplace place;
    struct error err;

    if (!parse(&options, argc, argv, &err))
        return command_fail(&err);
    if (options.help) {
        fputs(help, stdout);
        return 0;
    }
    if (!workplace_open(&place, options.mill, options.device,
                        options.stream ? LOAD_STREAM : LOAD_IF_NEEDED, options.check, &err))
        return command_fail(&err);

    bool done = run_place(&options, &place, &err);
    workplace_close(&place);
    return done ? 0 : command_fail(&err);
}
