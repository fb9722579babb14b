/* SPDX-License-Identifier: Apache-2.0 */
/* A random classifier: what importing folds away is the model that the file means, the
 * integers come near it, and its .mill file holds all of it. */
#include "host/classifier.h"

#include "gen/compile/compile.h"
#include "gen/import/classifier.h"
#include "gen/mill/frames.h"
#include "gen/mill/mill_write.h"
#include "testbench/model_support.h"

enum {
    SEED = 77,
    FEATURES = 13,
    WIDTH = 16,
    INNER = 32,
    STATE = 16,
    RANK = 3,
    TAPS = 4,
    CLASSES = 5,
    FRAMES = 30,
    TENSORS = 13,
    MODELS = 4
};

/* The tensors as a file has them, and frames. */
struct fixture {
    float linear[WIDTH][FEATURES], linear_bias[WIDTH];
    float in[2 * INNER][WIDTH], conv[INNER][TAPS], conv_bias[INNER];
    float x[RANK + 2 * STATE][INNER], dt[INNER][RANK], dt_bias[INNER];
    float a_log[INNER][STATE], d[INNER], out[WIDTH][INNER];
    float classifier[CLASSES][WIDTH], classifier_bias[CLASSES];
    float frame[FRAMES][FEATURES];
};

static void fill(float *value, size_t count, double mean, double spread, uint64_t *random)
{
    for (size_t i = 0; i < count; i++)
        value[i] = (float)(mean + spread * (double)next_float(random));
}

#define FILL(part, mean, spread)                                                                   \
    fill((float *)(part), sizeof(part) / sizeof(float), mean, spread, random)

static void draw(struct fixture *f, uint64_t *random)
{
    FILL(f->linear, 0, 0.3);
    FILL(f->linear_bias, 0.2, 0.5);
    FILL(f->in, 0, 0.4);
    FILL(f->conv, 0.2, 0.5);
    FILL(f->conv_bias, 0, 0.2);
    FILL(f->x, 0, 0.3);
    FILL(f->dt, 0, 0.5);
    FILL(f->dt_bias, -2, 1);
    FILL(f->a_log, 1, 0.7);
    FILL(f->d, 1, 0.3);
    FILL(f->out, 0, 0.3);
    FILL(f->classifier, 0, 0.5);
    FILL(f->classifier_bias, 0.3, 1);
    FILL(f->frame, -1, 3);
}

static double silu(double x)
{
    return x / (1 + exp(-x));
}

static double dot(const float *row, const double *x, int count)
{
    double sum = 0;

    for (int i = 0; i < count; i++)
        sum += (double)row[i] * x[i];
    return sum;
}

/* The block's state between frames. */
struct block_state {
    double past[TAPS - 1][INNER], h[INNER][STATE];
};

/* One frame through the block, as Gu and Dao 2023 have it: y of a channel. */
static void run_block(const struct fixture *f, const double *u, struct block_state *s, double *y)
{
    double x[INNER], parameter[RANK + 2 * STATE];

    for (int c = 0; c < INNER; c++) {
        double now = dot(f->in[c], u, WIDTH), sum = (double)f->conv_bias[c];
        for (int k = 0; k < TAPS - 1; k++)
            sum += (double)f->conv[c][k] * s->past[k][c];
        sum += (double)f->conv[c][TAPS - 1] * now;
        for (int k = 0; k < TAPS - 2; k++)
            s->past[k][c] = s->past[k + 1][c];
        s->past[TAPS - 2][c] = now;
        x[c] = silu(sum);
    }
    for (int r = 0; r < RANK + 2 * STATE; r++)
        parameter[r] = dot(f->x[r], x, INNER);
    for (int c = 0; c < INNER; c++) {
        double dt = log1p(exp(dot(f->dt[c], parameter, RANK) + (double)f->dt_bias[c]));
        y[c] = (double)f->d[c] * x[c];
        for (int n = 0; n < STATE; n++) {
            double *h = &s->h[c][n];
            *h = exp(-dt * exp((double)f->a_log[c][n])) * *h + dt * x[c] * parameter[RANK + n];
            y[c] += *h * parameter[RANK + STATE + n];
        }
        y[c] *= silu(dot(f->in[INNER + c], u, WIDTH));
    }
}

