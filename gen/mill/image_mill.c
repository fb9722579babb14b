/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sections of an image network, little endian:
 *
 *   network   u32: nodes, weight bits, act bits, selective, anchor, tile, two
 *             thresholds; the name, 64 bytes; then a record a node: the u32 and
 *             f32 of node_fields and integer_fields in their order, inputs
 *             (16 u32) and the name (64 bytes)
 *   floats    f32 of each node in order: weight, bias
 *   integers  of each node in order: q (i8), scale (u8), weight (i32), bias (i32)
 *
 * How many of each a node has follows from its shape.
 */
#include "gen/mill/image_mill.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/little_endian.h"
#include "base/reader.h"
#include "gen/image/quantise.h"
#include "gen/mill/container.h"
#include "gen/op/numerics.h"

/* Members of four bytes: unsigned, signed, float or enumeration. */
static const size_t node_fields[] = {
    offsetof(struct image_node, op),
    offsetof(struct image_node, inputs),
    offsetof(struct image_node, channels),
    offsetof(struct image_node, half),
    offsetof(struct image_node, window.kernel_h),
    offsetof(struct image_node, window.kernel_w),
    offsetof(struct image_node, window.stride_y),
    offsetof(struct image_node, window.stride_x),
    offsetof(struct image_node, window.pad_top),
    offsetof(struct image_node, window.pad_left),
    offsetof(struct image_node, window.pad_bottom),
    offsetof(struct image_node, window.pad_right),
    offsetof(struct image_node, groups),
    offsetof(struct image_node, pad_value),
    offsetof(struct image_node, low),
    offsetof(struct image_node, high),
    offsetof(struct image_node, factor),
    offsetof(struct image_node, order),
    offsetof(struct image_node, filter),
    offsetof(struct image_node, cubic_a),
};
static const size_t integer_fields[] = {
    offsetof(struct image_integers, fraction),
    offsetof(struct image_integers, shift),
    offsetof(struct image_integers, low),
    offsetof(struct image_integers, high),
};

enum {
    NODE_FIELDS = sizeof node_fields / sizeof *node_fields,
    INTEGER_FIELDS = sizeof integer_fields / sizeof *integer_fields,
    NAME_BYTES = 64,
    HEAD_FIELDS = 8,
    HEAD_BYTES = 4 * HEAD_FIELDS + NAME_BYTES,
    RECORD_BYTES = 4 * (NODE_FIELDS + INTEGER_FIELDS + IMAGE_INPUTS_MAX) + NAME_BYTES,
};

/* Bytes on their way into a section, or only their number where data is NULL. */
struct writer {
    uint8_t *data;
    size_t size;
};

static void put(struct writer *w, const void *data, size_t size)
{
    if (w->data && size)
        memcpy(w->data + w->size, data, size);
    w->size += size;
}

static void put_network(struct writer *w, const struct integer_network *n)
{
    const struct image_network *net = &n->network;
    const uint32_t head[HEAD_FIELDS] = {net->nodes,        n->weight_bits,   n->act_bits,
                                        net->selective,    net->anchor,      net->tile,
                                        net->threshold[0], net->threshold[1]};

    put(w, head, sizeof head);
    put(w, net->name, NAME_BYTES);
    for (uint32_t i = 0; i < net->nodes; i++) {
        for (size_t f = 0; f < NODE_FIELDS; f++)
            put(w, (const uint8_t *)&net->node[i] + node_fields[f], 4);
        for (size_t f = 0; f < INTEGER_FIELDS; f++)
            put(w, (const uint8_t *)&n->node[i] + integer_fields[f], 4);
        put(w, net->node[i].input, sizeof net->node[i].input);
        put(w, net->node[i].name, NAME_BYTES);
    }
}

/* How many elements a node's arrays have. */
struct counts {
    size_t weight, bias, q, scale, integer_weight;
};

static struct counts count_arrays(const struct image_network *net, const struct image_node *node)
{
    struct counts c = {0};
    struct operand_blocks blocks;

    if (node->op == IMAGE_CONV && image_operand_blocks(net, node, &blocks)) {
        c.q = c.weight = node->channels * image_taps(net, node);
        c.scale = (size_t)node->channels * image_scales(net, node, &blocks);
    } else if (node->op == IMAGE_ACTIVATION || node->op == IMAGE_AFFINE) {
        c.weight = c.integer_weight = node->channels;
    }
    if (node->op == IMAGE_CONV || node->op == IMAGE_AFFINE)
        c.bias = node->channels;
    return c;
}

