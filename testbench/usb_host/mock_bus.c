/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Usage: mock_bus [--boards N] [--fault FAULT] [--back MS] [--held FOLDER] MODEL.mill
 *                 COMMAND...
 *
 * Runs COMMAND in a world in which N boards (1) with MODEL's design are plugged in,
 * with serial numbers MOCK0001, MOCK0002, ...  The first has the fault
 * (faulty_port.h); where it is one of unplugging it is back after MS milliseconds
 * (0: never), empty.  While a process has claimed a board, there is a file in FOLDER with
 * its serial number as the name.  The exit status is COMMAND's.
 *
 * SIGUSR1: the first board is unplugged as by a fault.  Its coming and going is told to udev's
 * listeners where LD_PRELOAD has libumockdev-preload.so.0 for this program as well; umockdev
 * tells one process at a time.
 *
 * umockdev shows the boards in sysfs and hands us what COMMAND asks of usbfs
 * (linux/usbdevice_fs.h), which is answered here as the kernel does.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <umockdev.h>

#include "base/options.h"
#include "gen/mill/mill.h"
#include "testbench/usb_host/faulty_port.h"
#include "testbench/usb_host/software_board.h"
#include "testbench/usb_host/urb_queue.h"

enum { BOARDS_MOST = 4, LOOK_NS = 5000000, PATH_BYTES = 512, FIRST_DEVICE = 2, SETUP = 8 };
enum { SERIAL_BYTES = 9 };

/* What real controllers' drivers say of themselves. */
enum {
    CAPABILITIES = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_BULK_CONTINUATION |
                   USBDEVFS_CAP_NO_PACKET_SIZE_LIM | USBDEVFS_CAP_BULK_SCATTER_GATHER |
                   USBDEVFS_CAP_REAP_AFTER_DISCONNECT,
};

struct mock_board {
    UMockdevTestbed *testbed; /* borrowed */
    UMockdevIoctlBase *ioctls;
    struct usb_port *port; /* the queue's */
    struct urb_queue *queue;
    unsigned device; /* its number on the bus */
    char serial[SERIAL_BYTES];
    char node[PATH_BYTES], syspath[PATH_BYTES];
    UMockdevIoctlClient *owner; /* who has claimed the interface */
    const char *held_folder;    /* or NULL */
    bool unplugged;
    /* poll() on a node of usbfs says POLLOUT where a block can be reaped.  The node is a
     * FIFO of one slot here, which is full where none can. */
    pthread_mutex_t lock; /* of the FIFO's state */
    int fifo;
    bool full;
};

/* A block, and where in the client's memory it lies. */
struct mock_urb {
    struct urb urb;                    /* first; its owner is the client */
    UMockdevIoctlData *block, *buffer; /* owned references; buffer may be NULL */
};

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "mock_bus: %s\n", what);
    exit(EXIT_FAILURE);
}

static void set_ready(struct mock_board *board, bool ready)
{
    char byte = 0;

    pthread_mutex_lock(&board->lock);
    if (ready == board->full) {
        ssize_t n = ready ? read(board->fifo, &byte, 1) : write(board->fifo, &byte, 1);
        if (n == 1)
            board->full = !ready;
    }
    pthread_mutex_unlock(&board->lock);
}

static void on_done(void *user)
{
    set_ready(user, true);
}

static void release_urb(struct mock_urb *m)
{
    if (m->buffer)
        g_object_unref(m->buffer);
    g_object_unref(m->block);
    free(m);
}

/* False where the client cannot be read. */
static bool submit(struct mock_board *board, UMockdevIoctlClient *client, UMockdevIoctlData *data)
{
    const struct usbdevfs_urb *asked = (const struct usbdevfs_urb *)data->data;
    struct mock_urb *m = calloc(1, sizeof *m);
    bool control = asked->type == USBDEVFS_URB_TYPE_CONTROL;

    if (!m)
        give_up("out of memory");
    m->urb.owner = client;
    m->block = g_object_ref(data);
    m->urb.id = data->client_addr;
    m->urb.endpoint = control ? 0 : asked->endpoint;
    m->urb.length = asked->buffer_length - (control ? SETUP : 0);
    m->urb.zero_packet = asked->flags & USBDEVFS_URB_ZERO_PACKET;
    if (asked->buffer_length > 0) {
        m->buffer = umockdev_ioctl_data_resolve(data, offsetof(struct usbdevfs_urb, buffer),
                                                (size_t)asked->buffer_length, NULL);
        if (!m->buffer) {
            release_urb(m);
            return false;
        }
        m->urb.data = m->buffer->data;
    }
    urb_queue_submit(board->queue, &m->urb);
    return true;
}

