/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/quant/calibration.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mapped_file.h"
#include "gen/graph/float_model.h"
#include "host/documents.h"
#include "host/random.h"
#include "host/tokenizer/tokenizer.h"

enum {
    WRITTEN_SEQUENCES = 16, /* by the model itself */
    WRITTEN_LENGTH = 256,
    READ_TOKENS = 65536, /* of a text, at most */
    CHUNK = 64,
    SEED = 1,
};

static void see(void *context, enum matrix_kind kind, uint32_t layer, const float *input,
                uint32_t columns, uint32_t count)
{
    struct calibration *c = context;

    if (kind < MATRIX_HEAD)
        cblas_ssyrk(CblasRowMajor, CblasUpper, CblasTrans, (int)columns, (int)count, 1, input,
                    (int)columns, 1, c->hessian[layer][kind], (int)columns);
}

static void see_range(void *context, enum float_range range, uint32_t layer, const float *value,
                      size_t count)
{
    struct calibration *c = context;

    c->range[layer][range] = fmaxf(c->range[layer][range], largest_magnitude(value, count));
}

static void set_columns(struct calibration *c, const struct mill_shape *s)
{
    if (s->architecture == ARCHITECTURE_LLAMA) {
        c->columns[MATRIX_QKV] = c->columns[MATRIX_GATE_UP] = s->dim;
        c->columns[MATRIX_OUTPUT] = s->heads * s->head_dim;
        c->columns[MATRIX_DOWN] = s->hidden_dim;
        return;
    }
    c->columns[MATRIX_MIXER_IN] = s->dim;
    c->columns[MATRIX_MIXER_OUT] = s->mixer.inner;
    c->columns[MATRIX_MIXER_X] = s->mixer.dt_rank ? s->mixer.inner : 0;
    c->columns[MATRIX_MIXER_DT] = s->mixer.dt_rank;
}

static bool allocate(struct calibration *c, const struct mill_shape *s, struct error *err)
{
    c->layers = s->layers;
    set_columns(c, s);
    c->hessian = arena_alloc(&c->arena, s->layers, sizeof *c->hessian);
    c->range = arena_alloc(&c->arena, s->layers, sizeof *c->range);
    if (!c->hessian || !c->range)
        return error_set(err, ERROR_FAILED, "calibration: out of memory");
    for (uint32_t layer = 0; layer < s->layers; layer++)
        for (int kind = 0; kind < MATRIX_HEAD; kind++) {
            size_t n = c->columns[kind];
            if (n == 0)
                continue;
            c->hessian[layer][kind] = arena_alloc(&c->arena, n * n, sizeof(float));
            if (!c->hessian[layer][kind])
                return error_set(err, ERROR_FAILED, "calibration: out of memory");
        }
    return true;
}

static uint32_t draw_token(const float *logits, uint32_t vocab, struct random *random)
{
    double sum = 0, largest = logits[0];

    for (uint32_t i = 1; i < vocab; i++)
        largest = logits[i] > largest ? logits[i] : largest;
    for (uint32_t i = 0; i < vocab; i++)
        sum += exp(logits[i] - largest);
    double left = random_unit(random) * sum;
    for (uint32_t i = 0; i < vocab; i++) {
        left -= exp(logits[i] - largest);
        if (left < 0)
            return i;
    }
    return vocab - 1;
}

/* The model writes; what it sees while writing is the calibration. */
static bool write_text(struct calibration *c, struct float_model *model, const struct mill *mill,
                       struct error *err)
{
    uint32_t vocab = mill->shape.vocab, max_seq = mill->shape.max_seq;
    uint32_t length = max_seq < WRITTEN_LENGTH ? max_seq : WRITTEN_LENGTH;
    uint32_t first = mill->bos_token < vocab ? mill->bos_token : 0;
    float *logits = malloc(vocab * sizeof *logits);
    struct random random;

    if (!logits)
        return error_set(err, ERROR_FAILED, "calibration: out of memory");
    random_seed(&random, SEED);
    for (int sequence = 0; sequence < WRITTEN_SEQUENCES; sequence++) {
        uint32_t token = first;
        for (uint32_t position = 0; position < length; position++) {
            float_model_run(model, 0, position, &token, 1, logits);
            token = draw_token(logits, vocab, &random);
        }
        c->tokens += length;
    }
    free(logits);
    return true;
}

