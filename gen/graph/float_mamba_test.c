/* SPDX-License-Identifier: Apache-2.0 */
/* Mamba and Mamba-2 in float: random models against a plain recurrence in
 * double, and trained ones against their published logits. */
#include "base/zip.h"
#include "gen/compile/float_section.h"
#include "gen/graph/float_model.h"
#include "testbench/mamba_support.h"

enum { SEED = 151, MODELS = 10, TOKENS = 13, WIDEST = 256 };

/* What a layer remembers. */
struct plain_state {
    double past[3][WIDEST], scan[64 * 32];
};

static void product(const struct weight *w, const double *in, double *out)
{
    const float *value = (const float *)(const void *)w->data;

    for (uint32_t r = 0; r < w->rows; r++) {
        out[r] = 0;
        for (uint32_t i = 0; i < w->columns; i++)
            out[r] += (double)value[(size_t)r * w->columns + i] * in[i];
    }
}

static float element(const struct weight *w, size_t i)
{
    return ((const float *)(const void *)w->data)[i];
}

static void plain_norm(const struct weight *w, double epsilon, uint32_t count, const double *in,
                       double *out)
{
    double sum = 0;

    for (uint32_t i = 0; i < count; i++)
        sum += in[i] * in[i];
    for (uint32_t i = 0; i < count; i++)
        out[i] = in[i] / sqrt(sum / count + epsilon) * element(w, i);
}

static double plain_silu(double x)
{
    return x / (1 + exp(-x));
}

static void plain_convolve(const struct model *m, const struct mamba_layer *l,
                           struct plain_state *state, const double *in, double *out)
{
    uint32_t kept = m->mixer.conv_width - 1;

    for (uint32_t c = 0; c < mixer_channels(&m->mixer); c++) {
        double sum =
            element(&l->conv_bias, c) + element(&l->conv, (size_t)c * (kept + 1) + kept) * in[c];
        for (uint32_t k = 0; k < kept; k++)
            sum += element(&l->conv, (size_t)c * (kept + 1) + k) * state->past[k][c];
        for (uint32_t k = 0; k + 1 < kept; k++)
            state->past[k][c] = state->past[k + 1][c];
        if (kept)
            state->past[kept - 1][c] = in[c];
        out[c] = plain_silu(sum);
    }
}

/* A block of one token: `normed` to what is added to the residual stream. */
static void plain_mixer(const struct model *m, const struct mamba_layer *l,
                        struct plain_state *state, const double *normed, double *out)
{
    const struct mixer_shape *s = &m->mixer;
    bool first = m->architecture == ARCHITECTURE_MAMBA;
    double in[3 * WIDEST] = {0}, x[WIDEST] = {0}, step[WIDEST] = {0}, parameter[WIDEST] = {0};
    double y[WIDEST] = {0};

    product(&l->in_proj, normed, in);
    const double *z = first ? in + s->inner : in;
    plain_convolve(m, l, state, first ? in : in + s->inner, x);
    const double *b = x + s->inner, *raw = in + s->inner + mixer_channels(s);
    if (first) {
        product(&l->x_proj, x, parameter);
        product(&l->dt_proj, parameter, step);
        b = parameter + s->dt_rank;
        raw = step;
    }
    for (uint32_t i = 0; i < s->inner; i++) {
        uint32_t head = i / (s->inner / s->heads);
        double dt = log1p(exp(raw[head] + element(&l->dt_bias, head)));
        y[i] = element(&l->d, head) * x[i];
        for (uint32_t n = 0; n < s->state; n++) {
            double a = element(&l->a, first ? (size_t)i * s->state + n : head);
            double *h = &state->scan[(size_t)i * s->state + n];
            *h = *h * exp(-dt * (m->a_is_log ? exp(a) : -a)) + dt * x[i] * b[n];
            y[i] += *h * b[s->state + n];
        }
        y[i] *= plain_silu(z[i]);
    }
    if (!first)
        plain_norm(&l->gated_norm, m->norm_eps, s->inner, y, y);
    product(&l->out_proj, y, out);
}

static void plain_run(const struct model *m, struct plain_state *state, uint32_t token,
                      double *logits)
{
    double residual[WIDEST] = {0}, normed[WIDEST] = {0}, out[WIDEST] = {0};

    for (uint32_t i = 0; i < m->dim; i++)
        residual[i] = element(&m->embedding, (size_t)token * m->dim + i);
    for (uint32_t layer = 0; layer < m->layers; layer++) {
        plain_norm(&m->mamba_layer[layer].norm, m->norm_eps, m->dim, residual, normed);
        plain_mixer(m, &m->mamba_layer[layer], &state[layer], normed, out);
        for (uint32_t i = 0; i < m->dim; i++)
            residual[i] += out[i];
    }
    plain_norm(&m->final_norm, m->norm_eps, m->dim, residual, normed);
    product(&m->head, normed, logits);
}

static struct float_model *open_float_model(const struct model *m, struct mill *mill,
                                            uint32_t slots, uint32_t chunk)
{
    struct error err = {0};

    *mill = (struct mill){.shape = model_shape(m)};
    struct float_model *model =
        float_section_build(m, mill, &err) ? float_model_open(mill, slots, chunk, &err) : NULL;
    if (!model)
        fail_msg("%s", err.message);
    return model;
}