static void put_floats(struct writer *w, const struct integer_network *n)
{
    for (uint32_t i = 0; i < n->network.nodes; i++) {
        const struct image_node *node = &n->network.node[i];
        struct counts c = count_arrays(&n->network, node);
        put(w, node->weight, c.weight * sizeof(float));
        put(w, node->bias, c.bias * sizeof(float));
    }
}

static void put_integers(struct writer *w, const struct integer_network *n)
{
    for (uint32_t i = 0; i < n->network.nodes; i++) {
        const struct image_integers *node = &n->node[i];
        struct counts c = count_arrays(&n->network, &n->network.node[i]);
        put(w, node->q, c.q);
        put(w, node->scale, c.scale);
        put(w, node->weight, c.integer_weight * sizeof(int32_t));
        put(w, node->bias, c.bias * sizeof(int32_t));
    }
}

bool image_mill_write(const struct integer_network *network, const char *path, struct error *err)
{
    static void (*const puts_of[])(struct writer *, const struct integer_network *) = {
        put_network, put_floats, put_integers};
    static const enum section_kind kind[] = {SECTION_NETWORK, SECTION_FLOATS, SECTION_INTEGERS};
    struct mill_section section[SECTION_KINDS] = {{0}};
    struct writer w[3] = {{0}};
    bool ok = true;

    for (int i = 0; i < 3; i++) {
        puts_of[i](&w[i], network);
        w[i].data = malloc(w[i].size + 1);
        ok = ok && w[i].data;
        w[i].size = 0;
        if (ok)
            puts_of[i](&w[i], network);
        section[kind[i]] = (struct mill_section){w[i].data, w[i].size};
    }
    ok = ok ? mill_write_sections(section, path, err)
            : error_set(err, ERROR_FAILED, "%s: out of memory", path);
    for (int i = 0; i < 3; i++)
        free(w[i].data);
    return ok;
}

static bool read_record(struct reader *r, struct integer_network *n, uint32_t index,
                        struct error *err)
{
    struct image_node *node = &n->network.node[index];
    const uint8_t *at;

    if (!reader_take(r, 1, RECORD_BYTES, "nodes", &at, err))
        return false;
    for (size_t f = 0; f < NODE_FIELDS; f++, at += 4)
        memcpy((uint8_t *)node + node_fields[f], at, 4);
    for (size_t f = 0; f < INTEGER_FIELDS; f++, at += 4)
        memcpy((uint8_t *)&n->node[index] + integer_fields[f], at, 4);
    memcpy(node->input, at, sizeof node->input);
    memcpy(node->name, at + sizeof node->input, NAME_BYTES - 1);
    if ((uint32_t)node->op >= IMAGE_OPS || (uint32_t)node->filter >= IMAGE_FILTERS ||
        (uint32_t)node->order >= IMAGE_ORDERS || isnan(node->low) || isnan(node->high) ||
        !(node->cubic_a >= -2 && node->cubic_a <= 0) ||
        !(fabsf(node->pad_value) <= 255 && node->pad_value == floorf(node->pad_value)))
        return error_set(err, ERROR_INPUT, "node %s: a field is out of range", node->name);
    return true;
}

static bool read_head(struct reader *r, struct integer_network *n, struct error *err)
{
    struct image_network *net = &n->network;
    uint32_t head[HEAD_FIELDS];
    const uint8_t *name;

    for (int i = 0; i < HEAD_FIELDS; i++)
        if (!reader_u32(r, "head", &head[i], err))
            return false;
    if (!reader_take(r, 1, NAME_BYTES, "name", &name, err))
        return false;
    memcpy(net->name, name, NAME_BYTES - 1);
    n->weight_bits = head[1];
    n->act_bits = head[2];
    net->selective = head[3];
    net->anchor = head[4];
    net->tile = head[5];
    net->threshold[0] = head[6];
    net->threshold[1] = head[7];
    if (head[0] < 2 || head[0] > IMAGE_NODES_MAX || head[3] > 1 || n->weight_bits < 2 ||
        n->weight_bits > 8 || n->act_bits < 8 || n->act_bits > 12)
        return error_set(err, ERROR_INPUT, "network: a size is out of range");
    net->nodes = net->room = head[0];
    net->node = arena_alloc(&net->arena, net->nodes, sizeof *net->node);
    n->node = arena_alloc(&net->arena, net->nodes, sizeof *n->node);
    return (net->node && n->node) || error_set(err, ERROR_FAILED, "out of memory");
}

static bool take(struct reader *r, size_t count, size_t size, void *to, struct error *err)
{
    const uint8_t *at;

    if (!reader_take(r, count, size, "weights", &at, err))
        return false;
    if (count)
        memcpy(to, at, count * size);
    return true;
}

