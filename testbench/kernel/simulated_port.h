/* SPDX-License-Identifier: Apache-2.0 */
/* The Verilated board of testbench/usb/usb_board.h as a port. */
#ifndef MILLRACE_TESTBENCH_SIMULATED_PORT_H
#define MILLRACE_TESTBENCH_SIMULATED_PORT_H

#include "testbench/usb_host/usb_port.h"

/* A board with an empty memory, that has been reset and has an address; it is at high
 * speed where it can be.  NULL where it cannot be made. */
struct usb_port *simulated_port_open(unsigned seed);

/* Damage or lose so many packets of a thousand from now on; from any thread. */
void simulated_port_set_faults(struct usb_port *port, unsigned per_mille);

#endif
