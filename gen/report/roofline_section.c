/* SPDX-License-Identifier: Apache-2.0 */
/* The roofline (Williams, Waterman, Patterson 2009): what the tape's memory and the
 * array allow, and where the design is. */
#include <math.h>

#include "gen/report/section.h"

enum { HEIGHT = 380, LEFT = 70, RIGHT = 20, TOP = 16, BOTTOM = 46 };

struct axes {
    double x_least, x_most, y_least, y_most; /* powers of two */
};

struct point {
    const char *label;
    double intensity;  /* multiply-accumulates a byte of tape */
    double throughput; /* multiply-accumulates a cycle */
};

static double x_at(const struct axes *a, double value)
{
    return LEFT +
           (PAGE_WIDTH - LEFT - RIGHT) * (log2(value) - a->x_least) / (a->x_most - a->x_least);
}

static double y_at(const struct axes *a, double value)
{
    return TOP + (HEIGHT - TOP - BOTTOM) * (a->y_most - log2(value)) / (a->y_most - a->y_least);
}

/* Multiply-accumulates of one column in the matrices, pads of inputs included. */
static double matrix_macs(const struct mill *mill)
{
    double sum = 0;
    for (size_t i = 0; i < mill->op_count; i++)
        if (mill->op[i].opcode == OP_MATRIX)
            sum += (double)mill->op[i].rows * mill->op[i].blocks * 16;
    return sum;
}

/* Those of the attention: a score and a mix for each head, position and dimension. */
static double attention_macs(const struct mill *mill, uint32_t position)
{
    const struct mill_shape *s = &mill->shape;
    return 2.0 * s->layers * s->heads * s->head_dim * (position + 1.0);
}

static struct point point_of(const struct report *r, const char *label,
                             const struct pass_plan *plan, const struct pass_cost *cost,
                             bool matrices_alone)
{
    double macs = matrix_macs(r->mill);

    if (!matrices_alone)
        macs += attention_macs(r->mill, plan->position);
    macs *= plan->count;
    return (struct point){label, macs / (double)r->mill->tape_size,
                          macs / (double)(matrices_alone ? cost->matrix_cycles : cost->cycles)};
}

static void draw_grid(FILE *file, const struct axes *a)
{
    for (double e = a->x_least; e <= a->x_most; e++)
        fprintf(file,
                "<path class=\"grid\" d=\"M%.1f %dV%d\"/><text x=\"%.1f\" y=\"%d\" class=\"middle "
                "dim\">%g</text>\n",
                x_at(a, exp2(e)), TOP, HEIGHT - BOTTOM, x_at(a, exp2(e)), HEIGHT - BOTTOM + 18,
                exp2(e));
    for (double e = a->y_least; e <= a->y_most; e++)
        fprintf(file,
                "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text x=\"%d\" y=\"%.1f\" class=\"end "
                "dim\">%g</text>\n",
                LEFT, y_at(a, exp2(e)), PAGE_WIDTH - RIGHT, LEFT - 8, y_at(a, exp2(e)) + 4,
                exp2(e));
    fprintf(file,
            "<text x=\"%d\" y=\"%d\" class=\"middle\">multiply-accumulates a byte of tape</text>"
            "<text transform=\"translate(16 %d) rotate(-90)\" class=\"middle\">"
            "multiply-accumulates a cycle</text>\n",
            (LEFT + PAGE_WIDTH - RIGHT) / 2, HEIGHT - 8, (TOP + HEIGHT - BOTTOM) / 2);
}

/* The slope of the memory up to the array's ceiling of `lanes`. */
static void draw_roof(FILE *file, const struct axes *a, double bytes_a_cycle, double lanes,
                      const char *label)
{
    double least = exp2(a->x_least), ridge = lanes / bytes_a_cycle;
    double left = ridge < least ? least : ridge;
    double right = exp2(a->x_most);

    if (bytes_a_cycle * least > exp2(a->y_least))
        fprintf(file, "<path class=\"roof\" d=\"M%.1f %.1fL%.1f %.1fH%.1f\"/>", x_at(a, least),
                y_at(a, fmin(lanes, bytes_a_cycle * least)), x_at(a, left), y_at(a, lanes),
                x_at(a, right));
    else
        fprintf(file, "<path class=\"roof\" d=\"M%.1f %.1fL%.1f %.1fH%.1f\"/>",
                x_at(a, exp2(a->y_least) / bytes_a_cycle), y_at(a, exp2(a->y_least)), x_at(a, left),
                y_at(a, lanes), x_at(a, right));
    fprintf(file, "<text x=\"%.1f\" y=\"%.1f\" class=\"end\">%s</text>\n", x_at(a, right) - 6,
            y_at(a, lanes) - 6, label);
}

static void draw_point(FILE *file, const struct axes *a, const struct point *p, bool hollow)
{
    double x = x_at(a, p->intensity), y = y_at(a, p->throughput);

    fprintf(file,
            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" class=\"%s\"/><text x=\"%.1f\" "
            "y=\"%.1f\">%s <tspan class=\"dim\">%.1f</tspan></text>\n",
            x, y, hollow ? "hollow" : "point", x + 10, y + 4, p->label, p->throughput);
}

static struct axes axes_around(const struct point *point, int points, double peak, double bytes)
{
    struct axes a = {0, log2(peak / bytes), 0, log2(peak)};

    for (int i = 0; i < points; i++) {
        a.x_least = fmin(a.x_least, log2(point[i].intensity));
        a.x_most = fmax(a.x_most, log2(point[i].intensity));
        a.y_least = fmin(a.y_least, log2(point[i].throughput));
    }
    return (struct axes){floor(a.x_least) - 1, ceil(a.x_most) + 3, floor(a.y_least) - 1,
                         ceil(a.y_most) + 1};
}

void section_roofline(FILE *file, const struct report *r)
{
    const struct design *d = r->design;
    double bytes =
        d->tape_bus_bits / 8.0 * d->memory.burst / ((double)d->memory.burst + d->memory.gap);
    double lanes = d->inputs * design_rows(r->mill);
    struct point point[] = {
        point_of(r, "decode", &r->decode_plan, &r->decode, false),
        point_of(r, "decode, matrices", &r->decode_plan, &r->decode, true),
        point_of(r, "prefill", &r->prefill_plan, &r->prefill, false),
        point_of(r, "prefill, matrices", &r->prefill_plan, &r->prefill, true),
    };
    int points = r->prefill_plan.count > 1 ? 4 : 2;
    struct axes axes = axes_around(point, points, lanes * r->prefill_plan.count, bytes);
    char label[64];

    fprintf(
        file,
        "<h2>Roofline</h2>\n<p>The memory moves %.2f bytes a cycle; the array has %.0f lanes in "
        "each of %u columns. Filled points are whole passes, hollow ones their matrices "
        "alone.</p>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Roofline\">\n",
        bytes, lanes, d->columns, PAGE_WIDTH, HEIGHT);
    draw_grid(file, &axes);
    draw_roof(file, &axes, bytes, lanes, "one column");
    if (points > 2) {
        snprintf(label, sizeof label, "%u columns", r->prefill_plan.count);
        draw_roof(file, &axes, bytes, lanes * r->prefill_plan.count, label);
    }
    for (int i = 0; i < points; i++)
        draw_point(file, &axes, &point[i], i % 2);
    fputs("</svg>\n", file);
}
