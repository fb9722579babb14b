/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Usage: usb_redirect SOCKET [SEED]
 *
 * Offers the Verilated board to a virtual machine by the usb-redir protocol: QEMU's
 * device of that name, connected to SOCKET, shows it to the guest's kernel as plugged
 * in.  Serves one connection and ends with it.
 *
 * SIGUSR1: 1 % of the bus's packets are damaged or lost from now on.  SIGUSR2: the board
 * is unplugged for half a second, and comes back empty.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <usbredirparser.h>

#include "testbench/kernel/simulated_port.h"
#include "testbench/usb_host/urb_queue.h"

enum { FAULTS_PER_MILLE = 10, AWAY_MS = 500, SETUP = 8, ENDPOINTS = 32, EVENTS = 3 };
enum { FULL_SPEED_PACKET = 64 };

struct redirect {
    struct usbredirparser *parser;
    struct usb_port *port; /* the queue's */
    struct urb_queue *queue;
    int socket, done; /* done: an eventfd that the queue raises */
};

/* A block and the packet that asked for it. */
struct redirect_urb {
    struct urb urb; /* first */
    union {
        struct usb_redir_control_packet_header control;
        struct usb_redir_bulk_packet_header bulk;
    } head;
    uint8_t data[];
};

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "usb_redirect: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static void on_done(void *user)
{
    const struct redirect *r = user;
    if (write(r->done, &(uint64_t){1}, sizeof(uint64_t)) < 0 && errno != EAGAIN)
        give_up("eventfd");
}

static void on_log(void *user, int level, const char *message)
{
    (void)user;
    if (level <= usbredirparser_warning)
        fprintf(stderr, "usb_redirect: %s\n", message);
}

/* Nothing now is 0, the end of the connection negative. */
static int on_read(void *user, uint8_t *data, int size)
{
    const struct redirect *r = user;
    ssize_t n = read(r->socket, data, (size_t)size);
    if (n > 0)
        return (int)n;
    return n < 0 && errno == EAGAIN ? 0 : -1;
}

static int on_write(void *user, uint8_t *data, int size)
{
    const struct redirect *r = user;
    ssize_t n = write(r->socket, data, (size_t)size);
    if (n >= 0)
        return (int)n;
    return errno == EAGAIN ? 0 : -1;
}

/* What the guest is to know before it asks for the descriptors. */
static void plug_in(struct redirect *r)
{
    struct usb_redir_interface_info_header interface = {.interface_count = 1};
    struct usb_redir_ep_info_header endpoints = {.type = {0}};
    bool high_speed = r->port->packet_size > FULL_SPEED_PACKET;
    struct usb_redir_device_connect_header device = {.speed = high_speed ? usb_redir_speed_high
                                                                         : usb_redir_speed_full,
                                                     .device_class = 0xff,
                                                     .vendor_id = 0x1209,
                                                     .product_id = 1};

    interface.interface_class[0] = 0xff;
    memset(endpoints.type, usb_redir_type_invalid, ENDPOINTS);
    for (int in = 0; in < ENDPOINTS; in += ENDPOINTS / 2) {
        endpoints.type[in] = usb_redir_type_control;
        endpoints.max_packet_size[in] = 64;
        endpoints.type[in + 1] = usb_redir_type_bulk;
        endpoints.max_packet_size[in + 1] = (uint16_t)r->port->packet_size;
    }
    usbredirparser_send_interface_info(r->parser, &interface);
    usbredirparser_send_ep_info(r->parser, &endpoints);
    usbredirparser_send_device_connect(r->parser, &device);
}

static void on_hello(void *user, struct usb_redir_hello_header *hello)
{
    (void)hello;
    plug_in(user);
}

static void on_reset(void *user)
{
    struct redirect *r = user;
    urb_queue_reset(r->queue, false);
}

static void on_ack(void *user)
{
    (void)user;
}

static int request(struct redirect *r, uint8_t recipient, uint8_t code, uint8_t value,
                   uint8_t index)
{
    const uint8_t setup[SETUP] = {recipient, code, value, 0, index};
    int status = urb_queue_control(r->queue, setup, NULL);
    return status < 0 ? usb_redir_ioerror : usb_redir_success;
}

static void on_set_configuration(void *user, uint64_t id,
                                 struct usb_redir_set_configuration_header *asked)
{
    struct redirect *r = user;
    struct usb_redir_configuration_status_header reply = {.configuration = asked->configuration};
    reply.status = (uint8_t)request(r, 0, USB_SET_CONFIGURATION, asked->configuration, 0);
    usbredirparser_send_configuration_status(r->parser, id, &reply);
}

