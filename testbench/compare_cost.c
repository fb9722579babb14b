/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Usage: compare_cost OUT.mill FOLDER COLUMNS INPUTS BUS_BITS FIFO BURST GAP
 *
 * Run passes on the simulation in FOLDER, which was emitted with these numbers,
 * and compare its counters with what pass_cost predicts: words and beats exactly,
 * cycles within TOLERANCE.  Exit status 1 and the first difference where not.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "gen/fit/pass_cost.h"
#include "host/device.h"

#define TOLERANCE 0.001

enum { PASSES = 20, LONGEST = 512 };

static bool check(const char *what, double predicted, double measured, double tolerance)
{
    if (fabs(predicted - measured) <= tolerance * measured)
        return true;
    printf("%s: %.0f predicted, %.0f measured\n", what, predicted, measured);
    return false;
}

/* One pass of all columns from position `first` on. */
static bool compare_pass(struct device *device, const struct mill *mill,
                         const struct design *design, uint32_t first, double *worst,
                         struct error *err)
{
    struct device_counters before = *device_counters(device);
    struct pass_column column[16];
    struct pass pass = {PASS_PREFILL, RESULT_NONE, 0, design->columns, column};
    struct pass_output none = {0};

    for (uint32_t c = 0; c < design->columns; c++)
        column[c] = (struct pass_column){c, first + c};
    if (!device_run(device, &pass, &none, err))
        return false;
    const struct device_counters *after = device_counters(device);
    struct op_cost cost = pass_cost(mill, design, design->columns, first + design->columns, NULL);
    double cycles = (double)(after->cycles - before.cycles);

    *worst = fmax(*worst, fabs(cost.cycles - cycles) / cycles);
    if (check("tape words", (double)cost.tape_words,
              (double)(after->tape_words - before.tape_words), 0) &&
        check("array beats", (double)cost.array_beats,
              (double)(after->array_beats - before.array_beats), 0) &&
        check("cycles", cost.cycles, cycles, TOLERANCE))
        return true;
    return error_set(err, ERROR_FAILED, "position %u: the prediction is wrong", first);
}

int main(int argc, char **argv)
{
    struct mill mill;
    struct error err = {0};
    char name[LONGEST];
    double worst = 0;

    if (argc != 9 || !mill_open(&mill, argv[1], &err)) {
        fprintf(stderr, "compare_cost: %s\n", argc != 9 ? "eight arguments" : err.message);
        return 2;
    }
    struct design design = {
        .columns = (uint32_t)atoi(argv[3]),
        .inputs = (uint32_t)atoi(argv[4]),
        .tape_bus_bits = (uint32_t)atoi(argv[5]),
        .fifo_depth = (uint32_t)atoi(argv[6]),
        .memory = {0, (uint32_t)atoi(argv[7]), (uint32_t)atoi(argv[8])},
    };
    snprintf(name, sizeof name, "sim:%s", argv[2]);
    struct device *device = device_open(name, &mill, &err);
    bool ok = device != NULL;
    for (uint32_t p = 0; ok && p < PASSES; p++)
        ok = compare_pass(device, &mill, &design, p * design.columns, &worst, &err);
    if (ok)
        printf("%d passes, cycles predicted within %.3f %%\n", PASSES, worst * 100);
    else
        printf("%s\n", err.message);
    if (device)
        device_close(device);
    mill_close(&mill);
    return !ok;
}
