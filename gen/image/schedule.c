/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/image/schedule.h"

#include <string.h>

struct scheduler {
    struct picture_schedule *out;
    const struct integer_network *network;
    const struct image_network *net;
    struct error *err;
};

static bool no_hardware(const struct scheduler *s, uint32_t index, const char *what)
{
    return error_set(s->err, ERROR_INPUT, "%s: node %s: no hardware for %s", s->net->name,
                     s->net->node[index].name, what);
}

static const struct image_node *node_at(const struct scheduler *s, uint32_t index)
{
    return &s->net->node[index];
}

/* The only reader of `index` if it is an `op`, else NO_NODE. */
static uint32_t only_reader(const struct scheduler *s, uint32_t index, enum image_op op)
{
    if (image_consumers(s->net, index) != 1)
        return NO_NODE;
    for (uint32_t i = index + 1; i < s->net->nodes; i++)
        for (uint32_t k = 0; k < s->net->node[i].inputs; k++)
            if (s->net->node[i].input[k] == index)
                return s->net->node[i].op == op ? i : NO_NODE;
    return NO_NODE;
}

static bool is_tail(const struct picture_tail *tail, uint32_t index)
{
    return index == tail->add || index == tail->resize || index == tail->shuffle;
}

/* An ADD of the resized picture, a shuffle: either may be missing. */
static bool find_tail(const struct scheduler *s)
{
    struct picture_tail *tail = &s->out->tail;
    uint32_t at = s->net->nodes - 1;

    *tail = (struct picture_tail){NO_NODE, NO_NODE, NO_NODE, NO_NODE, 0};
    for (uint32_t k = 0; node_at(s, at)->op == IMAGE_ADD && k < 2 && tail->add == NO_NODE; k++) {
        const struct image_node *resize = node_at(s, node_at(s, at)->input[k]);
        if (resize->op == IMAGE_RESIZE && resize->input[0] == 0) {
            tail->add = at;
            tail->resize = node_at(s, at)->input[k];
            tail->reach = resize->filter == IMAGE_CUBIC ? 2 : resize->filter == IMAGE_LINEAR;
        }
    }
    if (tail->add != NO_NODE)
        at = node_at(s, tail->add)->input[node_at(s, tail->add)->input[0] == tail->resize];
    if (node_at(s, at)->op == IMAGE_SHUFFLE) {
        tail->shuffle = at;
        at = node_at(s, at)->input[0];
    }
    tail->value = at;
    if ((tail->shuffle == NO_NODE ? 1 : node_at(s, tail->shuffle)->factor) != s->net->scale)
        return no_hardware(s, at, "layers on the larger picture");
    if (node_at(s, at)->half != node_at(s, at)->channels)
        return no_hardware(s, at, "a last layer that subnets share in part");
    if (s->net->selective && s->net->anchor != tail->resize)
        return no_hardware(s, s->net->anchor, "such an anchor");
    return true;
}

/* The nodes side by side that a convolution reads, and the border around them. */
static bool read_operand(const struct scheduler *s, struct picture_step *step)
{
    const struct image_node *conv = node_at(s, step->conv);
    uint32_t from = conv->input[0];
    struct image_window *w = &step->window;

    *w = conv->window;
    if (node_at(s, from)->op == IMAGE_PAD) {
        if (w->pad_top || w->pad_left || w->pad_bottom || w->pad_right)
            return no_hardware(s, step->conv, "two kinds of border");
        w->pad_top = node_at(s, from)->window.pad_top;
        w->pad_left = node_at(s, from)->window.pad_left;
        w->pad_bottom = node_at(s, from)->window.pad_bottom;
        w->pad_right = node_at(s, from)->window.pad_right;
        step->edge = true;
        from = node_at(s, from)->input[0];
    }
    bool joined = node_at(s, from)->op == IMAGE_CONCAT;
    step->segments = joined ? node_at(s, from)->inputs : 1;
    if (step->segments > STEP_SEGMENTS)
        return no_hardware(s, step->conv, "so many nodes side by side");
    for (uint32_t i = 0; i < step->segments; i++)
        step->segment[i] = joined ? node_at(s, from)->input[i] : from;
    if (joined && conv->groups > 1)
        return no_hardware(s, step->conv, "groups of nodes side by side");
    return true;
}

static bool check_convolution(const struct scheduler *s, const struct picture_step *step)
{
    const struct image_node *conv = node_at(s, step->conv);
    const struct image_window *w = &step->window;

    if (w->stride_y != 1 || w->stride_x != 1 || w->pad_top + w->pad_bottom + 1 != w->kernel_h ||
        w->pad_left + w->pad_right + 1 != w->kernel_w)
        return no_hardware(s, step->conv, "a convolution that changes the picture's size");
    if (step->taps && w->kernel_h * w->kernel_w > STEP_TAPS)
        return no_hardware(s, step->conv, "so large a kernel of bytes or of each channel");
    if (step->bytes && (conv->groups > 1 || s->net->node[0].channels > 4))
        return no_hardware(s, step->conv, "groups of bytes");
    if (!step->bytes && conv->pad_value != 0)
        return no_hardware(s, step->conv, "such a border");
    if (conv->groups > 1 && !step->depthwise && s->net->selective)
        return no_hardware(s, step->conv, "groups in subnets");
    return true;
}

