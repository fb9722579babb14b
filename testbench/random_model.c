/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Usage: random_model SEED FOLDER
 *
 * Write a small llama2.c checkpoint of a random shape, FOLDER/model.bin, with a
 * tokenizer that fits it, FOLDER/tokenizer.bin, and print options for the rest
 * of the way: "compile: ..." and "emit: ...".
 */
#include <stdlib.h>

#include "testbench/random_checkpoint.h"

struct shape {
    int32_t dim, hidden_dim, layers, heads, kv_heads, vocab, max_seq;
};

static struct shape draw_shape(struct random *random)
{
    static const int32_t head_dims[] = {2, 4, 6, 8, 10, 16, 20, 34};
    static const int32_t groups[][2] = {{1, 1}, {2, 1}, {2, 2}, {3, 1}, {4, 2}, {3, 3}};
    uint32_t heads = below(random, 6);
    int32_t head_dim = head_dims[below(random, 8)];

    return (struct shape){
        .dim = groups[heads][0] * head_dim,
        .hidden_dim = 3 + (int32_t)below(random, 60),
        .layers = 1 + (int32_t)below(random, 2),
        .heads = groups[heads][0],
        .kv_heads = groups[heads][1],
        .vocab = 5 + (int32_t)below(random, 70),
        .max_seq = 6 + (int32_t)below(random, 60),
    };
}

static void write_model(FILE *file, const struct shape *s, struct random *random)
{
    struct shape header = *s;
    size_t dim = (size_t)s->dim, hidden = (size_t)s->hidden_dim, layers = (size_t)s->layers;
    size_t keys = dim / (size_t)s->heads * (size_t)s->kv_heads;
    int tied = random_unit(random) < 0.5;
    double gain = 0.3 + 2 * random_unit(random);

    if (!tied)
        header.vocab = -header.vocab;
    fwrite(&header, sizeof header, 1, file);
    put_floats(file, random, (size_t)s->vocab * dim, 0, 0.5);
    put_floats(file, random, layers * dim, 1, 0.3);
    put_floats(file, random, layers * dim * dim, 0, gain / sqrt(s->dim));
    put_floats(file, random, 2 * layers * keys * dim, 0, gain / sqrt(s->dim));
    put_floats(file, random, layers * dim * dim, 0, 1 / sqrt(s->dim));
    put_floats(file, random, layers * dim, 1, 0.3);
    put_floats(file, random, layers * hidden * dim, 0, gain / sqrt(s->dim));
    put_floats(file, random, layers * dim * hidden, 0, 1 / sqrt(s->hidden_dim));
    put_floats(file, random, layers * hidden * dim, 0, gain / sqrt(s->dim));
    put_floats(file, random, dim, 1, 0.3);
    put_floats(file, random, (size_t)s->max_seq * dim / (size_t)s->heads, 0, 1); /* not read */
    if (!tied)
        put_floats(file, random, (size_t)s->vocab * dim, 0, 0.5);
}

static void print_options(struct random *random)
{
    static const int weights[] = {8, 4, 4, 3, 2}, lanes[] = {4, 8, 16}, buses[] = {16, 32, 64, 128};

    printf("compile: --weights %d --acts %d\n", weights[below(random, 5)],
           random_unit(random) < 0.75 ? 8 : 4);
    printf("emit: --lanes %d --columns %u --bus %d\n", lanes[below(random, 3)],
           1 + below(random, 5), buses[below(random, 4)]);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return fputs("usage: random_model SEED FOLDER\n", stderr), 2;
    struct random random;
    random_seed(&random, strtoull(argv[1], NULL, 10));
    struct shape shape = draw_shape(&random);
    FILE *model = create(argv[2], "model.bin"), *tokenizer = create(argv[2], "tokenizer.bin");
    if (!model || !tokenizer)
        return 1;
    write_model(model, &shape, &random);
    write_tokenizer(tokenizer, shape.vocab);
    print_options(&random);
    fprintf(stderr,
            "seed %s: dim %d, hidden %d, %d layers, %d heads, %d kv heads, vocab %d, context %d\n",
            argv[1], shape.dim, shape.hidden_dim, shape.layers, shape.heads, shape.kv_heads,
            shape.vocab, shape.max_seq);
    return fclose(model) == 0 && fclose(tokenizer) == 0 ? 0 : 1;
}
