/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/report/report.h"

#include "gen/report/section.h"
#include "testbench/model_support.h"

struct fixture {
    struct model model;
    struct mill mill;
};

static void open_fixture(struct fixture *f)
{
    uint64_t random = 3;
    struct compile_options options = {.weight_bits = 4, .act_bits = 8};

    *f = (struct fixture){.model = {.dim = 24,
                                    .hidden_dim = 40,
                                    .layers = 2,
                                    .heads = 3,
                                    .kv_heads = 1,
                                    .head_dim = 8,
                                    .vocab = 50,
                                    .max_seq = 40}};
    make_model(&f->model, &random);
    compile_or_fail(&f->model, &options, &f->mill);
}

static void close_fixture(struct fixture *f)
{
    compiled_free(&f->mill);
    model_close(&f->model);
}

/* The page for `name`, malloc'd. */
static char *page_of(struct fixture *f, const char *name, const struct built *built,
                     uint32_t position)
{
    const struct board *board = board_find("sim");
    struct design design = board->defaults;
    struct error err = {0};
    char *page = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&page, &size);

    design.inputs = 8;
    snprintf(f->mill.name, sizeof f->mill.name, "%s", name);
    assert_non_null(file);
    if (!report_write(file, &f->mill, board, &design, built, position, &err))
        fail_msg("%s", err.message);
    fclose(file);
    return page;
}

static void must_have(const char *page, const char *text)
{
    if (!strstr(page, text))
        fail_msg("the page lacks '%s'", text);
}

/* Every tag that is opened is closed, in order; text outside of tags has no <. */
static void check_nesting(const char *page)
{
    static const char *const empty[] = {"meta", "rect", "path", "circle", "!DOCTYPE"};
    char open[64][16];
    int depth = 0;

    for (const char *at = page; (at = strchr(at, '<')); at++) {
        char name[16] = {0};
        bool closes = at[1] == '/', is_empty = false;
        if (sscanf(at + 1 + closes, "%15[!A-Za-z0-9]", name) != 1)
            fail_msg("a tag without a name: %.40s", at);
        const char *end = strchr(at, '>');
        assert_non_null(end);
        for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++)
            is_empty |=
                strcmp(name, empty[i]) == 0 && (end[-1] == '/' || *name == 'm' || *name == '!');
        if (closes) {
            if (depth == 0 || strcmp(open[depth - 1], name) != 0)
                fail_msg("</%s> closes <%s>", name, depth ? open[depth - 1] : "");
            depth--;
        } else if (!is_empty) {
            assert_true(depth < 64);
            memcpy(open[depth++], name, sizeof name);
        }
    }
    assert_int_equal(depth, 0);
}

static void test_page(void **state)
{
    struct fixture f;
    (void)state;

    open_fixture(&f);
    char *page = page_of(&f, "a <b> & c", NULL, 7);
    check_nesting(page);
    must_have(page, "a &lt;b&gt; &amp; c");
    must_have(page, "gate and up");
    must_have(page, "A decode of one column at position 7");
    must_have(page, "Roofline");
    must_have(page, "Every operation");
    assert_null(strstr(page, "nan"));
    assert_null(strstr(page, "inf"));
    assert_null(strstr(page, "src="));
    free(page);
    close_fixture(&f);
}

/* One cell, one clock, and a path of a step whose cell has a name that HTML would take. */
static void test_built(void **state)
{
    struct placed_unit unit = {"link", {1}};
    struct placed_cell cell = {.x = 2, .y = 3};
    struct built built = {.placement = {&unit, &cell, 1, 1, 3, 4}, .core_hz = 50e6};
    struct fixture f;
    (void)state;

    built.timing = json_pack(
        "{s:{s:{s:f,s:f}}, s:{s:{s:i,s:i}}, s:[{s:s,s:s,s:[{s:f,s:s,s:{s:s,s:s}}]}]}", "fmax",
        "$glbnet$core_clk", "achieved", 50.0, "constraint", 40.0, "utilization", "LUT", "used", 7,
        "available", 9, "critical_paths", "from", "posedge core_clk", "to", "posedge core_clk",
        "path", "delay", 1.25, "type", "logic", "to", "cell", "a<b", "port", "Q");
    assert_non_null(built.timing);
    open_fixture(&f);
    char *page = page_of(&f, "m", &built, 7);
    check_nesting(page);
    must_have(page, "<th>core_clk</th><td>50.0</td><td>40.0</td>");
    must_have(page, "<th>LUT</th><td>7</td><td>9</td>");
    must_have(page, "d=\"M20 0h2v2h-2z\"");
    must_have(page, "Critical path: 1.25 ns");
    must_have(page, "a&lt;b.Q");
    free(page);
    close_fixture(&f);
    json_decref(built.timing);
}

/* Each MATRIX of the two layers has the name of its place. */
static void test_labels(void **state)
{
    static const char *const order[] = {"query",       "key", "value", "attention's output",
                                        "gate and up", "down"};
    struct fixture f;
    size_t matrices = 0, heads = 0;
    (void)state;

    open_fixture(&f);
    for (size_t i = 0; i < f.mill.op_count; i++) {
        if (f.mill.op[i].opcode != OP_MATRIX)
            continue;
        const char *label = tensor_label(&f.mill, i);
        if (f.mill.op[i].variant == MATRIX_TO_LOGITS)
            heads += strcmp(label, "head") == 0;
        else
            assert_string_equal(label, order[matrices++ % 6]);
    }
    assert_int_equal(matrices, 12);
    assert_int_equal(heads, 1);
    close_fixture(&f);
}

static void test_grouped(void **state)
{
    char text[GROUPED_BYTES];
    (void)state;

    assert_string_equal(grouped(0, text), "0");
    assert_string_equal(grouped(999, text), "999");
    assert_string_equal(grouped(1000, text), "1,000");
    assert_string_equal(grouped(UINT64_MAX, text), "18,446,744,073,709,551,615");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_page),
        cmocka_unit_test(test_built),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_grouped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