static bool make_convolution(const struct scheduler *s, uint32_t index, struct picture_step *step)
{
    const struct image_node *conv = node_at(s, index);

    step->conv = step->result = index;
    step->taps = image_taps_are_blocks(s->net, conv);
    step->bytes = image_is_bytes(s->net, conv->input[0]);
    step->depthwise = image_is_depthwise(s->net, conv);
    if (!read_operand(s, step) || !check_convolution(s, step))
        return false;
    uint32_t next = only_reader(s, step->result, IMAGE_ACTIVATION);
    if (next != NO_NODE)
        step->activation = step->result = next;
    next = only_reader(s, step->result, IMAGE_ADD);
    if (next != NO_NODE && next != s->out->tail.add) {
        step->other = node_at(s, next)->input[node_at(s, next)->input[0] == step->result];
        /* The other operand must be there already. */
        if (step->other < index && s->out->value[step->other].kept)
            step->add = step->result = next;
        else
            step->other = NO_NODE;
    }
    return true;
}

static bool make_step(const struct scheduler *s, uint32_t index)
{
    const struct image_node *node = node_at(s, index);
    struct picture_step *step = &s->out->step[s->out->steps];

    *step = (struct picture_step){NO_NODE, NO_NODE, NO_NODE, index, NO_NODE, NO_NODE, 0,
                                  {0},     {0},     false,   false, false,   false,   0};
    switch (node->op) {
    case IMAGE_CONV:
        if (!make_convolution(s, index, step))
            return false;
        break;
    case IMAGE_ACTIVATION:
        step->activation = index;
        step->source = node->input[0];
        break;
    case IMAGE_ADD:
        step->add = index;
        step->source = node->input[0];
        step->other = node->input[1];
        break;
    case IMAGE_INPUT:
    case IMAGE_PAD:
    case IMAGE_CONCAT:
        return true; /* read by convolutions where they are */
    default:
        return no_hardware(s, index, "its operator here");
    }
    s->out->value[step->result].kept = true;
    s->out->steps++;
    return true;
}

