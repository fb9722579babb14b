/* SPDX-License-Identifier: Apache-2.0 */
/* A board in software: the USB device of docs/usb.md, and the protocol behind it
 * answered by the reference.  It is fast, and sanitizers see all of it. */
#ifndef MILLRACE_TESTBENCH_SOFTWARE_BOARD_H
#define MILLRACE_TESTBENCH_SOFTWARE_BOARD_H

#include "base/error.h"
#include "gen/mill/mill.h"
#include "testbench/usb_host/usb_port.h"

enum { SOFTWARE_DESCRIPTOR_BYTES = 18 + 32 }; /* the device's and the configuration's */

/* `mill` is borrowed; `serial` has 8 characters. */
struct usb_port *software_board_open(const struct mill *mill, const char *serial,
                                     struct error *err);

/* Both descriptors, as Linux shows them in sysfs. */
extern const uint8_t software_board_descriptors[SOFTWARE_DESCRIPTOR_BYTES];

#endif