static int reap(struct mock_board *board, UMockdevIoctlClient *client, UMockdevIoctlData *data)
{
    struct mock_urb *m = (struct mock_urb *)urb_queue_reap(board->queue, client);

    if (!m) {
        set_ready(board, false);
        if (!urb_queue_reaped(board->queue)) /* another's, or it has ended meanwhile */
            set_ready(board, true);
    }
    if (!m)
        return board->unplugged ? -ENODEV : -EAGAIN;
    struct usbdevfs_urb *block = (struct usbdevfs_urb *)m->block->data;
    block->status = m->urb.status;
    block->actual_length = m->urb.actual;
    umockdev_ioctl_data_set_ptr(data, 0, m->block);
    umockdev_ioctl_client_complete(client, 0, 0);
    release_urb(m);
    return 1;
}

static int request(struct mock_board *board, uint8_t recipient, uint8_t code, uint16_t value,
                   uint16_t index)
{
    const uint8_t setup[8] = {
        recipient, code, (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)index, 0, 0, 0};
    return urb_queue_control(board->queue, setup, NULL);
}

static void set_owner(struct mock_board *board, UMockdevIoctlClient *owner)
{
    char path[PATH_BYTES];

    board->owner = owner;
    if (!board->held_folder)
        return;
    snprintf(path, sizeof path, "%s/%s", board->held_folder, board->serial);
    if (owner)
        close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR));
    else
        unlink(path);
}

static int claim(struct mock_board *board, UMockdevIoctlClient *client)
{
    if (board->owner && board->owner != client)
        return -EBUSY;
    set_owner(board, client);
    return 0;
}

/* 0 or -errno; 1 where the client has been answered already. */
static int serve(struct mock_board *board, UMockdevIoctlClient *client, unsigned long number,
                 UMockdevIoctlData *arg, UMockdevIoctlData *data)
{
    enum { STANDARD_INTERFACE = 1, STANDARD_ENDPOINT = 2 };

    if (board->unplugged && number != USBDEVFS_REAPURBNDELAY)
        return -ENODEV;
    switch (number) {
    case USBDEVFS_GET_CAPABILITIES:
        memcpy(data->data, &(uint32_t){CAPABILITIES}, sizeof(uint32_t));
        return 0;
    case USBDEVFS_GETDRIVER:
    case USBDEVFS_IOCTL:
        return -ENODATA; /* no driver is bound */
    case USBDEVFS_CLAIMINTERFACE:
    case USBDEVFS_DISCONNECT_CLAIM:
        return claim(board, client);
    case USBDEVFS_RELEASEINTERFACE:
        set_owner(board, NULL);
        return 0;
    case USBDEVFS_SETINTERFACE:
        return request(board, STANDARD_INTERFACE, USB_SET_INTERFACE, 0, 0);
    case USBDEVFS_SETCONFIGURATION:
        return request(board, 0, USB_SET_CONFIGURATION, data->data[0], 0);
    case USBDEVFS_CLEAR_HALT:
        return request(board, STANDARD_ENDPOINT, USB_CLEAR_FEATURE, 0, data->data[0]);
    case USBDEVFS_RESET:
        urb_queue_reset(board->queue, false);
        return 0;
    case USBDEVFS_SUBMITURB:
        return submit(board, client, data) ? 0 : -EFAULT;
    case USBDEVFS_DISCARDURB:
        return urb_queue_cancel(board->queue, *(unsigned long *)arg->data) ? 0 : -EINVAL;
    case USBDEVFS_REAPURBNDELAY:
        return reap(board, client, data);
    default:
        return -ENOTTY;
    }
}

