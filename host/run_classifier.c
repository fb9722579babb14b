/* SPDX-License-Identifier: Apache-2.0 */
#include "host/run_classifier.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "gen/mill/frames.h"
#include "host/classifier.h"
#include "host/figures.h"

enum { SHOWN = 10 };

struct class_score {
    uint32_t class;
    double logit, probability;
};

/* A run as it went. */
struct outcome {
    const struct workplace *place;
    double *logits;            /* [classes], by class */
    struct class_score *score; /* [classes], the likeliest first */
    uint32_t classes, shortened;
    double seconds;
    bool checked;
};

static int by_logit(const void *a, const void *b)
{
    const struct class_score *x = a, *y = b;

    if (x->logit != y->logit)
        return x->logit < y->logit ? 1 : -1;
    return x->class > y->class ? 1 : -1;
}

static void rank(struct outcome *o)
{
    double sum = 0;

    for (uint32_t c = 0; c < o->classes; c++)
        o->score[c] = (struct class_score){.class = c, .logit = o->logits[c]};
    qsort(o->score, o->classes, sizeof *o->score, by_logit);
    for (uint32_t c = 0; c < o->classes; c++)
        sum += exp(o->score[c].logit - o->score[0].logit);
    for (uint32_t c = 0; c < o->classes; c++)
        o->score[c].probability = exp(o->score[c].logit - o->score[0].logit) / sum;
}

static struct figures count_figures(const struct outcome *o)
{
    const struct mill *mill = &o->place->mill;

    return (struct figures){.mill = mill,
                            .device = o->place->device,
                            .tokens = mill->frames,
                            .token_cycles = device_counters(o->place->device)->cycles,
                            .seconds = o->seconds,
                            .wall_tokens = mill->frames};
}

static bool print_json(const struct outcome *o, struct error *err)
{
    struct figures figures = count_figures(o);
    json_t *logits = json_array();

    for (uint32_t c = 0; c < o->classes; c++)
        json_array_append_new(logits, json_real(o->logits[c]));
    json_t *object = json_pack("{s:i, s:f, s:o, s:i, s:i}", "class", (int)o->score[0].class,
                               "probability", o->score[0].probability, "logits", logits, "frames",
                               (int)o->place->mill.frames, "frames_shortened", (int)o->shortened);
    bool done = object && (!o->checked || json_object_set_new(object, "equal", json_true()) == 0) &&
                figures_to_json(&figures, object) &&
                json_dumpf(object, stdout, JSON_REAL_PRECISION(12)) == 0;
    json_decref(object);
    if (!done)
        return error_set(err, ERROR_FAILED, "the JSON object cannot be made or written");
    putchar('\n');
    return command_flush(err);
}

static bool print_text(const struct outcome *o, struct error *err)
{
    const struct mill *mill = &o->place->mill;
    struct figures figures = count_figures(o);

    for (uint32_t i = 0; i < o->classes && i < SHOWN; i++)
        printf("class %-4u %6.2f %%  logit %.2f\n", o->score[i].class,
               100 * o->score[i].probability, o->score[i].logit);
    if (!command_flush(err))
        return false;
    fprintf(stderr, "\n");
    figures_print(&figures, stderr);
    fprintf(stderr, "%u frames on %s in %.2f s\n", mill->frames,
            device_info(o->place->device)->name, o->seconds);
    if (o->shortened)
        fprintf(stderr, "%u frames were larger than those of the calibration and were shortened\n",
                o->shortened);
    if (o->checked)
        fprintf(stderr, "check: all %llu logits equal the reference's\n",
                (unsigned long long)mill->frames * mill->shape.vocab);
    return true;
}

static bool classify(struct outcome *o, struct workplace *place, const char *input,
                     struct error *err)
{
    struct npy_matrix features;
    double start = command_seconds();

    if (!npy_open(&features, input, &place->mill.arena, err))
        return false;
    if (!mill_set_frames(&place->mill, &features, &o->shortened, err))
        return error_prefix(err, "%s", input);
    if (!classify_frames(&place->mill, place->device, o->logits, err))
        return false;
    o->seconds = command_seconds() - start;
    rank(o);
    return true;
}

bool run_classifier(struct workplace *place, const char *input, bool checked, bool json,
                    struct error *err)
{
    uint32_t classes = place->mill.shape.vocab - 1;
    struct outcome o = {.place = place,
                        .logits = calloc(classes, sizeof *o.logits),
                        .score = calloc(classes, sizeof *o.score),
                        .classes = classes,
                        .checked = checked};
    bool done = o.logits && o.score ? classify(&o, place, input, err)
                                    : error_set(err, ERROR_FAILED, "out of memory");

    done = done && (json ? print_json(&o, err) : print_text(&o, err));
    free(o.logits);
    free(o.score);
    return done;
}
