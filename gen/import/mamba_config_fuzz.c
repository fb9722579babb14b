/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/import/mamba_config.h"
#include "testbench/fuzz_support.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct model m = {0};
    struct error err = {0};
    json_t *config = json_parse("fuzz", data, size, &err);

    if (config && mamba_config_is(config))
        mamba_config_parse(&m, config, "fuzz", &err);
    json_decref(config);
    model_close(&m);
    return 0;
}