static gboolean on_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *client, gpointer user)
{
    unsigned long number = umockdev_ioctl_client_get_request(client);
    UMockdevIoctlData *arg = umockdev_ioctl_client_get_arg(client), *data = NULL;
    size_t size = _IOC_SIZE(number);

    (void)base;
    if (size > 0)
        data = umockdev_ioctl_data_resolve(arg, 0, size, NULL);
    /* A client that was killed can no longer be read. */
    int result = size > 0 && !data ? -EFAULT : serve(user, client, number, arg, data);
    if (result <= 0)
        umockdev_ioctl_client_complete(client, result < 0 ? -1 : 0, -result);
    if (data)
        g_object_unref(data);
    return TRUE;
}

/* The kernel frees what a process leaves behind. */
static void on_client_gone(gpointer user, GObject *client)
{
    struct mock_board *board = user;
    struct urb *urb;

    urb_queue_cancel_all(board->queue, client, -ENOENT);
    while (urb_queue_holds(board->queue, client)) {
        while ((urb = urb_queue_reap(board->queue, client)))
            release_urb((struct mock_urb *)urb);
    }
    if (board->owner == (UMockdevIoctlClient *)client)
        set_owner(board, NULL);
}

static void on_client(UMockdevIoctlBase *base, UMockdevIoctlClient *client, gpointer user)
{
    (void)base;
    g_object_weak_ref(G_OBJECT(client), on_client_gone, user);
}

