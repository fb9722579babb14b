/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/quant/calibration.h"

#include <stdlib.h>
#include <string.h>

#include "base/mapped_file.h"
#include "host/documents.h"
#include "host/tokenizer/tokenizer.h"

/* One sequence from the documents on; false where they end before it does. */
static bool fill_sequence(const struct model *model, struct documents *documents, uint32_t length,
                          uint32_t *token, bool *complete, struct error *err)
{
    struct document document;
    uint32_t filled = 0;

    while (filled < length && documents_next(documents, &document)) {
        uint32_t *ids;
        size_t count;
        if (!tokenizer_encode(model->tokenizer, document.text, document.size, &ids, &count, err))
            return false;
        if (model->bos_token < model->vocab)
            token[filled++] = model->bos_token;
        size_t room = length - filled, taken = count < room ? count : room;
        if (taken)
            memcpy(token + filled, ids, taken * sizeof *ids);
        filled += (uint32_t)taken;
        free(ids);
    }
    *complete = filled == length;
    return true;
}

static bool fill(const struct model *model, const struct mapped_file *file, const char *path,
                 struct calibration *c, struct error *err)
{
    struct documents documents = {.text = (const char *)file->data, .size = file->size};
    uint32_t wanted = c->sequences;
    bool complete = true;

    for (c->sequences = 0; c->sequences < wanted; c->sequences += complete) {
        uint32_t *token = c->token + (size_t)c->sequences * c->length;
        if (!fill_sequence(model, &documents, c->length, token, &complete, err))
            return error_prefix(err, "%s", path);
        if (!complete)
            break;
    }
    if (c->sequences == 0)
        return error_set(err, ERROR_INPUT, "%s: less than %u tokens, too short to calibrate on",
                         path, c->length);
    return true;
}

bool calibration_read(const struct model *model, const char *path, uint32_t sequences,
                      uint32_t length, struct calibration *out, struct error *err)
{
    struct mapped_file file;

    *out = (struct calibration){sequences, length,
                                malloc((size_t)sequences * length * sizeof(uint32_t))};
    if (!out->token)
        return error_set(err, ERROR_FAILED, "%s: out of memory", path);
    if (!mapped_file_open(&file, path, err)) {
        calibration_free(out);
        return false;
    }
    bool ok = fill(model, &file, path, out, err);
    mapped_file_close(&file);
    if (!ok)
        calibration_free(out);
    return ok;
}

void calibration_free(struct calibration *calibration)
{
    free(calibration->token);
    *calibration = (struct calibration){0};
}
