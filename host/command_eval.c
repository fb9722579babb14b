/* SPDX-License-Identifier: Apache-2.0 */
/* millrace eval: measure how well a text is predicted. */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mapped_file.h"
#include "base/options.h"
#include "host/command.h"
#include "host/evaluation.h"
#include "host/figures.h"
#include "host/interrupt.h"

static const char help[] =
    "Usage: millrace eval OUT.mill TEXT --device DEVICE [options]\n"
    "\n"
    "Measure how well the model predicts the file TEXT.  Lines that hold only\n"
    "<|endoftext|> part it into documents; each starts at the beginning-of-text\n"
    "token and is cut to the window.\n"
    "\n"
    "  --device DEVICE  float, ref, sim:DIR or usb[:SERIAL]\n"
    "  --stream         send the model with every pass instead of loading it\n"
    "  --docs N         take the first N documents; unless said, all\n"
    "  --window N       longest document in tokens, the first of which begins it;\n"
    "                   unless said, the model's context\n"
    "  --windows N      cut the whole text into windows, one after another, each\n"
    "                   predicted from its own first token on, and take the first N\n"
    "  --check          run the reference beside the device and compare every logit\n"
    "  --json           print one JSON object\n"
    "\n"
    "Examples:\n"
    "  millrace eval stories.mill stories.txt --device float\n"
    "  millrace eval stories.mill stories.txt --device ref --docs 60 --window 500 --json\n";

struct eval_options {
    const char *file[2]; /* model and text */
    const char *device;
    uint32_t documents, window, windows;
    bool check, json, stream, help;
};

static bool parse(struct eval_options *o, int argc, char **argv, struct error *err)
{
    const struct option_spec spec[] = {
        {"device", 0, OPTION_TEXT, &o->device, 0, 0},
        {"docs", 0, OPTION_COUNT, &o->documents, 1, UINT32_MAX - 1},
        {"window", 0, OPTION_COUNT, &o->window, 2, UINT32_MAX - 1},
        {"windows", 0, OPTION_COUNT, &o->windows, 1, UINT32_MAX - 1},
        {"stream", 0, OPTION_FLAG, &o->stream, 0, 0},
        {"check", 0, OPTION_FLAG, &o->check, 0, 0},
        {"json", 0, OPTION_FLAG, &o->json, 0, 0},
        {"help", 'h', OPTION_FLAG, &o->help, 0, 0},
    };
    size_t operands = 0;

    if (!options_parse(spec, sizeof spec / sizeof *spec, argc, argv, o->file, 2, &operands, err))
        return false;
    if (o->help)
        return true;
    if (operands < 2)
        return error_set(err, ERROR_INPUT, "a model and a text are needed; see %s --help", argv[0]);
    if (!o->device)
        return error_set(err, ERROR_INPUT, "--device is needed: float, ref, sim:DIR or usb");
    return true;
}

static void show_progress(const struct evaluation *e, size_t total)
{
    fprintf(stderr, "\r%" PRIu64 " of %zu documents, %" PRIu64 " tokens, %.4f nats a token ",
            e->documents, total, e->tokens, e->nats / (double)e->tokens);
}

static bool add_documents(struct evaluation *e, struct documents documents, uint32_t most,
                          struct error *err)
{
    size_t total = documents_count(documents);
    bool terminal = isatty(STDERR_FILENO);
    struct document document;
    bool done = true;

    if (total > most)
        total = most;
    for (size_t i = 0; done && i < total && documents_next(&documents, &document); i++) {
        done = evaluation_add(e, &document, err);
        if (interrupt_pending())
            break;
        if (done && terminal)
            show_progress(e, total);
    }
    if (terminal)
        fprintf(stderr, "\r\033[K");
    return done;
}

static double nats_per_token(const struct evaluation *e)
{
    return e->nats / (double)e->tokens;
}

static double bits_per_byte(const struct evaluation *e)
{
    return e->nats / log(2) / (double)e->bytes;
}

