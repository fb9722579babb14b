/* SPDX-License-Identifier: Apache-2.0 */
/* .mill files as they come, and again with their CRCs made right, so that what
 * lies behind them is reached; an accepted small model is run. */
#include <zlib.h>

#include "base/little_endian.h"
#include "gen/mill/mill.h"
#include "gen/mill/mill_layout.h"
#include "gen/op/reference.h"
#include "testbench/fuzz_support.h"

enum { COLUMNS = 2, WORK_MAX = 1 << 18 };

static void repair_tape(uint8_t *tape, size_t size)
{
    for (size_t at = 0; at + TAPE_LINE <= size;) {
        uint64_t lines = load_u32(tape + at + 16);
        if (tape[at + 1] == OP_END)
            store_u64(tape + at + 20, (uint32_t)crc32(0, tape, (unsigned)at));
        store_u32(tape + at + 28, (uint32_t)crc32(0, tape + at, 28));
        at += TAPE_LINE * (size_t)(1 + lines);
    }
}

static void repair(uint8_t *data, size_t size)
{
    uint32_t count = size < MILL_HEADER_BYTES ? 0 : load_u32(data + 12);

    for (uint32_t i = 0; i < count && i < SECTION_KINDS; i++) {
        size_t at = MILL_HEADER_BYTES + (size_t)i * MILL_SECTION_BYTES;
        if (at + MILL_SECTION_BYTES > size)
            return;
        uint64_t first = load_u64(data + at + 8), length = load_u64(data + at + 16);
        if (load_u32(data + at) == SECTION_TAPE && first <= size && length <= size - first)
            repair_tape(data + first, (size_t)length);
    }
}

static bool is_small(const struct mill_shape *s)
{
    uint64_t cache = (uint64_t)s->layers * s->kv_heads * s->max_seq * s->head_dim;
    uint64_t state = (uint64_t)s->layers * s->mixer.inner * s->mixer.state;
    return cache <= WORK_MAX && state <= WORK_MAX &&
           (uint64_t)s->heads * s->head_dim <= WORK_MAX / 16;
}

static void run_pass(const struct mill *mill)
{
    const struct pass_column column[COLUMNS] = {{0, 0}, {mill->shape.vocab - 1, 0}};
    struct candidate top[COLUMNS];
    struct pass pass = {PASS_DECODE, RESULT_TOP, 0, COLUMNS, column};
    struct error err = {0};
    struct reference *reference = reference_open(mill, COLUMNS, &err);

    if (reference && !reference_run(reference, &pass, 1, &(struct pass_output){.top = top}, &err))
        abort();
    reference_close(reference);
}

static void try_file(const struct mapped_file *file)
{
    struct mill mill;
    struct error err = {0};

    if (!mill_read(&mill, file, &err))
        return;
    if (is_small(&mill.shape))
        run_pass(&mill);
    mill_close(&mill);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    if (!copy)
        return 0;
    if (size)
        memcpy(copy, data, size);
    try_file(&(struct mapped_file){copy, size});
    repair(copy, size);
    try_file(&(struct mapped_file){copy, size});
    free(copy);
    return 0;
}
