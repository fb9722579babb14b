/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/import/import.h"
bool import_gguf(struct model *model, const struct mapped_file *file, const char *path,
                 struct error *err)
{
    (void)model;
    (void)file;
    return error_set(err, ERROR_INPUT, "%s: GGUF is not supported yet", path);
}