static bool print_json(const struct evaluation *e, const struct figures *figures, struct error *err)
{
    json_t *object =
        json_pack("{s:f, s:f, s:f, s:I, s:I, s:I, s:b}", "nats_per_token", nats_per_token(e),
                  "perplexity", exp(nats_per_token(e)), "bits_per_byte", bits_per_byte(e), "tokens",
                  (json_int_t)e->tokens, "bytes", (json_int_t)e->bytes, "documents",
                  (json_int_t)e->documents, "interrupted", (int)interrupt_pending());
    if (!object || !figures_to_json(figures, object) ||
        json_dumpf(object, stdout, JSON_REAL_PRECISION(12)) != 0) {
        json_decref(object);
        return error_set(err, ERROR_FAILED, "the JSON object cannot be made or written");
    }
    json_decref(object);
    putchar('\n');
    return command_flush(err);
}

static bool print(const struct evaluation *e, const struct figures *figures, bool check,
                  struct error *err)
{
    printf("%.4f nats a token, perplexity %.4f, %.4f bits a byte\n", nats_per_token(e),
           exp(nats_per_token(e)), bits_per_byte(e));
    if (!command_flush(err))
        return false;
    fprintf(stderr,
            "%" PRIu64 " tokens, %" PRIu64 " bytes, %" PRIu64 " documents on %s in %.1f s\n",
            e->tokens, e->bytes, e->documents, device_info(e->device)->name, figures->seconds);
    figures_print(figures, stderr);
    if (check)
        fprintf(stderr, "check: all %" PRIu64 " logits equal the reference's\n",
                e->tokens * e->mill->shape.vocab);
    if (interrupt_pending())
        fprintf(stderr, "interrupted\n");
    return true;
}

static bool evaluate(struct evaluation *e, const struct eval_options *o,
                     const struct mapped_file *text, struct error *err)
{
    struct documents documents = {.text = (const char *)text->data, .size = text->size};
    double start = command_seconds();

    struct document whole = {documents.text, documents.size};

    if (!(o->windows ? evaluation_add_windows(e, &whole, o->windows, err)
                     : add_documents(e, documents, o->documents, err)))
        return false;
    if (e->tokens == 0 && interrupt_pending())
        return error_set(err, ERROR_FAILED, "interrupted");
    if (e->tokens == 0)
        return error_set(err, ERROR_INPUT, "%s: holds no document", o->file[1]);

    struct figures figures = {
        .mill = e->mill,
        .device = e->device,
        .token_cycles = device_counters(e->device)->cycles,
        .tokens = e->tokens,
        .seconds = command_seconds() - start,
        .wall_tokens = e->tokens,
    };
    return o->json ? print_json(e, &figures, err) : print(e, &figures, o->check, err);
}

static bool eval_model(const struct eval_options *o, struct workplace *place, struct error *err)
{
    uint32_t context = place->mill.shape.max_seq;
    uint32_t window = o->window ? o->window : context;
    struct mapped_file text;
    struct evaluation e;

    if (window > context)
        return error_set(err, ERROR_INPUT,
                         "--window: %" PRIu32 " is beyond the context of %s, %" PRIu32, window,
                         place->mill.name, context);
    if (!mapped_file_open(&text, o->file[1], err))
        return false;
    bool done = evaluation_open(&e, &place->mill, place->device, window, err);
    if (done) {
        done = evaluate(&e, o, &text, err);
        evaluation_close(&e);
    }
    mapped_file_close(&text);
    return done;
}

int command_eval(int argc, char **argv)
{
    struct eval_options options = {.documents = UINT32_MAX};
    struct workplace place;
    struct error err;

    if (!parse(&options, argc, argv, &err))
        return command_fail(&err);
    if (options.help) {
        fputs(help, stdout);
        return 0;
    }
    if (!workplace_open(&place, options.file[0], options.device,
                        options.stream ? LOAD_STREAM : LOAD_IF_NEEDED, options.check, &err))
        return command_fail(&err);
    bool done = place.mill.shape.features
                    ? error_set(&err, ERROR_INPUT, "%s is a classifier, which predicts no text",
                                place.mill.name)
                    : eval_model(&options, &place, &err);
    workplace_close(&place);
    return done ? 0 : command_fail(&err);
}
