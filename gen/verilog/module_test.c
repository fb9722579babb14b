/* SPDX-License-Identifier: Apache-2.0 */
/* The builder's checks, each with the fault that it is for, and its output. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gen/verilog/module.h"

/* A module with a FIFO in it, of which each test makes what it is about. */
struct bench {
    struct arena arena;
    struct verilog_module *module;
    struct verilog_instance *fifo;
};

static void declare(struct bench *b)
{
    static const struct {
        enum verilog_direction direction;
        const char *name;
        unsigned width;
    } nets[] = {
        {VERILOG_INPUT, "clk_i", 1},      {VERILOG_INPUT, "rst_i", 1},
        {VERILOG_INPUT, "in_valid_i", 1}, {VERILOG_OUTPUT, "in_ready_o", 1},
        {VERILOG_INPUT, "in_data_i", 24}, {VERILOG_OUTPUT, "out_valid_o", 1},
        {VERILOG_INPUT, "out_ready", 1},  {VERILOG_OUTPUT, "out_data_o", 24},
    };

    *b = (struct bench){0};
    b->module = verilog_module_new(&b->arena, "example", "An example.\nIn two lines.");
    assert_non_null(b->module);
    for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++)
        verilog_net(b->module, nets[i].direction, nets[i].name, nets[i].width,
                    i == 2 ? "The stream" : NULL);
    b->fifo = verilog_instance(b->module, "fifo", "queue", "The queue");
    verilog_parameter(b->fifo, "WIDTH", 24);
}

/* Write the module and release it all; its text, malloc'd, or NULL with *err. */
static char *write_text(struct bench *b, struct error *err)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    assert_non_null(file);
    bool ok = verilog_write(b->module, file, err);
    fclose(file);
    arena_free(&b->arena);
    if (ok)
        return text;
    free(text);
    return NULL;
}

static void expect_fault(struct bench *b, const char *message)
{
    struct error err = {0};
    char *text = write_text(b, &err);

    if (text)
        fail_msg("no fault, not '%s', in:\n%s", message, text);
    assert_string_equal(err.message, message);
    assert_int_equal(err.code, ERROR_FAILED);
}

static void test_text(void **state)
{
    struct bench b;
    struct error err = {0};
    (void)state;

    declare(&b);
    verilog_net(b.module, VERILOG_WIRE, "flush", 1, NULL);
    verilog_assign(b.module, "flush", "rst_i & ~in_data_i[3]");
    verilog_connect(b.fifo, "in_data_i", "{in_data_i[%u:0], 8'd0}", 15);
    verilog_connect_by_name(b.fifo);
    char *text = write_text(&b, &err);
    if (!text)
        fail_msg("%s", err.message);
    assert_string_equal(text, "// SPDX-License-Identifier: Apache-2.0\n"
                              "// An example.\n"
                              "// In two lines.\n"
                              "`default_nettype none\n"
                              "module example (\n"
                              "    input  wire          clk_i,\n"
                              "    input  wire          rst_i,\n"
                              "    // The stream\n"
                              "    input  wire          in_valid_i,\n"
                              "    output wire          in_ready_o,\n"
                              "    input  wire [23:0]   in_data_i,\n"
                              "    output wire          out_valid_o,\n"
                              "    input  wire          out_ready,\n"
                              "    output wire [23:0]   out_data_o\n"
                              ");\n"
                              "    wire          flush;\n"
                              "\n"
                              "    assign flush = rst_i & ~in_data_i[3];\n"
                              "\n"
                              "    // The queue\n"
                              "    fifo #(\n"
                              "        .WIDTH(24)\n"
                              "    ) queue (\n"
                              "        .clk_i(clk_i),\n"
                              "        .rst_i(rst_i),\n"
                              "        .flush_i(flush),\n"
                              "        .in_valid_i(in_valid_i),\n"
                              "        .in_ready_o(in_ready_o),\n"
                              "        .in_data_i({in_data_i[15:0], 8'd0}),\n"
                              "        .out_valid_o(out_valid_o),\n"
                              "        .out_ready_i(out_ready),\n"
                              "        .out_data_o(out_data_o)\n"
                              "    );\n"
                              "endmodule\n"
                              "`default_nettype wire\n");
    free(text);
}