static void on_get_configuration(void *user, uint64_t id)
{
    struct redirect *r = user;
    struct usb_redir_configuration_status_header reply = {.configuration = 1};
    usbredirparser_send_configuration_status(r->parser, id, &reply);
}

static void on_set_alt_setting(void *user, uint64_t id,
                               struct usb_redir_set_alt_setting_header *asked)
{
    struct redirect *r = user;
    struct usb_redir_alt_setting_status_header reply = {.interface = asked->interface,
                                                        .alt = asked->alt};
    reply.status = (uint8_t)request(r, 1, USB_SET_INTERFACE, asked->alt, asked->interface);
    usbredirparser_send_alt_setting_status(r->parser, id, &reply);
}

static void on_get_alt_setting(void *user, uint64_t id,
                               struct usb_redir_get_alt_setting_header *asked)
{
    struct redirect *r = user;
    struct usb_redir_alt_setting_status_header reply = {.interface = asked->interface};
    usbredirparser_send_alt_setting_status(r->parser, id, &reply);
}

/* A block with room for `setup` and `length` bytes, the `size` at `data` in it; the
 * parser gets its own copy of them back. */
static struct redirect_urb *make_urb(struct redirect *r, uint64_t id, int setup, int length,
                                     uint8_t *data, int size)
{
    struct redirect_urb *m = calloc(1, sizeof *m + (size_t)setup + (size_t)length);

    if (!m)
        give_up("calloc");
    m->urb.id = id;
    m->urb.data = m->data;
    m->urb.length = length;
    if (size > 0)
        memcpy(m->data + setup, data, (size_t)size);
    if (data)
        usbredirparser_free_packet_data(r->parser, data);
    return m;
}

static void on_control(void *user, uint64_t id, struct usb_redir_control_packet_header *head,
                       uint8_t *data, int size)
{
    struct redirect *r = user;
    struct redirect_urb *m = make_urb(r, id, SETUP, head->length, data, size);
    const uint8_t setup[SETUP] = {head->requesttype,     head->request,
                                  (uint8_t)head->value,  (uint8_t)(head->value >> 8),
                                  (uint8_t)head->index,  (uint8_t)(head->index >> 8),
                                  (uint8_t)head->length, (uint8_t)(head->length >> 8)};

    memcpy(m->data, setup, SETUP);
    m->head.control = *head;
    urb_queue_submit(r->queue, &m->urb);
}

static void on_bulk(void *user, uint64_t id, struct usb_redir_bulk_packet_header *head,
                    uint8_t *data, int size)
{
    struct redirect *r = user;
    int length = head->length | (int)head->length_high << 16;
    struct redirect_urb *m = make_urb(r, id, 0, length, data, size);

    m->head.bulk = *head;
    m->urb.endpoint = head->endpoint;
    urb_queue_submit(r->queue, &m->urb);
}

static void on_cancel(void *user, uint64_t id)
{
    struct redirect *r = user;
    urb_queue_cancel(r->queue, id);
}

static uint8_t status_of(const struct urb *urb)
{
    switch (urb->status) {
    case 0:
        return usb_redir_success;
    case -EPIPE:
        return usb_redir_stall;
    case -ENOENT:
        return usb_redir_cancelled;
    case -EOVERFLOW:
        return usb_redir_babble;
    default:
        return usb_redir_ioerror;
    }
}

static void answer(struct redirect *r, struct redirect_urb *m)
{
    if (m->urb.endpoint == 0) {
        struct usb_redir_control_packet_header *head = &m->head.control;
        bool in = head->requesttype & 0x80;
        head->status = status_of(&m->urb);
        head->length = (uint16_t)m->urb.actual;
        usbredirparser_send_control_packet(r->parser, m->urb.id, head, in ? m->data + SETUP : NULL,
                                           in ? m->urb.actual : 0);
    } else {
        struct usb_redir_bulk_packet_header *head = &m->head.bulk;
        bool in = m->urb.endpoint == USB_BULK_IN;
        head->status = status_of(&m->urb);
        head->length = (uint16_t)m->urb.actual;
        head->length_high = (uint16_t)(m->urb.actual >> 16);
        usbredirparser_send_bulk_packet(r->parser, m->urb.id, head, in ? m->data : NULL,
                                        in ? m->urb.actual : 0);
    }
    free(m);
}

