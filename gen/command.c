/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/command.h"

#include <string.h>

bool command_wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0)
            return true;
    return false;
}