/* The classifier in double: linear, block, mean, linear. */
static void classify_in_double(const struct fixture *f, double *logits)
{
    struct block_state state = {0};
    double mean[WIDTH] = {0};

    for (int t = 0; t < FRAMES; t++) {
        double features[FEATURES], u[WIDTH], y[INNER];
        for (int i = 0; i < FEATURES; i++)
            features[i] = (double)f->frame[t][i];
        for (int k = 0; k < WIDTH; k++)
            u[k] = dot(f->linear[k], features, FEATURES) + (double)f->linear_bias[k];
        run_block(f, u, &state, y);
        for (int k = 0; k < WIDTH; k++)
            mean[k] += dot(f->out[k], y, INNER) / FRAMES;
    }
    for (int c = 0; c < CLASSES; c++)
        logits[c] = dot(f->classifier[c], mean, WIDTH) + (double)f->classifier_bias[c];
}

static void add_tensor(struct tensor_table *table, const char *name, const float *value,
                       uint32_t rows, uint32_t columns)
{
    bool matrix = rows > 1, conv = strstr(name, "conv1d.weight") != NULL;

    table->tensor[table->count++] = (struct tensor){
        .name = name,
        .file = "test",
        .type = "F32",
        .readable = true,
        .format = WEIGHT_F32,
        .dimensions = conv     ? 3
                      : matrix ? 2
                               : 1,
        .shape = {matrix ? rows : columns, conv ? 1 : columns, conv ? columns : 0},
        .data = (const uint8_t *)value,
    };
}

static void make_model_of(const struct fixture *f, struct model *m)
{
    json_t *config = json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "input_features",
                               FEATURES, "classes", CLASSES, "d_model", WIDTH, "d_state", STATE,
                               "d_conv", TAPS, "expand", 2, "dt_rank", RANK, "n_layer", 1);
    struct tensor tensor[TENSORS];
    struct tensor_table table = {tensor, 0};
    struct npy_matrix frames = {FRAMES, FEATURES, &f->frame[0][0]};
    struct error err = {0};

    add_tensor(&table, "linear_in.weight", &f->linear[0][0], WIDTH, FEATURES);
    add_tensor(&table, "linear_in.bias", f->linear_bias, 1, WIDTH);
    add_tensor(&table, "layers.0.mixer.in_proj.weight", &f->in[0][0], 2 * INNER, WIDTH);
    add_tensor(&table, "layers.0.mixer.conv1d.weight", &f->conv[0][0], INNER, TAPS);
    add_tensor(&table, "layers.0.mixer.conv1d.bias", f->conv_bias, 1, INNER);
    add_tensor(&table, "layers.0.mixer.x_proj.weight", &f->x[0][0], RANK + 2 * STATE, INNER);
    add_tensor(&table, "layers.0.mixer.dt_proj.weight", &f->dt[0][0], INNER, RANK);
    add_tensor(&table, "layers.0.mixer.dt_proj.bias", f->dt_bias, 1, INNER);
    add_tensor(&table, "layers.0.mixer.A_log", &f->a_log[0][0], INNER, STATE);
    add_tensor(&table, "layers.0.mixer.D", f->d, 1, INNER);
    add_tensor(&table, "layers.0.mixer.out_proj.weight", &f->out[0][0], WIDTH, INNER);
    add_tensor(&table, "classifier.weight", &f->classifier[0][0], CLASSES, WIDTH);
    add_tensor(&table, "classifier.bias", f->classifier_bias, 1, CLASSES);
    *m = (struct model){.name = "classifier"};
    assert_true(classifier_config_is(config));
    if (!classifier_config_parse(m, config, "config.json", &err) ||
        !tensor_table_sort(&table, &err) || !classifier_take_tensors(m, &table, "test", &err) ||
        !classifier_set_scale(m, frame_scale(&frames), &err))
        fail_msg("%s", err.message);
    json_decref(config);
}

