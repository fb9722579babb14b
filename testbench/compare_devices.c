/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Usage: compare_devices OUT.mill DEVICE SEED PASSES
 *
 * Run random passes on DEVICE and on the reference, prefill and decode, and
 * compare every logit and every candidate.  Exit status 1 and the first
 * difference where they disagree.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gen/mill/mill.h"
#include "host/device.h"
#include "host/random.h"

struct comparison {
    struct mill mill;
    struct device *device, *reference;
    struct random random;
    uint32_t columns; /* that both have */
    uint32_t *length; /* [columns]: positions filled of each slot */
    float *logits[2];
    struct candidate *top[2];
};

static uint32_t below(struct random *random, uint32_t limit)
{
    return (uint32_t)(random_unit(random) * limit);
}

/* Some tokens of one sequence. */
static void draw_prefill(struct comparison *c, struct pass *pass, struct pass_column *column)
{
    uint32_t max_seq = c->mill.shape.max_seq;

    pass->mode = PASS_PREFILL;
    pass->slot = below(&c->random, c->columns);
    uint32_t *length = &c->length[pass->slot];
    if (*length == max_seq)
        *length = 0;
    uint32_t room = max_seq - *length;
    pass->count = 1 + below(&c->random, c->columns < room ? c->columns : room);
    for (uint32_t i = 0; i < pass->count; i++)
        column[i] = (struct pass_column){below(&c->random, c->mill.shape.vocab), (*length)++};
}

/* The next token of the first few sequences. */
static void draw_decode(struct comparison *c, struct pass *pass, struct pass_column *column)
{
    pass->mode = PASS_DECODE;
    pass->count = 1 + below(&c->random, c->columns);
    for (uint32_t i = 0; i < pass->count; i++) {
        if (c->length[i] == c->mill.shape.max_seq)
            c->length[i] = 0;
        column[i] = (struct pass_column){below(&c->random, c->mill.shape.vocab), c->length[i]++};
    }
}

static bool compare(const struct comparison *c, const struct pass *pass, uint32_t number)
{
    uint32_t vocab = c->mill.shape.vocab, top_k = device_info(c->device)->top_k;

    for (uint32_t i = 0; pass->result == RESULT_LOGITS && i < pass->count * vocab; i++)
        if (c->logits[0][i] != c->logits[1][i]) {
            printf("pass %u (%s), column %u of %u, position %u, token %u: device %.9g, reference "
                   "%.9g\n",
                   number, pass->mode == PASS_PREFILL ? "prefill" : "decode", i / vocab,
                   pass->count, pass->column[i / vocab].position, i % vocab, c->logits[0][i],
                   c->logits[1][i]);
            return false;
        }
    for (uint32_t i = 0; pass->result == RESULT_TOP && i < pass->count; i++) {
        const struct candidate *a = &c->top[0][(size_t)i * top_k];
        const struct candidate *b = &c->top[1][(size_t)i * device_info(c->reference)->top_k];
        for (uint32_t k = 0; k < top_k && k < device_info(c->reference)->top_k; k++)
            if (a[k].token != b[k].token || a[k].logit != b[k].logit) {
                printf(
                    "pass %u, column %u, candidate %u: device %u at %.9g, reference %u at %.9g\n",
                    number, i, k, a[k].token, a[k].logit, b[k].token, b[k].logit);
                return false;
            }
    }
    return true;
}

static bool run_pass(struct comparison *c, uint32_t number, struct pass_column *column,
                     struct error *err)
{
    static const enum pass_result results[] = {RESULT_LOGITS, RESULT_LOGITS, RESULT_TOP,
                                               RESULT_NONE};
    struct pass pass = {.result = results[below(&c->random, 4)], .column = column};

    if (random_unit(&c->random) < 0.5)
        draw_prefill(c, &pass, column);
    else
        draw_decode(c, &pass, column);
    struct pass_output output[2] = {{c->logits[0], c->top[0]}, {c->logits[1], c->top[1]}};
    if (!device_run(c->device, &pass, &output[0], err) ||
        !device_run(c->reference, &pass, &output[1], err))
        return false;
    return compare(c, &pass, number) || error_set(err, ERROR_FAILED, "the devices differ");
}

static bool allocate(struct comparison *c)
{
    c->length = calloc(c->columns, sizeof *c->length);
    bool ok = c->length;
    for (int i = 0; i < 2; i++) {
        const struct device *device = i ? c->reference : c->device;
        c->logits[i] = calloc((size_t)c->columns * c->mill.shape.vocab, sizeof(float));
        c->top[i] = calloc((size_t)c->columns * device_info(device)->top_k, sizeof *c->top[i]);
        ok = ok && c->logits[i] && c->top[i];
    }
    return ok;
}

static bool run(struct comparison *c, char **argv, struct error *err)
{
    if (!mill_open(&c->mill, argv[1], err) ||
        !(c->device = device_open(argv[2], &c->mill, NULL, err)) ||
        !(c->reference = device_open("ref", &c->mill, NULL, err)))
        return false;
    uint32_t columns = device_info(c->device)->columns, most = device_info(c->reference)->columns;
    c->columns = columns < most ? columns : most;
    struct pass_column *column = calloc(c->columns, sizeof *column);
    if (!column || !allocate(c)) {
        free(column);
        return error_set(err, ERROR_FAILED, "out of memory");
    }
    random_seed(&c->random, strtoull(argv[3], NULL, 10));
    bool ok = true;
    for (uint32_t i = 0; ok && i < strtoul(argv[4], NULL, 10); i++)
        ok = run_pass(c, i, column, err);
    free(column);
    return ok;
}

int main(int argc, char **argv)
{
    struct comparison c = {0};
    struct error err = {0};

    if (argc != 5)
        return fputs("usage: compare_devices OUT.mill DEVICE SEED PASSES\n", stderr), 2;
    bool ok = run(&c, argv, &err);
    if (!ok)
        fprintf(stderr, "compare_devices, seed %s: %s\n", argv[3], err.message);
    for (int i = 0; i < 2; i++) {
        free(c.logits[i]);
        free(c.top[i]);
    }
    free(c.length);
    device_close(c.device);
    device_close(c.reference);
    mill_close(&c.mill);
    return ok ? 0 : 1;
}