static bool make_steps(const struct scheduler *s)
{
    bool *done = arena_alloc((struct arena *)(uintptr_t)&s->net->arena, s->net->nodes, 1);

    if (!done)
        return error_set(s->err, ERROR_FAILED, "%s: out of memory", s->net->name);
    s->out->value[0].kept = true;
    for (uint32_t i = 0; i < s->net->nodes; i++) {
        uint32_t before = s->out->steps;
        if (done[i] || is_tail(&s->out->tail, i))
            continue;
        if (!make_step(s, i))
            return false;
        const struct picture_step *step = &s->out->step[before];
        for (uint32_t k = 0; before < s->out->steps && k < 2; k++) {
            uint32_t fused = k ? step->add : step->activation;
            if (fused != NO_NODE)
                done[fused] = true;
        }
    }
    return true;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* A convolution's reader of `index`: mantissas, in blocks as it wants them. */
static bool read_words(const struct scheduler *s, const struct picture_step *step, uint32_t index)
{
    const struct image_node *conv = node_at(s, step->conv);
    struct kept_value *value = &s->out->value[index];
    uint32_t all = node_at(s, index)->channels;
    uint32_t wanted = conv->groups > 1 && !step->depthwise ? all / conv->groups : all;

    if (!value->kept || (index == 0) != step->bytes)
        return no_hardware(s, step->conv, "this operand");
    if (index && value->words && value->block_channels != wanted)
        return no_hardware(s, step->conv, "an operand in two kinds of blocks");
    value->words = true;
    value->block_channels = wanted;
    return true;
}

static bool read_wides(const struct scheduler *s, const struct picture_step *step, uint32_t index)
{
    if (index == NO_NODE)
        return true;
    if (!s->out->value[index].kept || index == 0)
        return no_hardware(s, step->result, "this operand");
    s->out->value[index].wides = true;
    return true;
}

/* How far a step is behind, which all it reads must have reached; a row of the picture
 * comes while a tick runs, for the next. */
static bool find_lag(const struct scheduler *s, const struct picture_step *step)
{
    struct kept_value *value = s->out->value;
    uint32_t lag = 0, below = step->window.kernel_h ? step->window.kernel_h - 1 : 0;

    below -= step->window.pad_top;
    for (uint32_t i = 0; i < step->segments; i++)
        lag = larger(lag, value[step->segment[i]].lag + below + (step->segment[i] == 0));
    if (step->source != NO_NODE)
        lag = larger(lag, value[step->source].lag);
    if (step->other != NO_NODE)
        lag = larger(lag, value[step->other].lag);
    if (step->result == s->out->tail.value)
        lag = larger(lag, s->out->tail.reach);
    value[step->result].lag = lag;
    return lag <= LAG_MOST || no_hardware(s, step->result, "so many rows of reach");
}

static void lengthen(uint32_t *ring, uint32_t lag, uint32_t behind, uint32_t above)
{
    *ring = larger(*ring, lag - behind + above + 1);
}

static void find_rings(const struct scheduler *s, const struct picture_step *step)
{
    struct kept_value *value = s->out->value;
    uint32_t lag = value[step->result].lag;
    const struct image_window *w = &step->window;

    for (uint32_t i = 0; i < step->segments; i++)
        lengthen(&value[step->segment[i]].ring_words, lag, value[step->segment[i]].lag, w->pad_top);
    if (step->source != NO_NODE)
        lengthen(&value[step->source].ring_wides, lag, value[step->source].lag, 0);
    if (step->other != NO_NODE)
        lengthen(&value[step->other].ring_wides, lag, value[step->other].lag, 0);
    if (step->conv != NO_NODE && s->out->edges) {
        s->out->left = larger(s->out->left, w->kernel_w - 1);
    } else if (step->conv != NO_NODE) {
        s->out->left = larger(s->out->left, w->pad_left);
        s->out->right = larger(s->out->right, w->pad_right);
    }
}

/* The sum's operands as pixels apart: one of a few that there are. */
static bool find_skip(const struct scheduler *s, struct picture_step *step, uint32_t pixels)
{
    struct picture_schedule *out = s->out;

    while (step->skip < out->skips && out->skip[step->skip] != pixels)
        step->skip++;
    if (step->skip == SKIPS)
        return no_hardware(s, step->result, "so many kinds of sums beside kept edges");
    if (step->skip == out->skips)
        out->skip[out->skips++] = pixels;
    return true;
}

/* How far to the left of the picture's a step's strips lie: as far as what it reads, and
 * its taps to the right. */
static bool find_side(const struct scheduler *s, struct picture_step *step)
{
    struct kept_value *value = s->out->value;
    const struct image_window *w = &step->window;
    uint32_t right = step->conv == NO_NODE ? 0 : w->kernel_w - 1 - w->pad_left;
    uint32_t from = step->conv == NO_NODE ? 0 : value[step->segment[0]].side, side = from + right;

    if (!s->out->edges)
        return true;
    if (step->conv == NO_NODE || (step->segments > 1 && w->kernel_w > 1) ||
        (node_at(s, step->conv)->groups > 1 && !step->depthwise && w->kernel_w > 1))
        return no_hardware(s, step->result, "kept edges here");
    if (step->other != NO_NODE)
        side = larger(side, value[step->other].side);
    if (step->result == s->out->tail.value)
        side = larger(side, s->out->tail.reach);
    for (uint32_t i = 0; i < step->segments; i++)
        if (value[step->segment[i]].side != from || side != from + right)
            return no_hardware(s, step->result, "kept edges of operands so far apart");
    value[step->result].side = side;
    if (side > SIDE_MOST)
        return no_hardware(s, step->result, "so many pixels of reach");
    return step->other == NO_NODE || find_skip(s, step, side - value[step->other].side);
}

static bool connect_steps(const struct scheduler *s)
{
    for (uint32_t i = 0; i < s->out->steps; i++) {
        struct picture_step *step = &s->out->step[i];
        for (uint32_t k = 0; k < step->segments; k++)
            if (!read_words(s, step, step->segment[k]))
                return false;
        if (!read_wides(s, step, step->source) || !read_wides(s, step, step->other) ||
            !find_lag(s, step) || !find_side(s, step))
            return false;
        find_rings(s, step);
    }
    for (uint32_t i = 0; i < s->net->nodes; i++)
        if (s->out->value[i].ring_words > RING_ROWS || s->out->value[i].ring_wides > RING_ROWS)
            return no_hardware(s, i, "so many rows to be kept");
    return true;
}

bool picture_schedule_make(struct picture_schedule *schedule, struct integer_network *network,
                           bool edges, struct error *err)
{
    struct scheduler s = {schedule, network, &network->network, err};
    struct arena *arena = &network->network.arena;

    *schedule = (struct picture_schedule){
        .value = arena_alloc(arena, s.net->nodes, sizeof *schedule->value),
        .step = arena_alloc(arena, s.net->nodes + 1, sizeof *schedule->step),
        .edges = edges,
    };
    if (!schedule->value || !schedule->step)
        return error_set(err, ERROR_FAILED, "%s: out of memory", s.net->name);
    if (!find_tail(&s) || !make_steps(&s) || !connect_steps(&s))
        return false;
    if (!schedule->value[schedule->tail.value].kept || schedule->tail.value == 0)
        return no_hardware(&s, schedule->tail.value, "its place before the last");
    schedule->value[schedule->tail.value].out = true;
    return true;
}