static bool read_document(struct calibration *c, struct float_model *model, const struct mill *mill,
                          const struct document *document, struct error *err)
{
    uint32_t *ids;
    size_t count;

    if (!tokenizer_encode(mill->tokenizer, document->text, document->size, &ids, &count, err))
        return false;
    uint32_t max_seq = mill->shape.max_seq;
    uint32_t *token = malloc((count + 1) * sizeof *token);
    if (!token) {
        free(ids);
        return error_set(err, ERROR_FAILED, "calibration: out of memory");
    }
    token[0] = mill->bos_token < mill->shape.vocab ? mill->bos_token : 0;
    memcpy(token + 1, ids, count * sizeof *token);
    uint32_t total = count + 1 < max_seq ? (uint32_t)count + 1 : max_seq;
    for (uint32_t at = 0; at < total; at += CHUNK)
        float_model_run(model, 0, at, token + at, total - at < CHUNK ? total - at : CHUNK, NULL);
    c->tokens += total;
    free(token);
    free(ids);
    return true;
}

static bool read_text(struct calibration *c, struct float_model *model, const struct mill *mill,
                      const char *path, struct error *err)
{
    struct mapped_file file;
    struct documents documents;
    struct document document;

    if (!mapped_file_open(&file, path, err))
        return false;
    documents = (struct documents){(const char *)file.data, file.size, 0};
    bool ok = true;
    while (ok && c->tokens < READ_TOKENS && documents_next(&documents, &document))
        ok = read_document(c, model, mill, &document, err);
    mapped_file_close(&file);
    if (ok && c->tokens == 0)
        return error_set(err, ERROR_INPUT, "%s: no text to calibrate on", path);
    return ok;
}

/* A classifier's frames, as one sequence. */
static void see_frames(struct calibration *c, struct float_model *model, const struct mill *mill)
{
    for (uint32_t at = 0; at < mill->frames; at++)
        float_model_run(model, 0, at, &at, 1, NULL);
    c->tokens = mill->frames;
}

/* Only the upper triangle was summed. */
static void mirror(struct calibration *c)
{
    for (uint32_t layer = 0; layer < c->layers; layer++)
        for (int kind = 0; kind < MATRIX_HEAD; kind++) {
            size_t n = c->columns[kind];
            float *h = c->hessian[layer][kind];
            for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < i; j++)
                    h[i * n + j] = h[j * n + i];
        }
}

bool calibration_run(struct calibration *c, const struct mill *mill, const char *text,
                     struct error *err)
{
    struct float_observer observer = {see, see_range, c};

    /* One thread, so that sums come in one order: the same bytes everywhere. */
    openblas_set_num_threads(1);
    *c = (struct calibration){0};
    struct float_model *model = float_model_open(mill, 1, CHUNK, err);
    bool ok = model && allocate(c, &mill->shape, err);
    if (ok) {
        float_model_observe(model, &observer);
        if (mill->shape.features)
            see_frames(c, model, mill);
        else
            ok = text ? read_text(c, model, mill, text, err) : write_text(c, model, mill, err);
    }
    float_model_close(model);
    if (ok)
        mirror(c);
    else
        calibration_free(c);
    return ok;
}

void calibration_free(struct calibration *c)
{
    arena_free(&c->arena);
    *c = (struct calibration){0};
}

float *calibration_fold(const struct calibration *c, uint32_t layer, enum matrix_kind kind,
                        const struct weight *norm)
{
    size_t n = c->columns[kind];
    float *hessian = malloc(n * n * sizeof *hessian);
    float *factor = malloc(n * sizeof *factor);

    if (hessian && factor) {
        memcpy(hessian, c->hessian[layer][kind], n * n * sizeof *hessian);
        if (norm)
            weight_row(norm, 0, factor);
        for (size_t i = 0; i < n; i++) {
            float folded = norm ? factor[i] * sqrtf((float)n) : 1;
            factor[i] = folded != 0 ? 1 / folded : 0;
        }
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                hessian[i * n + j] *= factor[i] * factor[j];
    } else {
        free(hessian);
        hessian = NULL;
    }
    free(factor);
    return hessian;
}
