/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/import/mamba_tensors.h"

#include "gen/import/import.h"

enum { MOST_STATE = 1024, MOST_TAPS = 4 };

static bool take_layer(struct model *m, uint32_t index, const struct tensor_table *table,
                       const struct mamba_names *names, const char *model_name, struct error *err)
{
    struct mamba_layer *l = &m->mamba_layer[index];
    const struct mixer_shape *s = &m->mixer;
    bool first = m->architecture == ARCHITECTURE_MAMBA;
    const struct tensor_part shared[] = {
        {names->norm, &l->norm, 1, m->dim},
        {names->in_proj, &l->in_proj, mixer_in_rows(s), m->dim},
        {names->conv, &l->conv, mixer_channels(s), s->conv_width},
        {names->conv_bias, &l->conv_bias, 1, mixer_channels(s)},
        {first ? names->dt_proj_bias : names->dt_bias, &l->dt_bias, 1, s->heads},
        {names->a, &l->a, first ? s->inner : 1, first ? s->state : s->heads},
        {names->d, &l->d, 1, s->heads},
        {names->out_proj, &l->out_proj, m->dim, s->inner},
    };
    const struct tensor_part of_mamba[] = {
        {names->x_proj, &l->x_proj, mixer_x_rows(s), s->inner},
        {names->dt_proj, &l->dt_proj, s->inner, s->dt_rank},
    };
    const struct tensor_part of_mamba2[] = {{names->gated_norm, &l->gated_norm, 1, s->inner}};

    return tensor_take_parts(table, model_name, names->layer_prefix, index, shared,
                             sizeof shared / sizeof *shared, err) &&
           tensor_take_parts(
               table, model_name, names->layer_prefix, index, first ? of_mamba : of_mamba2,
               first ? sizeof of_mamba / sizeof *of_mamba : sizeof of_mamba2 / sizeof *of_mamba2,
               err);
}

bool mamba_take_tensors(struct model *m, const struct tensor_table *table,
                        const struct mamba_names *names, const char *const *ignored,
                        const char *model_name, struct error *err)
{
    if (!tensor_take(table, model_name, names->embedding, m->vocab, m->dim, &m->embedding, err) ||
        !tensor_take(table, model_name, names->final_norm, 1, m->dim, &m->final_norm, err))
        return false;
    for (uint32_t i = 0; i < m->layers; i++)
        if (!take_layer(m, i, table, names, model_name, err))
            return false;
    m->head = m->embedding;
    if (!m->tied_head &&
        !tensor_take(table, model_name, names->head, m->vocab, m->dim, &m->head, err))
        return false;
    return tensor_check_left_over(table, ignored, "Mamba", err);
}

static bool check_product(const char *name, const char *what, uint64_t a, uint64_t b,
                          struct error *err)
{
    uint64_t product;

    if (__builtin_mul_overflow(a, b, &product) || product > INT32_MAX)
        return error_set(err, ERROR_INPUT, "%s: %s is too large", name, what);
    return true;
}

static bool check_mixer(const struct mixer_shape *s, bool first, const char *name,
                        struct error *err)
{
    const struct {
        const char *what;
        uint32_t value, most;
    } range[] = {
        {"inner size", s->inner, 1 << 16},
        {"state size", s->state, MOST_STATE},
        {"convolution", s->conv_width, MOST_TAPS},
        {"number of heads", s->heads, s->inner},
        {"rank of dt", first ? s->dt_rank : 1, 1 << 16},
    };

    for (size_t i = 0; i < sizeof range / sizeof *range; i++)
        if (range[i].value < 1 || range[i].value > range[i].most)
            return error_set(err, ERROR_INPUT, "%s: the %s is %u, not 1 to %u", name, range[i].what,
                             range[i].value, range[i].most);
    if (s->inner % s->heads != 0)
        return error_set(err, ERROR_INPUT, "%s: %u channels in %u heads do not divide", name,
                         s->inner, s->heads);
    return true;
}

bool mamba_check_sizes(const struct model *m, const char *name, struct error *err)
{
    const uint32_t size[] = {m->dim, m->layers, m->vocab};
    static const char *const what[] = {"dimension", "number of layers", "vocabulary"};

    for (size_t i = 0; i < 3; i++)
        if (size[i] == 0)
            return error_set(err, ERROR_INPUT, "%s: the %s is 0", name, what[i]);
    if (!check_mixer(&m->mixer, m->architecture == ARCHITECTURE_MAMBA, name, err) ||
        !check_product(name, "the embedding", m->vocab, m->dim, err) ||
        !check_product(name, "the input projection", mixer_in_rows(&m->mixer), m->dim, err))
        return false;
    if (!(m->norm_eps >= 0 && m->norm_eps < 1))
        return error_set(err, ERROR_INPUT, "%s: RMS norm epsilon %g", name, (double)m->norm_eps);
    const uint32_t token[] = {m->bos_token, m->eos_token};
    for (size_t i = 0; i < 2; i++)
        if (token[i] != UINT32_MAX && token[i] >= m->vocab)
            return error_set(err, ERROR_INPUT, "%s: %s is token %u of a vocabulary of %u", name,
                             i ? "EOS" : "BOS", token[i], m->vocab);
    return true;
}

bool mamba_make_layers(struct model *m, size_t size, const char *name, struct error *err)
{
    if (m->layers > size / m->dim)
        return error_set(err, ERROR_INPUT, "%s: %u layers of dimension %u in %zu bytes", name,
                         m->layers, m->dim, size);
    m->mamba_layer = arena_alloc(&m->arena, m->layers, sizeof *m->mamba_layer);
    return m->mamba_layer ? true : import_no_memory(name, err);
}
