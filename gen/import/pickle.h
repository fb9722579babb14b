/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few opcodes of Python's pickle (pickletools.py, protocol 2) that PyTorch
 * writes for a dict of tensors.
 */
#ifndef MILLRACE_GEN_IMPORT_PICKLE_H
#define MILLRACE_GEN_IMPORT_PICKLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

enum { PICKLE_DIMENSIONS = 4 };

/* A tensor as torch._utils._rebuild_tensor_v2 would make it. */
struct pickle_tensor {
    const char *name;
    const char *type;    /* "FloatStorage" */
    const char *storage; /* its key: the name of the member in data/ */
    uint64_t elements;   /* of the storage */
    uint64_t offset;     /* of the tensor in it, in elements */
    uint32_t dimensions;
    uint64_t shape[PICKLE_DIMENSIONS], stride[PICKLE_DIMENSIONS];
};

struct pickle {
    struct pickle_tensor *tensor;
    size_t count;
};

/* The tensors of all dicts of a pickle, by their keys; texts lie in the arena.
 * `path` is for messages. */
bool pickle_read(struct pickle *pickle, const uint8_t *data, size_t size, const char *path,
                 struct arena *arena, struct error *err);

#endif