/* Into sysfs and /dev. */
static void plug_in(struct mock_board *board)
{
    char text[2048], *at = text;
    char *root = umockdev_testbed_get_root_dir(board->testbed);

    at += sprintf(at,
                  "P: /devices/pci0000:00/0000:00:01.0/usb1/1-%u\nN: bus/usb/001/%03u\n"
                  "E: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DEVNAME=%s\nE: MAJOR=189\n"
                  "E: MINOR=%u\nE: BUSNUM=001\nE: DEVNUM=%03u\nA: dev=189:%u\nA: busnum=1\\n\n"
                  "A: devnum=%u\\n\nA: speed=480\\n\nA: bConfigurationValue=1\\n\n"
                  "A: idVendor=1209\\n\nA: idProduct=0001\\n\nH: descriptors=",
                  board->device, board->device, board->node, board->device - 1, board->device,
                  board->device - 1, board->device);
    for (size_t i = 0; i < SOFTWARE_DESCRIPTOR_BYTES; i++)
        at += sprintf(at, "%02X", software_board_descriptors[i]);
    sprintf(at, "\n\n");
    if (!umockdev_testbed_add_from_string(board->testbed, text, NULL))
        give_up("the board cannot be plugged in");

    char node[2 * PATH_BYTES];
    snprintf(node, sizeof node, "%s%s", root, board->node);
    g_free(root);
    unlink(node);
    if (mkfifo(node, S_IRUSR | S_IWUSR) != 0)
        give_up("the board's node cannot be made");
    pthread_mutex_lock(&board->lock);
    if (board->fifo >= 0)
        close(board->fifo);
    board->fifo = open(node, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    fcntl(board->fifo, F_SETPIPE_SZ, 4096);
    board->full = false;
    pthread_mutex_unlock(&board->lock);
    set_ready(board, false);
}

static void pull_out(struct mock_board *board)
{
    board->unplugged = true;
    set_owner(board, NULL);
    urb_queue_cancel_all(board->queue, NULL, -ESHUTDOWN);
    set_ready(board, true);
    umockdev_testbed_uevent(board->testbed, board->syspath, "remove");
    umockdev_testbed_remove_device(board->testbed, board->syspath);
}

static void open_board(struct mock_board *board, UMockdevTestbed *testbed, const struct mill *mill,
                       unsigned index, const char *fault)
{
    struct error err;

    board->testbed = testbed;
    board->fifo = -1;
    board->device = FIRST_DEVICE + index;
    pthread_mutex_init(&board->lock, NULL);
    snprintf(board->serial, sizeof board->serial, "MOCK%04u", (index + 1) % 10000);
    snprintf(board->node, sizeof board->node, "/dev/bus/usb/001/%03u", board->device);
    snprintf(board->syspath, sizeof board->syspath,
             "/sys/devices/pci0000:00/0000:00:01.0/usb1/1-%u", board->device);
    board->port = software_board_open(mill, board->serial, &err);
    if (board->port && fault)
        board->port = faulty_port_open(board->port, fault, &err);
    if (!board->port)
        give_up(err.message);
    board->queue = urb_queue_open(board->port, on_done, board);
    if (!board->queue)
        give_up("out of memory");
    plug_in(board);
    board->ioctls = umockdev_ioctl_base_new();
    g_signal_connect(board->ioctls, "handle-ioctl", G_CALLBACK(on_ioctl), board);
    g_signal_connect(board->ioctls, "client-connected", G_CALLBACK(on_client), board);
    if (!umockdev_testbed_attach_ioctl(testbed, board->node, board->ioctls, NULL))
        give_up("usbfs cannot be mocked");
}

static pid_t start(char **command, const sigset_t *orders)
{
    pid_t child = fork();
    if (child == 0) {
        sigprocmask(SIG_UNBLOCK, orders, NULL);
        const char *preload = getenv("MOCK_PRELOAD"); /* a sanitizer's library goes first */
        char value[PATH_BYTES];
        snprintf(value, sizeof value, "%s libumockdev-preload.so.0", preload ? preload : "");
        setenv("LD_PRELOAD", value, 1);
        execvp(command[0], command);
        fprintf(stderr, "mock_bus: %s: %s\n", command[0], strerror(errno));
        _exit(127);
    }
    return child;
}

/* Is it time to unplug the first board? */
static bool is_due(struct mock_board *board, bool faulty, const sigset_t *orders)
{
    const struct timespec look = {0, LOOK_NS};

    if (sigtimedwait(orders, NULL, &look) == SIGUSR1)
        return true;
    return faulty && faulty_port_unplugged(board->port);
}

/* Until the command ends; a board that is unplugged may come back. */
static int attend(struct mock_board *board, bool faulty, unsigned back_ms, const sigset_t *orders,
                  pid_t child)
{
    int status;

    while (waitpid(child, &status, WNOHANG) == 0) {
        if (!is_due(board, faulty, orders))
            continue;
        pull_out(board);
        if (back_ms == 0)
            continue;
        usleep(1000 * back_ms);
        urb_queue_reset(board->queue, true);
        board->unplugged = false;
        plug_in(board);
        umockdev_testbed_uevent(board->testbed, board->syspath, "add");
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
    uint32_t boards = 1, back_ms = 0;
    const char *fault = NULL, *held = NULL, *path = NULL;
    const struct option_spec spec[] = {
        {"boards", 0, OPTION_COUNT, &boards, 1, BOARDS_MOST},
        {"fault", 0, OPTION_TEXT, &fault, 0, 0},
        {"back", 0, OPTION_COUNT, &back_ms, 0, 60000},
        {"held", 0, OPTION_TEXT, &held, 0, 0},
    };
    struct mock_board board[BOARDS_MOST] = {0};
    struct mill mill;
    struct error err;
    size_t operands = 0;
    sigset_t orders;
    int own = 1;

    /* Our arguments end with the .mill file, which is the first that is none of an option. */
    while (own < argc && strncmp(argv[own], "--", 2) == 0)
        own += 2;
    if (own + 1 >= argc)
        give_up("usage: mock_bus [OPTION VALUE]... MODEL.mill COMMAND...");
    if (!options_parse(spec, sizeof spec / sizeof *spec, own + 1, argv, &path, 1, &operands,
                       &err) ||
        !mill_open(&mill, path, &err))
        give_up(err.message);
    sigemptyset(&orders);
    sigaddset(&orders, SIGUSR1);
    sigprocmask(SIG_BLOCK, &orders, NULL);
    UMockdevTestbed *testbed = umockdev_testbed_new();
    for (unsigned i = 0; i < boards; i++) {
        board[i].held_folder = held;
        open_board(&board[i], testbed, &mill, i, i == 0 ? fault : NULL);
    }
    pid_t child = start(argv + own + 1, &orders);
    int status = attend(&board[0], fault != NULL, back_ms, &orders, child);
    for (unsigned i = 0; i < boards; i++) {
        g_object_unref(board[i].ioctls);
        urb_queue_close(board[i].queue);
    }
    g_object_unref(testbed);
    mill_close(&mill);
    return status;
}
