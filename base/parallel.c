/* SPDX-License-Identifier: Apache-2.0 */
#include "base/parallel.h"

#include <pthread.h>
#include <stdbool.h>

struct part {
    void (*work)(void *context, unsigned part);
    void *context;
    unsigned number;
};

static void *run_part(void *argument)
{
    const struct part *part = argument;
    part->work(part->context, part->number);
    return NULL;
}

void parallel_run(void (*work)(void *context, unsigned part), void *context)
{
    struct part part[PARALLEL_PARTS];
    pthread_t thread[PARALLEL_PARTS];
    bool started[PARALLEL_PARTS] = {false};

    for (unsigned i = 1; i < PARALLEL_PARTS; i++) {
        part[i] = (struct part){work, context, i};
        started[i] = pthread_create(&thread[i], NULL, run_part, &part[i]) == 0;
    }
    work(context, 0);
    for (unsigned i = 1; i < PARALLEL_PARTS; i++) {
        if (started[i])
            pthread_join(thread[i], NULL);
        else
            work(context, i);
    }
}
