/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a damaged or hostile device could send.  The first five bytes choose
 * the pass that is being answered, the rest is the stream of frames.
 */
#include "host/protocol.h"

#include <stdlib.h>

enum { LONGEST = 1 << 16, MOST_LOGITS = 64 * 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode(const struct frame *frame, const struct run_request *run, uint32_t vocab,
                   uint32_t top_k)
{
    float logits[MOST_LOGITS];
    struct candidate top[MOST_LOGITS];
    struct pass_output output = {.logits = logits, .top = top};
    struct identity identity;
    struct run_request request;
    struct run_counters counters;
    enum run_status status;

    if (identity_decode(frame, &identity)) {
        uint8_t again[IDENTITY_BYTES];
        if (identity_encode(&identity, again) != IDENTITY_BYTES)
            abort();
    }
    run_decode(frame, &request);
    if (result_decode(frame, run, vocab, top_k, 10, &output, &counters, &status) &&
        run->result == RESULT_TOP && status == RUN_DONE) {
        for (uint32_t i = 0; i < run->count * top_k; i++) {
            if (top[i].token >= vocab)
                abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 5)
        return 0;
    struct run_request run = {
        .mode = data[0] & 1 ? PASS_PREFILL : PASS_DECODE,
        .result = (enum pass_result)(data[1] % 3),
        .count = data[2] % 16 + 1,
    };
    uint32_t vocab = data[3] % 64 + 1;
    uint32_t top_k = data[4] % 64 + 1;

    for (size_t at = 5; at < size;) {
        struct frame frame;
        enum frame_state state = frame_parse(data + at, size - at, LONGEST, &frame);
        if (state == FRAME_SHORT)
            break;
        if (state == FRAME_GOOD) {
            decode(&frame, &run, vocab, top_k);
            at += (size_t)frame.length + FRAME_OVERHEAD;
        } else {
            at++;
        }
    }
    return 0;
}
