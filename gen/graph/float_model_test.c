/* SPDX-License-Identifier: Apache-2.0 */
/* The yardstick itself: against a plain computation in double, and against the
 * golden continuation of a trained model. */
#include "gen/graph/float_model.h"

#include <jansson.h>

#include "testbench/model_support.h"

enum { SEED = 131, MODELS = 8, TOKENS = 13, WIDEST = 64 };

/* Keys and values of one layer, [position][kv_heads * head_dim]. */
struct plain_cache {
    double key[TOKENS][WIDEST], value[TOKENS][WIDEST];
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

static void plain_norm(const struct model *m, const struct weight *w, const double *in, double *out)
{
    const float *gain = (const float *)(const void *)w->data;
    double sum = 0;

    for (uint32_t i = 0; i < m->dim; i++)
        sum += in[i] * in[i];
    for (uint32_t i = 0; i < m->dim; i++)
        out[i] = in[i] / sqrt(sum / m->dim + m->norm_eps) * gain[i];
}

static void plain_rotate(const struct model *m, double *x, uint32_t width, uint32_t position)
{
    for (uint32_t i = 0; i < width; i += 2) {
        double angle = position * (double)m->rope_frequency[i % m->head_dim / 2];
        double a = x[i], b = x[i + 1];
        x[i] = a * cos(angle) - b * sin(angle);
        x[i + 1] = a * sin(angle) + b * cos(angle);
    }
}

static void plain_attention(const struct model *m, const struct llama_layer *l,
                            struct plain_cache *cache, uint32_t position, double *residual)
{
    double normed[WIDEST] = {0}, query[WIDEST] = {0}, mixed[WIDEST] = {0}, out[WIDEST] = {0};

