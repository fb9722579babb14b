/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/report/placement.h"
#include "testbench/fuzz_support.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct placement placement;
    struct error err = {0};
    json_t *netlist = json_parse("fuzz", data, size, &err);

    if (netlist && placement_read(&placement, netlist, "fuzz", &err))
        placement_free(&placement);
    json_decref(netlist);
    return 0;
}
