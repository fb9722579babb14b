/* SPDX-License-Identifier: Apache-2.0 */
/* What random_model.c and random_mamba.c share. */
#ifndef MILLRACE_TESTBENCH_RANDOM_CHECKPOINT_H
#define MILLRACE_TESTBENCH_RANDOM_CHECKPOINT_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "host/random.h"

static inline uint32_t below(struct random *random, uint32_t limit)
{
    return (uint32_t)(random_unit(random) * limit);
}

/* Roughly normal, of deviation `scale`. */
static inline void put_floats(FILE *file, struct random *random, size_t count, double mean,
                              double scale)
{
    while (count--) {
        double sum = -2;
        for (int i = 0; i < 4; i++)
            sum += random_unit(random);
        float value = (float)(mean + scale * sum * sqrt(3));
        fwrite(&value, sizeof value, 1, file);
    }
}

static inline void write_tokenizer(FILE *file, int32_t vocab)
{
    int32_t longest = 8;

    fwrite(&longest, sizeof longest, 1, file);
    for (int32_t i = 0; i < vocab; i++) {
        char text[16];
        int32_t length = snprintf(text, sizeof text, "t%d", (int)i);
        float score = 0;
        fwrite(&score, sizeof score, 1, file);
        fwrite(&length, sizeof length, 1, file);
        fwrite(text, 1, (size_t)length, file);
    }
}

static inline FILE *create(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file)
        perror(path);
    return file;
}

#endif
