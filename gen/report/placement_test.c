/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/report/placement.h"

#include <string.h>

#include "testbench/test_support.h"

static bool read_text(struct placement *placement, const char *text, struct error *err)
{
    json_t *netlist = json_parse("placed.json", (const uint8_t *)text, strlen(text), err);

    assert_non_null(netlist);
    bool ok = placement_read(placement, netlist, "placed.json", err);
    json_decref(netlist);
    return ok;
}

#define CELL(name, type, place)                                                                    \
    "\"" name "\": {\"type\": \"" type "\", \"attributes\": {\"NEXTPNR_BEL\": \"" place "\"}}"
#define NETLIST(cells) "{\"modules\": {\"top\": {\"cells\": {" cells "}}}}"

/* Columns are one unit, cells outside instances are the top's, pins are no cells. */
static void test_units(void **state)
{
    static const char text[] = NETLIST(CELL("design.link.a_LUT4", "TRELLIS_COMB", "X3/Y4/SLICEA.K0") "," CELL("design.column_0.vectors.x.y", "TRELLIS_FF", "X3/Y4/SLICEA.FF0") "," CELL(
        "design.column_1.vectors.x", "TRELLIS_COMB",
        "X7/Y1/SLICEB.K0") "," CELL("design.column_1.start", "TRELLIS_COMB",
                                    "X7/Y1/SLICEB.K1") "," CELL("design.column_1.vectors.z",
                                                                "TRELLIS_COMB",
                                                                "X7/Y1/SLICEB.K0") "," CELL("memory"
                                                                                            ".ram",
                                                                                            "DP16K"
                                                                                            "D",
                                                                                            "X5/"
                                                                                            "Y13/"
                                                                                            "EBR") "," CELL("$auto$1",
                                                                                                            "MULT18X18D",
                                                                                                            "X6/Y13/MULT18_0") "," CELL("pin",
                                                                                                                                        "TRELLIS_IO",
                                                                                                                                        "X0/Y0/PIOA"));
    struct placement p;
    struct error err = {0};
    (void)state;

    if (!read_text(&p, text, &err))
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
    static const char *const text[] = {
        "{}",
        "{\"modules\": {\"top\": {\"cells\": 3}}}",
        NETLIST("\"a\": {\"type\": \"DP16KD\"}"),
        NETLIST(CELL("a", "DP16KD", "here")),
        NETLIST(CELL("a", "DP16KD", "X1024/Y0/EBR")),
        NETLIST(CELL("a", "DP16KD", "X-1/Y0/EBR")),
    };
    (void)state;

    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++) {
        struct placement p;
        struct error err = {0};
        if (read_text(&p, text[i], &err))
            fail_msg("taken: %s", text[i]);
        assert_int_equal(err.code, ERROR_INPUT);
        assert_non_null(strstr(err.message, "placed.json"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
