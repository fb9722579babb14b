/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Usage: compare_cycles OUT.mill FOLDER PASSES [BOUND]
 *
 * Run passes of several lengths, prefill and decode, on the simulation in FOLDER,
 * and hold the predicted counters (gen/fit/pass_cycles.h) to the simulation's.  Exit
 * status 1 where a pass's cycles are off by more than BOUND (default 0, which asks
 * for every counter exactly).
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "gen/fit/pass_cycles.h"
#include "host/device.h"

/* Cycles that the first pass waits more: the answer to VERIFY takes 71, another 44. */
enum { FIRST_EXTRA = 71 - 44 };

struct comparison {
    struct mill mill;
    struct design design;
    struct device *device;
    struct pass_model model;
    double bound, worst;
};

static bool read_design(const char *folder, struct design *d, struct error *err)
{
    char path[4096];
    const json_t *memory = NULL;
    const char *family = NULL;
    uint32_t state_bytes = 0;

    snprintf(path, sizeof path, "%s/design.json", folder);
    json_t *object = json_open(path, err);
    if (!object)
        return false;
    bool ok = json_read_text(object, path, "family", &family, err) &&
              json_read_u32(object, path, "columns", &d->columns, err) &&
              json_read_u32(object, path, "inputs_a_beat", &d->inputs, err) &&
              json_read_u32(object, path, "top_k", &d->top_k, err) &&
              json_read_u32(object, path, "tape_bus_bits", &d->tape_bus_bits, err) &&
              json_read_u32(object, path, "fifo_depth", &d->fifo_depth, err) &&
              json_read_u32(object, path, "state_bytes", &state_bytes, err) &&
              json_read_object(object, path, "memory", &memory, err) &&
              json_read_u32(memory, path, "latency", &d->memory.latency, err) &&
              json_read_u32(memory, path, "burst", &d->memory.burst, err) &&
              json_read_u32(memory, path, "gap", &d->memory.gap, err);
    if (ok)
        d->family = strcmp(family, "ice40") == 0 ? "ice40" : "";
    d->state_in_memory = state_bytes > 0;
    json_decref(object);
    return ok;
}

static bool compare(struct comparison *c, uint32_t number, const struct pass_plan *plan,
                    const struct device_counters *sim, struct error *err)
{
    struct pass_cost cost;

    if (!pass_model_run(&c->model, plan, &cost, err))
        return false;
    double off = fabs((double)cost.cycles - (double)sim->cycles) / (double)sim->cycles;
    bool same = cost.cycles == sim->cycles && cost.tape_words == sim->tape_words &&
                cost.array_beats == sim->array_beats && cost.matrix_cycles == sim->matrix_cycles &&
                cost.matrix_beats == sim->matrix_beats;
    c->worst = off > c->worst ? off : c->worst;
    if (c->bound == 0 ? same : off <= c->bound)
        return true;
    printf("%11s %12s %12s %12s %12s %12s\n", "", "cycles", "words", "beats", "matrix",
           "its beats");
    printf("%11s %12" PRIu64 " %12" PRIu64 " %12" PRIu64 " %12" PRIu64 " %12" PRIu64 "\n",
           "predicted", cost.cycles, cost.tape_words, cost.array_beats, cost.matrix_cycles,
           cost.matrix_beats);
    printf("%11s %12" PRIu64 " %12" PRIu64 " %12" PRIu64 " %12" PRIu64 " %12" PRIu64 "\n",
           "simulated", sim->cycles, sim->tape_words, sim->array_beats, sim->matrix_cycles,
           sim->matrix_beats);
    return error_set(err, ERROR_FAILED, "pass %u, %u columns, position %u: off by %.4f %%", number,
                     plan->count, plan->position, 100 * off);
}

/* What the pass of the device added to its counters. */
static struct device_counters difference(const struct device_counters *after,
                                         const struct device_counters *before)
{
    return (struct device_counters){.cycles = after->cycles - before->cycles,
                                    .tape_words = after->tape_words - before->tape_words,
                                    .array_beats = after->array_beats - before->array_beats,
                                    .matrix_cycles = after->matrix_cycles - before->matrix_cycles,
                                    .matrix_beats = after->matrix_beats - before->matrix_beats};
}

/* Passes alternate: all columns of a prompt, then one, so that counts and
 * positions both vary. */
static bool run_passes(struct comparison *c, uint32_t passes, struct error *err)
{
    uint32_t max_seq = c->mill.shape.max_seq, columns = c->design.columns, length = 0;
    struct pass_column column[16];

    for (uint32_t i = 0; i < passes; i++) {
        uint32_t count = i % 2 ? 1 : columns;
        if (length + count > max_seq)
            length = 0;
        if (count > max_seq)
            count = max_seq;
        for (uint32_t k = 0; k < count; k++)
            column[k] = (struct pass_column){(i + k) % c->mill.shape.vocab, length + k};
        length += count;
        struct pass pass = {PASS_PREFILL, RESULT_NONE, 0, count, column};
        struct pass_plan plan = {length - 1, count};
        struct device_counters before = *device_counters(c->device);
        uint64_t link = pass_link_cycles(&c->mill, count, 0);
        pass_model_idle(&c->model, i == 0 ? link + FIRST_EXTRA : link);
        if (!device_run(c->device, &pass, &(struct pass_output){0}, err))
            return false;
        struct device_counters sim = difference(device_counters(c->device), &before);
        if (!compare(c, i, &plan, &sim, err))
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct comparison c = {.bound = argc > 4 ? strtod(argv[4], NULL) : 0};
    struct error err = {0};
    char name[4096];

    if (argc < 4)
        return fputs("usage: compare_cycles OUT.mill FOLDER PASSES [BOUND]\n", stderr), 2;
    snprintf(name, sizeof name, "sim:%s", argv[2]);
    bool ok = mill_open(&c.mill, argv[1], &err) && read_design(argv[2], &c.design, &err) &&
              pass_model_open(&c.model, &c.mill, &c.design, &err) &&
              (c.device = device_open(name, &c.mill, NULL, &err)) &&
              run_passes(&c, (uint32_t)strtoul(argv[3], NULL, 10), &err);
    if (ok)
        printf("%s passes, off by %.4f %% at most\n", argv[3], 100 * c.worst);
    else
        fprintf(stderr, "compare_cycles: %s\n", err.message);
    device_close(c.device);
    mill_close(&c.mill);
    return ok ? 0 : 1;
}