static void test_width_of_a_port(void **state)
{
    struct bench b;
    (void)state;

    declare(&b);
    verilog_connect(b.fifo, "in_data_i", "in_data_i[22:0]");
    expect_fault(&b, "queue.in_data_i has 24 bits, in_data_i[22:0] has 23");
}

static void test_width_of_an_assignment(void **state)
{
    struct bench b;
    (void)state;

    declare(&b);
    verilog_assign(b.module, "out_data_o", "{in_data_i, 1'd0}");
    expect_fault(&b, "example: out_data_o has 24 bits, {in_data_i, 1'd0} has 25");
}

static void test_two_drivers(void **state)
{
    struct bench b;
    (void)state;

    declare(&b);
    verilog_connect(b.fifo, "out_data_o", "out_data_o");
    verilog_assign(b.module, "out_data_o[5]", "rst_i");
    expect_fault(&b, "example: 'out_data_o[5]': a bit has two drivers");
}

static void test_a_driven_input(void **state)
{
    struct bench b;
    (void)state;

    declare(&b);
    verilog_assign(b.module, "rst_i", "in_valid_i");
    expect_fault(&b, "example: 'rst_i': an input is driven");
}

static void test_no_driver(void **state)
{
    struct bench b;
    (void)state;

    declare(&b);
    verilog_net(b.module, VERILOG_WIRE, "flush", 2, NULL);
    verilog_assign(b.module, "flush[0]", "rst_i");
    verilog_connect(b.fifo, "flush_i", "flush[0]");
    verilog_connect_by_name(b.fifo);
    expect_fault(&b, "example: nothing drives flush[1]");
}

static void test_an_open_port(void **state)
{
    struct bench b;
    (void)state;

    declare(&b);
    verilog_connect_by_name(b.fifo);
    expect_fault(&b, "example: nothing is connected to queue.flush_i");
}

static void test_unknown_names(void **state)
{
    struct bench b;
    (void)state;

    declare(&b);
    verilog_connect(b.fifo, "in_datum_i", "in_data_i");
    expect_fault(&b, "queue: fifo has no port in_datum_i");
    declare(&b);
    verilog_parameter(b.fifo, "BREADTH", 3);
    expect_fault(&b, "queue: fifo has no parameter BREADTH");
    declare(&b);
    verilog_connect(b.fifo, "flush_i", "rst_i | reset");
    expect_fault(&b, "example: 'rst_i | reset': no such net");
    declare(&b);
    verilog_instance(b.module, "lifo", "stack", NULL);
    expect_fault(&b, "example: stack: there is no module lifo");
}

static void test_bad_expressions(void **state)
{
    static const char *const faults[][2] = {
        {"in_data_i[24]", "the select is not in the net"},
        {"in_data_i[3:4]", "the select is not in the net"},
        {"rst_i & in_data_i", "operands differ in width"},
        {"{rst_i, clk_i", "a concatenation is open"},
        {"(rst_i", "a parenthesis is open"},
        {"rst_i clk_i", "something follows the expression"},
        {"1", "not a sized decimal constant"},
        {"", "no expression that a wire can have"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct bench b;
        char message[128];
        declare(&b);
        verilog_connect(b.fifo, "flush_i", "%s", faults[i][0]);
        snprintf(message, sizeof message, "example: '%s': %s", faults[i][0], faults[i][1]);
        expect_fault(&b, message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_width_of_a_port),
        cmocka_unit_test(test_width_of_an_assignment),
        cmocka_unit_test(test_two_drivers),
        cmocka_unit_test(test_a_driven_input),
        cmocka_unit_test(test_no_driver),
        cmocka_unit_test(test_an_open_port),
        cmocka_unit_test(test_unknown_names),
        cmocka_unit_test(test_bad_expressions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
