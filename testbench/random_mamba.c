/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Usage: random_mamba SEED FOLDER [serial]
 *
 * Write a small Mamba or Mamba-2 checkpoint of a random shape into FOLDER, as mamba_ssm
 * does (config.json, model.safetensors), with a tokenizer that fits it, and print
 * options for the rest of the way: "compile: ..." and "emit: ...".  With `serial` it is one
 * that a serial column takes (design_is_serial).
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "testbench/random_checkpoint.h"

struct shape {
    bool first; /* Mamba; else Mamba-2 */
    uint32_t dim, expand, layers, vocab, state, taps, rank, head_width, heads;
};

static struct shape draw_shape(struct random *random)
{
    /* Inner sizes of whole blocks; 24 x 2 and 48 x 2 are rotated by the matrix of order 12. */
    static const uint32_t sizes[][2] = {{8, 2}, {16, 1}, {16, 2}, {24, 2}, {32, 2}, {48, 2}};
    const uint32_t *size = sizes[below(random, 6)];
    struct shape s = {.first = random_unit(random) < 0.5,
                      .dim = size[0],
                      .expand = size[1],
                      .layers = 1 + below(random, 2),
                      .vocab = 5 + below(random, 70),
                      .state = 16 * (1 + below(random, 3)),
                      .taps = 2 + below(random, 3)};
    uint32_t inner = s.dim * s.expand;

    s.rank = 1 + below(random, 20);
    s.head_width = inner % 32 == 0 && random_unit(random) < 0.5 ? 32 : 16;
    s.heads = s.first ? inner : inner / s.head_width;
    return s;
}

static struct shape draw_serial_shape(struct random *random)
{
    struct shape s = {.first = true,
                      .dim = 8 + 8 * below(random, 6),
                      .expand = 2,
                      .layers = 1 + below(random, 3),
                      .vocab = 5 + below(random, 40),
                      .state = 16,
                      .taps = 2 + below(random, 3)};

    s.rank = 1 + below(random, 20);
    s.heads = s.dim * s.expand;
    return s;
}

static void write_config(FILE *file, const struct shape *s, bool tied)
{
    fprintf(file,
            "{\"d_model\": %" PRIu32 ", \"n_layer\": %" PRIu32 ", \"vocab_size\": %" PRIu32
            ", \"tie_embeddings\": %s, \"pad_vocab_size_multiple\": 1,\n"
            " \"ssm_cfg\": {\"layer\": \"Mamba%d\", \"d_state\": %" PRIu32 ", \"expand\": %" PRIu32
            ", \"d_conv\": %" PRIu32 ", \"%s\": %" PRIu32 "}}\n",
            s->dim, s->layers, s->vocab, tied ? "true" : "false", s->first ? 1 : 2, s->state,
            s->expand, s->taps, s->first ? "dt_rank" : "headdim",
            s->first ? s->rank : s->head_width);
}

/* A tensor of normal values. */
struct part {
    const char *name;
    uint32_t shape[3]; /* outermost first, 0 ends */
    double mean, deviation;
};

static size_t count_of(const struct part *p)
{
    size_t count = 1;
    for (int i = 0; i < 3 && p->shape[i]; i++)
        count *= p->shape[i];
    return count;
}

/* The file's header and its values come in two sweeps over the same parts. */
struct writer {
    FILE *header, *values;
    struct random *random;
    size_t offset;
};

static void write_part(struct writer *w, const char *prefix, const struct part *p)
{
    size_t end = w->offset + sizeof(float) * count_of(p);

    fprintf(w->header, "%s\"%s%s\": {\"dtype\": \"F32\", \"shape\": [%" PRIu32,
            w->offset ? ", " : "{", prefix, p->name, p->shape[0]);
    for (int i = 1; i < 3 && p->shape[i]; i++)
        fprintf(w->header, ", %" PRIu32, p->shape[i]);
    fprintf(w->header, "], \"data_offsets\": [%zu, %zu]}", w->offset, end);
    put_floats(w->values, w->random, count_of(p), p->mean, p->deviation);
    w->offset = end;
}

/* Time steps and decays as training starts them. */
static void write_layer(struct writer *w, const struct shape *s, uint32_t layer, double gain)
{
    uint32_t inner = s->dim * s->expand, channels = inner + (s->first ? 0 : 2 * s->state);
    uint32_t rows = inner + channels + (s->first ? 0 : s->heads);
    double by_dim = gain / sqrt(s->dim), by_inner = 1 / sqrt(inner);
    const struct part shared[] = {
        {"norm.weight", {s->dim}, 1, 0.3},
        {"mixer.in_proj.weight", {rows, s->dim}, 0, by_dim},
        {"mixer.conv1d.weight", {channels, 1, s->taps}, 0.2, 0.5},
        {"mixer.conv1d.bias", {channels}, 0, 0.2},
        {"mixer.D", {s->heads}, 1, 0.3},
        {"mixer.out_proj.weight", {s->dim, inner}, 0, by_inner},
    };
    const struct part of_mamba[] = {
        {"mixer.x_proj.weight", {s->rank + 2 * s->state, inner}, 0, 2 * by_inner},
        {"mixer.dt_proj.weight", {inner, s->rank}, 0, 1 / sqrt(s->rank)},
        {"mixer.dt_proj.bias", {inner}, -3, 1},
        {"mixer.A_log", {inner, s->state}, 1, 0.7},
    };
    const struct part of_mamba2[] = {
        {"mixer.dt_bias", {s->heads}, -3, 1},
        {"mixer.A_log", {s->heads}, 1, 0.7},
        {"mixer.norm.weight", {inner}, 1, 0.3},
    };
    char prefix[64];

    snprintf(prefix, sizeof prefix, "backbone.layers.%" PRIu32 ".", layer);
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        write_part(w, prefix, &shared[i]);
    for (size_t i = 0; s->first && i < sizeof of_mamba / sizeof *of_mamba; i++)
        write_part(w, prefix, &of_mamba[i]);
    for (size_t i = 0; !s->first && i < sizeof of_mamba2 / sizeof *of_mamba2; i++)
        write_part(w, prefix, &of_mamba2[i]);
}