static void classify_on(const char *device_name, struct mill *mill, const struct fixture *f,
                        double *logits)
{
    struct npy_matrix frames = {FRAMES, FEATURES, &f->frame[0][0]};
    struct error err = {0};
    struct device *device = device_open(device_name, mill, NULL, &err);

    if (!device || !mill_set_frames(mill, &frames, NULL, &err) ||
        !classify_frames(mill, device, logits, &err))
        fail_msg("%s: %s", device_name, err.message);
    device_close(device);
}

/* The float device within float's rounding and that of a frame's 16 bits; the integers
 * within a share of the logits' range. */
static void compare(struct mill *mill, const struct fixture *f, int number)
{
    double wanted[CLASSES], found[CLASSES], range = 0;
    const struct {
        const char *device;
        double share;
    } bound[] = {{"float", 1e-3}, {"ref", 0.06}};

    classify_in_double(f, wanted);
    for (int c = 0; c < CLASSES; c++)
        range = fmax(range, fabs(wanted[c]));
    for (size_t i = 0; i < 2; i++) {
        classify_on(bound[i].device, mill, f, found);
        for (int c = 0; c < CLASSES; c++)
            if (!(fabs(found[c] - wanted[c]) <= bound[i].share * range))
                fail_msg("seed %d, model %d, %s, class %d: %g, not %g, of a range of %g", SEED,
                         number, bound[i].device, c, found[c], wanted[c], range);
    }
}

static void test_classifier(void **state)
{
    uint64_t random = SEED;
    const char *folder = make_folder();
    (void)state;

    for (int number = 0; number < MODELS; number++) {
        struct fixture f;
        struct model m;
        struct mill compiled, mill;
        struct error err = {0};
        char path[128];
        draw(&f, &random);
        make_model_of(&f, &m);
        const struct npy_matrix frames = {FRAMES, FEATURES, &f.frame[0][0]};
        const struct compile_options options = {
            .weight_bits = 8, .act_bits = 8, .frames = &frames, .floats = true};
        snprintf(path, sizeof path, "%s/%d.mill", folder, number);
        if (!compile_model(&m, &options, &compiled, &err) || !mill_write(&compiled, path, &err) ||
            !mill_open(&mill, path, &err))
            fail_msg("seed %d, model %d: %s", SEED, number, err.message);
        assert_int_equal(mill.shape.features, FEATURES);
        assert_int_equal(mill_inputs(&mill), 0);
        compare(&mill, &f, number);
        mill_close(&mill);
        compiled_free(&compiled);
        model_close(&m);
    }
    remove_folder(folder);
}

/* Frames all have one length; one that is too long is told and shortened. */
static void test_frames(void **state)
{
    const float row[3][2] = {{3, 4}, {0, 0}, {30, -40}};
    const struct npy_matrix features = {3, 2, &row[0][0]}, wide = {1, 6, &row[0][0]};
    struct mill mill = {.shape = {.dim = 48, .features = 2, .max_seq = 3},
                        .feature_scale = FRAME_RADIUS / 10.0F,
                        .name = "m"};
    struct error err = {0};
    uint32_t shortened;
    (void)state;

    assert_true(mill_set_frames(&mill, &features, &shortened, &err));
    assert_int_equal(shortened, 1);
    assert_int_equal(mill_inputs(&mill), 3);
    for (int r = 0; r < 3; r++) {
        double sum = 0;
        for (int i = 0; i < 48; i++)
            sum += (double)mill.frame[r * 48 + i] * mill.frame[r * 48 + i];
        assert_float_equal(sqrt(sum), frame_length(), 2);
    }
    assert_int_equal(mill.frame[0], 9000);
    assert_int_equal(mill.frame[2 * 48 + 1], -24000);
    assert_false(mill_set_frames(&mill, &wide, NULL, &err));
    assert_non_null(strstr(err.message, "6 features"));
    mill.shape.max_seq = 2;
    assert_false(mill_set_frames(&mill, &features, NULL, &err));
    assert_non_null(strstr(err.message, "3 frames"));
    arena_free(&mill.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classifier),
        cmocka_unit_test(test_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
