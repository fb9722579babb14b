/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/options.h"
#include "gen/command.h"
#include "gen/compile/float_section.h"
#include "gen/graph/model.h"
#include "gen/mill/image_mill.h"
#include "gen/mill/mill.h"

static const char usage[] = "usage: millgen info MODEL|OUT.mill [--tokenizer FILE] [--json]\n"
                            "\n"
                            "Say what a model or a compiled model holds.\n"
                            "\n"
                            "example: millgen info stories.mill --json\n";

static bool is_mill(const char *path)
{
    char magic[8] = {0};
    FILE *file = fopen(path, "rb");

    if (!file)
        return false;
    bool yes = fread(magic, 1, sizeof magic, file) == sizeof magic &&
               memcmp(magic, "MILLRACE", sizeof magic) == 0;
    fclose(file);
    return yes;
}

/* The sizes that the architecture has. */
static void describe_sizes(json_t *object, const struct mill_shape *s)
{
    static const char *const names[] = {"llama", "mamba", "mamba2"};
    const struct {
        const char *name;
        uint32_t value;
        bool llama, mamba;
    } size[] = {
        {"dim", s->dim, true, true},
        {"hidden_dim", s->hidden_dim, true, false},
        {"layers", s->layers, true, true},
        {"heads", s->heads, true, false},
        {"kv_heads", s->kv_heads, true, false},
        {"head_dim", s->head_dim, true, false},
        {"inner", s->mixer.inner, false, true},
        {"state", s->mixer.state, false, true},
        {"conv_width", s->mixer.conv_width, false, true},
        {"dt_rank", s->mixer.dt_rank, false, true},
        {"mixer_heads", s->mixer.heads, false, true},
        {"vocab", s->vocab, true, true},
        {"max_seq", s->max_seq, true, true},
    };

    json_object_set_new(object, "architecture", json_string(names[s->architecture]));
    for (size_t i = 0; i < sizeof size / sizeof *size; i++)
        if (s->architecture == ARCHITECTURE_LLAMA ? size[i].llama : size[i].mamba)
            json_object_set_new(object, size[i].name, json_integer(size[i].value));
}

static json_t *describe_shape(const char *name, uint64_t parameters, const struct mill_shape *s)
{
    json_t *object = json_pack("{s:s, s:I}", "name", name, "parameters", (json_int_t)parameters);

    describe_sizes(object, s);
    return object;
}

static json_t *describe_model(const char *path, const char *tokenizer, struct error *err)
{
    struct model m;

    if (!model_open(&m, path, tokenizer, err))
        return NULL;
    struct mill_shape shape = model_shape(&m);
    json_t *object = describe_shape(m.name, model_parameters(&m), &shape);
    json_object_set_new(object, "tied_head", json_boolean(m.tied_head));
    model_close(&m);
    return object;
}

static json_t *describe_mill(const char *path, struct error *err)
{
    struct mill mill;

    if (!mill_open(&mill, path, err))
        return NULL;
    json_t *object = describe_shape(mill.name, mill.parameters, &mill.shape);
    json_object_set_new(object, "weight_bits", json_integer(mill.shape.weight_bits));
    json_object_set_new(object, "act_bits", json_integer(mill.shape.act_bits));
    json_object_set_new(object, "tape_bytes", json_integer((json_int_t)mill.tape_size));
    json_object_set_new(object, "tape_operations", json_integer((json_int_t)mill.op_count));
    json_object_set_new(object, "float_model", json_boolean(mill.float_count > 0));
    mill_close(&mill);
    return object;
}

static json_t *describe_image(const char *path, struct error *err)
{
    struct integer_network n;

    if (!image_mill_open(&n, path, err))
        return NULL;
    json_t *object = json_pack(
        "{s:s, s:I, s:i, s:i, s:i, s:i, s:i, s:b}", "name", n.network.name, "parameters",
        (json_int_t)image_parameters(&n.network, SUBNET_FULL), "scale", (int)n.network.scale,
        "channels", (int)n.network.node[0].channels, "nodes", (int)n.network.nodes, "weight_bits",
        (int)n.weight_bits, "act_bits", (int)n.act_bits, "subnets", (int)n.network.selective);
    image_network_free(&n.network);
    return object;
}

static void print_text(json_t *object)
{
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
    {
        char *text = json_dumps(value, JSON_ENCODE_ANY);
        printf("%-16s %s\n", key, text ? text : "");
        free(text);
    }
}

int command_info(int argc, char **argv)
{
    const char *tokenizer = NULL, *path = NULL;
    bool as_json = false;
    size_t operands = 0;
    struct error err = {0};
    const struct option_spec spec[] = {{"tokenizer", 0, OPTION_TEXT, &tokenizer, 0, 0},
                                       {"json", 0, OPTION_FLAG, &as_json, 0, 0}};

    if (command_wants_help(argc, argv))
        return fputs(usage, stdout), 0;
    if (options_parse(spec, 2, argc, argv, &path, 1, &operands, &err) && operands != 1)
        error_set(&err, ERROR_INPUT, "give one MODEL or .mill; see millgen info --help");
    if (err.code != ERROR_NONE) {
        fprintf(stderr, "millgen info: %s\n", err.message);
        return (int)err.code;
    }
    json_t *object = image_mill_is(path) ? describe_image(path, &err)
                     : is_mill(path)     ? describe_mill(path, &err)
                                         : describe_model(path, tokenizer, &err);
    if (!object) {
        fprintf(stderr, "millgen info: %s\n", err.message);
        return (int)err.code;
    }
    if (as_json) {
        json_dumpf(object, stdout, JSON_INDENT(2));
        putchar('\n');
    } else {
        print_text(object);
    }
    json_decref(object);
    return 0;
}