static void answer_all(struct redirect *r)
{
    struct urb *urb;
    while ((urb = urb_queue_reap(r->queue, NULL)))
        answer(r, (struct redirect_urb *)urb);
}

static void unplug(struct redirect *r)
{
    urb_queue_cancel_all(r->queue, NULL, -ESHUTDOWN);
    usbredirparser_send_device_disconnect(r->parser);
    usbredirparser_do_write(r->parser);
    urb_queue_reset(r->queue, true);
    poll(NULL, 0, AWAY_MS);
    answer_all(r);
    plug_in(r);
}

static void on_signal(struct redirect *r, int signals)
{
    struct signalfd_siginfo info;

    if (read(signals, &info, sizeof info) != sizeof info)
        return;
    if (info.ssi_signo == SIGUSR1)
        simulated_port_set_faults(r->port, FAULTS_PER_MILLE);
    else
        unplug(r);
}

static int accept_one(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listening = socket(AF_UNIX, SOCK_STREAM, 0);

    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        give_up(path);
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    unlink(path);
    if (bind(listening, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(listening, 1) < 0)
        give_up(path);
    int connection = accept(listening, NULL, NULL);
    if (connection < 0)
        give_up(path);
    fcntl(connection, F_SETFL, O_NONBLOCK);
    close(listening);
    return connection;
}

static struct usbredirparser *make_parser(struct redirect *r)
{
    static const int capability[] = {usb_redir_cap_connect_device_version,
                                     usb_redir_cap_device_disconnect_ack,
                                     usb_redir_cap_ep_info_max_packet_size,
                                     usb_redir_cap_64bits_ids, usb_redir_cap_32bits_bulk_length};
    uint32_t capabilities[USB_REDIR_CAPS_SIZE] = {0};
    struct usbredirparser *parser = usbredirparser_create();

    if (!parser)
        give_up("usbredirparser");
    parser->priv = r;
    parser->log_func = on_log;
    parser->read_func = on_read;
    parser->write_func = on_write;
    parser->hello_func = on_hello;
    parser->reset_func = on_reset;
    parser->set_configuration_func = on_set_configuration;
    parser->get_configuration_func = on_get_configuration;
    parser->set_alt_setting_func = on_set_alt_setting;
    parser->get_alt_setting_func = on_get_alt_setting;
    parser->control_packet_func = on_control;
    parser->bulk_packet_func = on_bulk;
    parser->cancel_data_packet_func = on_cancel;
    parser->device_disconnect_ack_func = on_ack;
    for (size_t i = 0; i < sizeof capability / sizeof *capability; i++)
        usbredirparser_caps_set_cap(capabilities, capability[i]);
    usbredirparser_init(parser, "Millrace", capabilities, USB_REDIR_CAPS_SIZE,
                        usbredirparser_fl_usb_host);
    return parser;
}

static void serve(struct redirect *r, int signals)
{
    struct pollfd event[EVENTS] = {{.fd = r->socket}, {r->done, POLLIN, 0}, {signals, POLLIN, 0}};
    uint64_t count;

    for (;;) {
        answer_all(r);
        if (usbredirparser_has_data_to_write(r->parser) && usbredirparser_do_write(r->parser) < 0)
            return;
        event[0].events = usbredirparser_has_data_to_write(r->parser) ? POLLIN | POLLOUT : POLLIN;
        poll(event, EVENTS, -1);
        if (event[1].revents && read(r->done, &count, sizeof count) < 0 && errno != EAGAIN)
            return;
        if (event[2].revents)
            on_signal(r, signals);
        if (event[0].revents & (POLLIN | POLLHUP) && usbredirparser_do_read(r->parser) < 0)
            return;
    }
}

int main(int argc, char **argv)
{
    struct redirect r = {.done = eventfd(0, EFD_NONBLOCK)};
    sigset_t set;

    if (argc < 2)
        give_up("usage: usb_redirect SOCKET [SEED]");
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int signals = signalfd(-1, &set, 0);
    r.port = simulated_port_open(argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1);
    r.queue = r.port ? urb_queue_open(r.port, on_done, &r) : NULL;
    if (!r.queue)
        give_up("the board cannot be made");
    r.socket = accept_one(argv[1]);
    r.parser = make_parser(&r);
    serve(&r, signals);
    urb_queue_close(r.queue);
    usbredirparser_destroy(r.parser);
    return 0;
}
