/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/report/placement.h"

#include <string.h>

#include "testbench/test_support.h"

struct row {
    const char *name, *type, *place;
};

/* The netlist that nextpnr writes of these cells; a place that is NULL is left out. */
static json_t *netlist_of(const struct row *row, size_t count)
{
    json_t *cells = json_object();

    for (size_t i = 0; i < count; i++)
        json_object_set_new(cells, row[i].name,
                            json_pack("{s:s, s:{s:s*}}", "type", row[i].type, "attributes",
                                      "NEXTPNR_BEL", row[i].place));
    return json_pack("{s:{s:{s:o}}}", "modules", "top", "cells", cells);
}

static bool read_rows(struct placement *placement, const struct row *row, size_t count,
                      struct error *err)
{
    json_t *netlist = netlist_of(row, count);

    assert_non_null(netlist);
    bool ok = placement_read(placement, netlist, "placed.json", err);
    json_decref(netlist);
    return ok;
}

/* Columns are one unit, cells outside instances are the top's, pins are no cells. */
static void test_units(void **state)
{
    static const struct row row[] = {
        {"design.link.a_LUT4", "TRELLIS_COMB", "X3/Y4/SLICEA.K0"},
        {"design.column_0.vectors.x.y", "TRELLIS_FF", "X3/Y4/SLICEA.FF0"},
        {"design.column_1.vectors.x", "TRELLIS_COMB", "X7/Y1/SLICEB.K0"},
        {"design.column_1.start", "TRELLIS_COMB", "X7/Y1/SLICEB.K1"},
        {"design.column_1.vectors.z", "TRELLIS_COMB", "X7/Y1/SLICEB.K0"},
        {"memory.ram", "DP16KD", "X5/Y13/EBR"},
        {"$auto$1", "MULT18X18D", "X6/Y13/MULT18_0"},
        {"pin", "TRELLIS_IO", "X0/Y0/PIOA"},
    };
    struct placement p;
    struct error err = {0};
    (void)state;

    if (!read_rows(&p, row, sizeof row / sizeof *row, &err))
        fail_msg("%s", err.message);
    assert_int_equal(p.cells, 7);
    assert_int_equal(p.units, 5);
    assert_int_equal(p.width, 8);
    assert_int_equal(p.height, 14);
    assert_string_equal(p.unit[0].name, "column.vectors");
    assert_int_equal(p.unit[0].cells[CELL_LOGIC], 2);
    assert_int_equal(p.unit[0].cells[CELL_REGISTER], 1);
    for (uint32_t i = 0, seen = 0; i < p.cells; i++)
        if (p.cell[i].x == 7)
            assert_int_equal(p.cell[i].order, seen++);
    for (uint32_t i = 0; i < p.cells; i++)
        if (p.cell[i].kind == CELL_RAM)
            assert_string_equal(p.unit[p.cell[i].unit].name, "memory");
        else if (p.cell[i].kind == CELL_MULTIPLIER)
            assert_string_equal(p.unit[p.cell[i].unit].name, "top");
    placement_free(&p);
}

static void test_refused(void **state)
{
    static const struct row row[] = {
        {"a", "DP16KD", NULL},
        {"a", "DP16KD", "here"},
        {"a", "DP16KD", "X1024/Y0/EBR"},
        {"a", "DP16KD", "X-1/Y0/EBR"},
    };
    struct placement p;
    struct error err = {0};
    (void)state;

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        err = (struct error){0};
        if (read_rows(&p, &row[i], 1, &err))
            fail_msg("taken: %s", row[i].place ? row[i].place : "no place");
        assert_int_equal(err.code, ERROR_INPUT);
        assert_non_null(strstr(err.message, "placed.json"));
    }
    json_t *empty = json_object();
    assert_false(placement_read(&p, empty, "placed.json", &err));
    json_decref(empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
