/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/import/import.h"

enum { MOST_HEAD_DIM = 1 << 16 };

bool import_no_memory(const char *name, struct error *err)
{
    return error_set(err, ERROR_FAILED, "%s: out of memory", name);
}

static bool check_not_zero(const struct model *model, const char *name, struct error *err)
{
    const struct {
        const char *what;
        uint32_t value;
    } sizes[] = {
        {"dimension", model->dim},
        {"hidden dimension", model->hidden_dim},
        {"number of layers", model->layers},
        {"number of heads", model->heads},
        {"number of key/value heads", model->kv_heads},
        {"head dimension", model->head_dim},
        {"vocabulary", model->vocab},
        {"context length", model->max_seq},
    };

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (sizes[i].value == 0)
            return error_set(err, ERROR_INPUT, "%s: the %s is 0", name, sizes[i].what);
    return true;
}

static bool check_product(const char *name, const char *what, uint32_t a, uint32_t b,
                          struct error *err)
{
    uint32_t product;

    if (__builtin_mul_overflow(a, b, &product) || product > INT32_MAX)
        return error_set(err, ERROR_INPUT, "%s: %s: %u x %u is too large", name, what, a, b);
    return true;
}

static bool check_token(const struct model *model, const char *name, const char *what, uint32_t id,
                        struct error *err)
{
    if (id != UINT32_MAX && id >= model->vocab)
        return error_set(err, ERROR_INPUT, "%s: %s is token %u of a vocabulary of %u", name, what,
                         id, model->vocab);
    return true;
}

bool import_layers(struct model *model, size_t size, const char *name, struct error *err)
{
    if (model->layers > size / model->dim)
        return error_set(err, ERROR_INPUT, "%s: %u layers of dimension %u in %zu bytes", name,
                         model->layers, model->dim, size);
    model->layer = arena_alloc(&model->arena, model->layers, sizeof *model->layer);
    return model->layer ? true : import_no_memory(name, err);
}

bool import_check_sizes(const struct model *model, const char *name, struct error *err)
{
    if (!check_not_zero(model, name, err) ||
        !check_product(name, "heads x head dimension", model->heads, model->head_dim, err) ||
        !check_product(name, "embedding", model->vocab, model->dim, err) ||
        !check_product(name, "feed-forward weight", model->hidden_dim, model->dim, err) ||
        !check_product(name, "attention weight", model->heads * model->head_dim, model->dim, err))
        return false;
    if (!check_token(model, name, "BOS", model->bos_token, err) ||
        !check_token(model, name, "EOS", model->eos_token, err))
        return false;
    if (model->heads % model->kv_heads != 0)
        return error_set(err, ERROR_INPUT, "%s: %u heads cannot share %u key/value heads", name,
                         model->heads, model->kv_heads);
    /* So that a table of its pairs may be made before any weight is seen. */
    if (model->head_dim > MOST_HEAD_DIM)
        return error_set(err, ERROR_INPUT, "%s: the head dimension is %u, not %u at most", name,
                         model->head_dim, MOST_HEAD_DIM);
    if (model->head_dim % 2 != 0)
        return error_set(err, ERROR_INPUT, "%s: a head of %u has no pairs to rotate", name,
                         model->head_dim);
    if (!(model->norm_eps >= 0 && model->norm_eps < 1))
        return error_set(err, ERROR_INPUT, "%s: RMS norm epsilon %g", name,
                         (double)model->norm_eps);
    return true;
}