static void write_parts(struct writer *w, const struct shape *s, bool tied)
{
    const struct part embedding = {"embedding.weight", {s->vocab, s->dim}, 0, 0.5};
    const struct part norm = {"norm_f.weight", {s->dim}, 1, 0.3};
    const struct part head = {"lm_head.weight", {s->vocab, s->dim}, 0, 0.5};
    double gain = 0.3 + 2 * random_unit(w->random);

    write_part(w, "backbone.", &embedding);
    write_part(w, "backbone.", &norm);
    for (uint32_t i = 0; i < s->layers; i++)
        write_layer(w, s, i, gain);
    if (!tied)
        write_part(w, "", &head);
    fputs("}", w->header);
}

static bool write_model(FILE *file, const struct shape *s, bool tied, struct random *random)
{
    char *header = NULL, *values = NULL;
    size_t header_size = 0, value_size = 0;
    struct writer w = {open_memstream(&header, &header_size), open_memstream(&values, &value_size),
                       random, 0};

    if (w.header && w.values)
        write_parts(&w, s, tied);
    bool ok = w.header && w.values && !fclose(w.header) && !fclose(w.values);
    uint64_t length = header_size; /* this machine is little-endian, as the format is */
    ok = ok && fwrite(&length, sizeof length, 1, file) == 1 &&
         fwrite(header, header_size, 1, file) == 1 && fwrite(values, value_size, 1, file) == 1;
    free(header);
    free(values);
    return ok;
}

static void print_options(struct random *random)
{
    static const int weights[] = {8, 4, 4, 3, 2}, lanes[] = {4, 8, 16}, buses[] = {16, 32, 64, 128};
    static const int states[] = {8, 8, 12, 16};

    printf("compile: --weights %d --acts %d --state %d --seq %u%s\n", weights[below(random, 5)],
           random_unit(random) < 0.75 ? 8 : 4, states[below(random, 4)], 6 + below(random, 60),
           random_unit(random) < 0.5 ? " --rotate" : "");
    printf("emit: --lanes %d --columns %u --bus %d --state %s\n", lanes[below(random, 3)],
           1 + below(random, 4), buses[below(random, 4)],
           random_unit(random) < 0.5 ? "chip" : "memory");
}

static void print_serial_options(struct random *random)
{
    static const int weights[] = {8, 8, 4, 3};
    int bits = weights[below(random, 4)], inputs = random_unit(random) < 0.5 ? 2 : 4;

    printf("compile: --weights %d --seq %u\n", bits, 6 + below(random, 60));
    printf("emit: --board icebreaker-flash --lanes %d --columns 1 --fifo 16\n",
           bits == 8 ? inputs : 2 * inputs);
}

int main(int argc, char **argv)
{
    bool serial = argc == 4 && strcmp(argv[3], "serial") == 0;
    if (argc != 3 && !serial)
        return fputs("usage: random_mamba SEED FOLDER [serial]\n", stderr), 2;
    struct random random;
    random_seed(&random, strtoull(argv[1], NULL, 10));
    struct shape s = serial ? draw_serial_shape(&random) : draw_shape(&random);
    bool tied = random_unit(&random) < 0.5;
    FILE *config = create(argv[2], "config.json"), *model = create(argv[2], "model.safetensors"),
         *tokenizer = create(argv[2], "tokenizer.bin");
    if (!config || !model || !tokenizer)
        return 1;
    write_config(config, &s, tied);
    bool ok = write_model(model, &s, tied, &random);
    write_tokenizer(tokenizer, (int32_t)s.vocab);
    (serial ? print_serial_options : print_options)(&random);
    fprintf(stderr,
            "seed %s: Mamba-%d, dim %" PRIu32 ", inner %" PRIu32 ", %" PRIu32 " layers, %" PRIu32
            " heads, state %" PRIu32 ", %" PRIu32 " taps, rank %" PRIu32 ", vocab %" PRIu32 "\n",
            argv[1], s.first ? 1 : 2, s.dim, s.dim * s.expand, s.layers, s.heads, s.state, s.taps,
            s.rank, s.vocab);
    ok = !fclose(config) && !fclose(model) && !fclose(tokenizer) && ok;
    return ok ? 0 : 1;
}