static void compare(const float *found, const double *wanted, uint32_t count, uint32_t position)
{
    for (uint32_t v = 0; v < count; v++)
        if (!(fabs((double)found[v] - wanted[v]) <= 2e-4 * (1 + fabs(wanted[v]))))
            fail_msg("seed %d: position %u, logit %u: %g, not %g", SEED, position, v,
                     (double)found[v], wanted[v]);
}

/* In chunks of uneven sizes, while another slot holds other things; and once
 * more from position 0, where the state has to be forgotten. */
static void check_model(const struct model *m, uint64_t *random)
{
    static const uint32_t chunk[] = {1, 5, 1, 4, 2};
    struct mill mill;
    struct float_model *model = open_float_model(m, &mill, 2, 5);
    float *logits = calloc((size_t)5 * m->vocab, sizeof *logits);
    double *wanted = calloc(m->vocab, sizeof *wanted);

    assert_true(logits && wanted);
    for (int again = 0; again < 2; again++) {
        struct plain_state *state = calloc(m->layers, sizeof *state);
        uint32_t position = 0;
        assert_non_null(state);
        for (size_t i = 0; i < sizeof chunk / sizeof *chunk; i++) {
            uint32_t token[5];
            for (uint32_t t = 0; t < chunk[i]; t++)
                token[t] = next_random(random) % m->vocab;
            float_model_run(model, 0, position, (const uint32_t[]){0, 1, 2, 3, 4}, chunk[i], NULL);
            float_model_run(model, 1, position, token, chunk[i], logits);
            for (uint32_t t = 0; t < chunk[i]; t++, position++) {
                plain_run(m, state, token[t], wanted);
                compare(logits + (size_t)t * m->vocab, wanted, m->vocab, position);
            }
        }
        assert_int_equal(position, TOKENS);
        free(state);
    }
    free(logits);
    free(wanted);
    float_model_close(model);
    arena_free(&mill.arena);
}

static void test_against_double(void **state)
{
    uint64_t random = SEED;
    (void)state;

    for (int i = 0; i < MODELS; i++) {
        struct model m = draw_mamba(&random, i % 2 ? ARCHITECTURE_MAMBA2 : ARCHITECTURE_MAMBA);
        check_model(&m, &random);
        model_close(&m);
    }
}

/* The values of one array of golden.npz, behind NumPy's header; `count` of
 * `size` bytes. */
static const void *golden_array(const struct zip *zip, struct arena *arena, const char *name,
                                size_t size, size_t *count)
{
    const struct zip_member *member = zip_find(zip, name);
    const uint8_t *data;
    struct error err = {0};

    assert_non_null(member);
    if (!zip_member_read(zip, member, arena, &data, &err))
        fail_msg("%s", err.message);
    size_t header = 10 + (size_t)data[8] + 256 * (size_t)data[9];
    *count = (size_t)(member->size - header) / size;
    return data + header;
}

/* The model in `folder` against the golden vectors of `golden`. */
static void check_golden(const char *folder, const char *golden)
{
    char path[4200];
    struct mapped_file file;
    struct zip zip = {0};
    struct arena arena = {0};
    struct model m = {0};
    struct mill mill;
    struct error err = {0};
    size_t tokens, count;

    snprintf(path, sizeof path, "%s/golden.npz", golden);
    if (!mapped_file_open(&file, path, &err) || !zip_read(&zip, &file, path, &arena, &err) ||
        !model_open(&m, folder, NULL, &err))
        fail_msg("%s", err.message);
    const int32_t *prompt = golden_array(&zip, &arena, "prompt.npy", sizeof *prompt, &tokens);
    const float *wanted = golden_array(&zip, &arena, "logits.npy", sizeof *wanted, &count);
    assert_int_equal(count, tokens * m.vocab);
    struct float_model *model = open_float_model(&m, &mill, 1, (uint32_t)tokens);
    uint32_t *token = calloc(tokens, sizeof *token);
    float *logits = calloc(count, sizeof *logits);
    assert_true(token && logits);
    for (size_t t = 0; t < tokens; t++)
        token[t] = (uint32_t)prompt[t];
    float_model_run(model, 0, 0, token, (uint32_t)tokens, logits);

    double worst = 0, largest = 0;
    for (size_t i = 0; i < count; i++) {
        worst = fmax(worst, fabs((double)logits[i] - wanted[i]));
        largest = fmax(largest, fabs((double)wanted[i]));
    }
    print_message("%s: off by %.2e at most, the largest logit is %.2f\n", folder, worst, largest);
    if (!(worst <= 1e-3 * largest))
        fail_msg("%s: off by %g, the largest logit is %g", folder, worst, largest);
    free(token);
    free(logits);
    float_model_close(model);
    arena_free(&mill.arena);
    model_close(&m);
    arena_free(&arena);
    mapped_file_close(&file);
}

/* As they were published, and as they ship, two of them with weights in 16 bits. */
static void test_golden(void **state)
{
    static const char *const names[] = {"mamba2-500k", "mamba1-3m", "mamba2-4m"};
    (void)state;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[64], golden[4096], shipped[64];
        snprintf(name, sizeof name, "models/mamba/%s", names[i]);
        snprintf(shipped, sizeof shipped, "models/%s", names[i]);
        const char *path = shared_path(name);
        if (!path)
            skip();
        snprintf(golden, sizeof golden, "%.*s", (int)sizeof golden - 1, path ? path : "");
        check_golden(golden, golden);
        check_golden(shipped, golden);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_double),
        cmocka_unit_test(test_golden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
