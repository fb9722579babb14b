/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of millgen.  Each gets the arguments after its name (argv[0] is
 * the name) and returns the exit status: 0 done, 1 failed, 2 bad usage or input. */
#ifndef MILLRACE_GEN_COMMAND_H
#define MILLRACE_GEN_COMMAND_H

#include "base/error.h"

/* Whether -h or --help is among the arguments. */
bool command_wants_help(int argc, char **argv);

int command_boards(int argc, char **argv);
int command_compile(int argc, char **argv);
int command_emit(int argc, char **argv);
int command_fit(int argc, char **argv);
int command_info(int argc, char **argv);
int command_report(int argc, char **argv);

/* The same of an image network. */
bool command_fit_picture(int argc, char **argv, struct error *err);
bool command_emit_picture(int argc, char **argv, struct error *err);

#endif
