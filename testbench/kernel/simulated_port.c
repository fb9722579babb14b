/* SPDX-License-Identifier: Apache-2.0 */
#include "testbench/kernel/simulated_port.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "testbench/usb/usb_board.h"

enum {
    IDLE_CYCLES = 2000,
    BUSY_TURNS = 1000, /* of idling at full speed: a pass may be at work */
    REST_US = 1000,    /* a turn after that: the board waits for the host */
    ADDRESS = 5,
};

struct simulated_port {
    struct usb_port port;
    struct usb_board *board; /* owned */
    unsigned seed;
    unsigned idle_turns;
    atomic_uint faults;
    unsigned faults_set;
};

static void apply_faults(struct simulated_port *p)
{
    unsigned faults = atomic_load(&p->faults);
    if (faults != p->faults_set)
        usb_board_set_faults(p->board, faults);
    p->faults_set = faults;
}

static int control(struct usb_port *port, const uint8_t setup[8], uint8_t *data)
{
    struct simulated_port *p = (struct simulated_port *)port;
    apply_faults(p);
    return usb_board_control(p->board, setup, data);
}

static int out(struct usb_port *port, const uint8_t *data, int size)
{
    struct simulated_port *p = (struct simulated_port *)port;
    int taken = usb_board_out(p->board, data, size);
    if (taken >= 0)
        p->idle_turns = 0;
    return taken;
}

static int in(struct usb_port *port, uint8_t data[USB_PACKET_MOST])
{
    struct simulated_port *p = (struct simulated_port *)port;
    apply_faults(p);
    int size = usb_board_in(p->board, data);
    if (size >= 0)
        p->idle_turns = 0;
    return size;
}

static bool power_on(struct simulated_port *p)
{
    const struct usb_board_options options = {.high_speed = true, .seed = p->seed};
    p->board = usb_board_new(&options);
    p->faults_set = 0;
    return p->board != NULL;
}

/* The kernel's controller gives addresses by itself; the device wants to have one.  Its
 * bus has no faults meanwhile: nobody would give it another address. */
static void reset(struct usb_port *port, bool power)
{
    static const uint8_t set_address[8] = {0, USB_SET_ADDRESS, ADDRESS};
    struct simulated_port *p = (struct simulated_port *)port;

    if (power) {
        usb_board_free(p->board);
        if (!power_on(p))
            abort();
    }
    usb_board_set_faults(p->board, 0);
    p->faults_set = 0;
    usb_board_reset(p->board);
    usb_board_control(p->board, set_address, NULL);
    port->packet_size = usb_board_packet_size(p->board);
}

static bool idle(struct usb_port *port)
{
    struct simulated_port *p = (struct simulated_port *)port;
    usb_board_run(p->board, IDLE_CYCLES);
    if (p->idle_turns++ > BUSY_TURNS)
        usleep(REST_US);
    return true;
}

static void close_port(struct usb_port *port)
{
    struct simulated_port *p = (struct simulated_port *)port;
    usb_board_free(p->board);
    free(p);
}

static const struct usb_port_ops simulated_ops = {control, out, in, reset, idle, close_port};

struct usb_port *simulated_port_open(unsigned seed)
{
    struct simulated_port *p = calloc(1, sizeof *p);

    if (!p)
        return NULL;
    p->port.ops = &simulated_ops;
    p->seed = seed;
    if (!power_on(p)) {
        free(p);
        return NULL;
    }
    reset(&p->port, false);
    return &p->port;
}

void simulated_port_set_faults(struct usb_port *port, unsigned per_mille)
{
    struct simulated_port *p = (struct simulated_port *)port;
    atomic_store(&p->faults, per_mille);
}