static bool read_floats(struct reader *r, struct image_network *net, struct error *err)
{
    for (uint32_t i = 0; i < net->nodes; i++) {
        struct image_node *node = &net->node[i];
        struct counts c = count_arrays(net, node);
        if (c.weight)
            node->weight = arena_alloc(&net->arena, c.weight, sizeof *node->weight);
        if (c.bias)
            node->bias = arena_alloc(&net->arena, c.bias, sizeof *node->bias);
        if ((c.weight && !node->weight) || (c.bias && !node->bias))
            return error_set(err, ERROR_FAILED, "out of memory");
        if (!take(r, c.weight, sizeof *node->weight, node->weight, err) ||
            !take(r, c.bias, sizeof *node->bias, node->bias, err))
            return false;
    }
    return reader_at_end(r, err);
}

static bool in_range(const int32_t *value, size_t count, int32_t limit)
{
    for (size_t i = 0; i < count; i++)
        if (value[i] > limit || value[i] < -limit)
            return false;
    return true;
}

static bool check_integers(const struct integer_network *n, uint32_t index, const struct counts *c,
                           struct error *err)
{
    const struct image_integers *node = &n->node[index];
    const struct image_network *net = &n->network;
    int limit = (1 << (n->weight_bits - 1)) - 1;
    bool ok = node->shift <= 55 && node->fraction >= FRACTION_LEAST &&
              node->fraction <= FRACTION_MOST && node->low <= node->high &&
              in_range(&node->low, 1, WIDE_MAX) && in_range(&node->high, 1, WIDE_MAX) &&
              in_range(node->weight, c->integer_weight, WIDE_MAX) &&
              in_range(node->bias, c->bias, WIDE_MAX) &&
              (!image_is_bytes(net, index) || node->fraction == 0);

    for (size_t i = 0; ok && i < c->q; i++)
        ok = node->q[i] >= -limit && node->q[i] <= limit;
    return ok || error_set(err, ERROR_INPUT, "node %s: an integer is out of range",
                           net->node[index].name);
}

static bool read_integers(struct reader *r, struct integer_network *n, struct error *err)
{
    for (uint32_t i = 0; i < n->network.nodes; i++) {
        struct image_integers *node = &n->node[i];
        struct counts c = count_arrays(&n->network, &n->network.node[i]);
        if (!image_integers_alloc(n, i, err) || !take(r, c.q, 1, node->q, err) ||
            !take(r, c.scale, 1, node->scale, err) ||
            !take(r, c.integer_weight, sizeof *node->weight, node->weight, err) ||
            !take(r, c.bias, sizeof *node->bias, node->bias, err) || !check_integers(n, i, &c, err))
            return false;
    }
    return reader_at_end(r, err);
}

static bool read_sections(struct integer_network *n, const struct mill_section *section,
                          struct error *err)
{
    struct reader r[3];
    static const struct {
        enum section_kind kind;
        const char *name;
    } part[] = {
        {SECTION_NETWORK, "network"}, {SECTION_FLOATS, "floats"}, {SECTION_INTEGERS, "integers"}};

    for (int i = 0; i < 3; i++)
        r[i] = (struct reader){part[i].name, section[part[i].kind].data, section[part[i].kind].size,
                               0};
    if (!read_head(&r[0], n, err))
        return false;
    for (uint32_t i = 0; i < n->network.nodes; i++)
        if (!read_record(&r[0], n, i, err))
            return false;
    return reader_at_end(&r[0], err) && image_network_check(&n->network, err) &&
           read_floats(&r[1], &n->network, err) && read_integers(&r[2], n, err);
}

bool image_mill_read(struct integer_network *network, const struct mapped_file *file,
                     struct error *err)
{
    struct mill_section section[SECTION_KINDS] = {{0}};

    *network = (struct integer_network){0};
    if (!mill_read_sections(file, section, err))
        return false;
    if (!section[SECTION_NETWORK].data)
        return error_set(err, ERROR_INPUT, "holds no image network; see millrace run");
    if (read_sections(network, section, err))
        return true;
    image_network_free(&network->network);
    return false;
}

bool image_mill_open(struct integer_network *network, const char *path, struct error *err)
{
    struct mapped_file file;

    if (!mapped_file_open(&file, path, err))
        return false;
    bool ok = image_mill_read(network, &file, err);
    mapped_file_close(&file);
    return ok || error_prefix(err, "%s", path);
}

bool image_mill_is(const char *path)
{
    struct mill_section section[SECTION_KINDS] = {{0}};
    struct mapped_file file;
    struct error err = {0};

    if (!mapped_file_open(&file, path, &err))
        return false;
    bool yes = mill_read_sections(&file, section, &err) && section[SECTION_NETWORK].data;
    mapped_file_close(&file);
    return yes;
}