    plain_norm(m, &l->attention_norm, residual, normed);
    product(&l->wq, normed, query);
    product(&l->wk, normed, cache->key[position]);
    product(&l->wv, normed, cache->value[position]);
    plain_rotate(m, query, l->wq.rows, position);
    plain_rotate(m, cache->key[position], l->wk.rows, position);
    for (uint32_t h = 0; h < m->heads; h++) {
        uint32_t q = h * m->head_dim, kv = h / (m->heads / m->kv_heads) * m->head_dim;
        double weight[TOKENS] = {0}, sum = 0;
        for (uint32_t t = 0; t <= position; t++) {
            double dot = 0;
            for (uint32_t i = 0; i < m->head_dim; i++)
                dot += query[q + i] * cache->key[t][kv + i];
            sum += weight[t] = exp(dot * m->rope_attention_scale / sqrt(m->head_dim));
        }
        for (uint32_t t = 0; t <= position; t++)
            for (uint32_t i = 0; i < m->head_dim; i++)
                mixed[q + i] += weight[t] / sum * cache->value[t][kv + i];
    }
    product(&l->wo, mixed, out);
    for (uint32_t i = 0; i < m->dim; i++)
        residual[i] += out[i];
}

static void plain_feed_forward(const struct model *m, const struct llama_layer *l, double *residual)
{
    double normed[WIDEST] = {0}, gate[WIDEST] = {0}, up[WIDEST] = {0}, out[WIDEST] = {0};

    plain_norm(m, &l->ffn_norm, residual, normed);
    product(&l->w_gate, normed, gate);
    product(&l->w_up, normed, up);
    for (uint32_t i = 0; i < m->hidden_dim; i++)
        gate[i] = gate[i] / (1 + exp(-gate[i])) * up[i];
    product(&l->w_down, gate, out);
    for (uint32_t i = 0; i < m->dim; i++)
        residual[i] += out[i];
}

static void plain_run(const struct model *m, struct plain_cache *cache, uint32_t token,
                      uint32_t position, double *logits)
{
    const float *row = (const float *)(const void *)m->embedding.data + (size_t)token * m->dim;
    double residual[WIDEST] = {0}, normed[WIDEST] = {0};

    for (uint32_t i = 0; i < m->dim; i++)
        residual[i] = row[i];
    for (uint32_t layer = 0; layer < m->layers; layer++) {
        plain_attention(m, &m->layer[layer], &cache[layer], position, residual);
        plain_feed_forward(m, &m->layer[layer], residual);
    }
    plain_norm(m, &m->final_norm, residual, normed);
    product(&m->head, normed, logits);
}

static struct model draw_model(uint64_t *random)
{
    uint32_t kv_heads = 1 + next_random(random) % 2;
    struct model m = {.dim = 4 + 2 * (next_random(random) % 30),
                      .hidden_dim = 3 + next_random(random) % 60,
                      .layers = 1 + next_random(random) % 3,
                      .heads = kv_heads * (1 + next_random(random) % 3),
                      .kv_heads = kv_heads,
                      .head_dim = 2 + 2 * (next_random(random) % 4),
                      .vocab = 20 + next_random(random) % 40,
                      .max_seq = TOKENS};
    make_model(&m, random);
    m.rope_attention_scale = 1 + next_float(random) / 4;
    return m;
}

static struct float_model *open_float_model(const struct model *m, struct mill *mill,
                                            uint32_t slots, uint32_t chunk)
{
    struct error err = {0};

    compile_or_fail(m, &(struct compile_options){.weight_bits = 8, .act_bits = 8, .floats = true},
                    mill);
    struct float_model *model = float_model_open(mill, slots, chunk, &err);
    if (!model)
        fail_msg("%s", err.message);
    return model;
}

/* In chunks of uneven sizes, while another slot holds other things. */
static void check_model(const struct model *m, uint64_t *random)
{
    static const uint32_t chunk[] = {1, 5, 1, 4, 2};
    struct mill mill;
    struct float_model *model = open_float_model(m, &mill, 2, 5);
    struct plain_cache *cache = calloc(m->layers, sizeof *cache);
    float logits[5 * WIDEST];
    double wanted[WIDEST] = {0};
    uint32_t position = 0;

    assert_non_null(cache);
    for (size_t i = 0; i < sizeof chunk / sizeof *chunk; i++) {
        uint32_t token[5];
        for (uint32_t t = 0; t < chunk[i]; t++)
            token[t] = next_random(random) % m->vocab;
        float_model_run(model, 0, position, (const uint32_t[]){0, 1, 2, 3, 4}, chunk[i], NULL);
        float_model_run(model, 1, position, token, chunk[i], logits);
        for (uint32_t t = 0; t < chunk[i]; t++, position++) {
            plain_run(m, cache, token[t], position, wanted);
            for (uint32_t v = 0; v < m->vocab; v++) {
                double found = logits[t * m->vocab + v];
                if (!(fabs(found - wanted[v]) <= 1e-4 * (1 + fabs(wanted[v]))))
                    fail_msg("seed %d: position %u, logit %u: %g, not %g", SEED, position, v, found,
                             wanted[v]);
            }
        }
    }
    assert_int_equal(position, TOKENS);
    free(cache);
    float_model_close(model);
    compiled_free(&mill);
}

static void test_against_double(void **state)
{
    uint64_t random = SEED;
    (void)state;

    for (int i = 0; i < MODELS; i++) {
        struct model m = draw_model(&random);
        check_model(&m, &random);
        model_close(&m);
    }
}

static void test_absent(void **state)
{
    uint64_t random = SEED + 1;
    struct model m = draw_model(&random);
    struct mill mill;
    struct error err = {0};
    (void)state;

    compile_or_fail(&m, &(struct compile_options){.weight_bits = 8, .act_bits = 8}, &mill);
    assert_refused(float_model_open(&mill, 1, 1, &err) != NULL, &err, "holds no float model");
    compiled_free(&mill);
    model_close(&m);
}

static uint32_t best(const float *logits, uint32_t vocab)
{
    uint32_t token = 0;

    for (uint32_t i = 1; i < vocab; i++)
        if (logits[i] > logits[token])
            token = i;
    return token;
}

/* The ids under `key`; malloc'd. */
static uint32_t *golden_ids(const json_t *golden, const char *key, uint32_t *count)
{
    const json_t *list = json_object_get(golden, key);
    *count = (uint32_t)json_array_size(list);
    uint32_t *ids = malloc((*count + 1) * sizeof *ids);

    assert_non_null(ids);
    for (uint32_t i = 0; i < *count; i++)
        ids[i] = (uint32_t)json_integer_value(json_array_get(list, i));
    return ids;
}

static void test_golden(void **state)
{
    const char *const folder = "models/llama-4m", *const path = "models/llama-4m/golden.json";
    struct model m;
    struct mill mill;
    struct error err = {0};
    uint32_t prompt_count, count;
    (void)state;

    if (access("models/llama-4m/model.safetensors", R_OK) != 0)
        skip();
    json_t *golden = json_load_file(path, 0, NULL);
    assert_non_null(golden);
    uint32_t *prompt = golden_ids(golden, "prompt_ids", &prompt_count);
    uint32_t *wanted = golden_ids(golden, "continuation_ids", &count);
    assert_int_equal(count, 64);
    json_decref(golden);

    if (!model_open(&m, folder, NULL, &err))
        fail_msg("%s", err.message);
    struct float_model *model = open_float_model(&m, &mill, 1, prompt_count);
    float *logits = malloc((size_t)prompt_count * m.vocab * sizeof *logits);
    assert_non_null(logits);
    float_model_run(model, 0, 0, prompt, prompt_count, logits);
    uint32_t token = best(logits + (size_t)(prompt_count - 1) * m.vocab, m.vocab);
    for (uint32_t i = 0; i < count; i++) {
        if (token != wanted[i])
            fail_msg("%s: token %u of the continuation is %u, not %u", path, i, token, wanted[i]);
        float_model_run(model, 0, prompt_count + i, &token, 1, logits);
        token = best(logits, m.vocab);
    }
    free(logits);
    free(prompt);
    free(wanted);
    float_model_close(model);
    compiled_free(&mill);
    model_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_double),
        cmocka_unit_test(test_absent),
        cmocka_unit_test(test_golden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
