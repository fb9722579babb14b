/* SPDX-License-Identifier: Apache-2.0 */
#include "host/usb/usb_board.h"

#include <stdio.h>
#include <string.h>

enum { MANUFACTURER_BYTES = 32 };
static const char manufacturer[] = "Millrace";

static bool failed(struct error *err, const char *what, int code)
{
    return error_set(err, ERROR_FAILED, "usb: %s: %s", what, libusb_strerror(code));
}

static bool has_our_number(libusb_device *device)
{
    struct libusb_device_descriptor descriptor;
    return libusb_get_device_descriptor(device, &descriptor) == 0 &&
           descriptor.idVendor == USB_VENDOR && descriptor.idProduct == USB_PRODUCT;
}

/* The strings of an open device; false where it is another's test device. */
static bool read_strings(libusb_device_handle *handle, char serial[USB_SERIAL_BYTES])
{
    struct libusb_device_descriptor descriptor;
    char maker[MANUFACTURER_BYTES] = "";

    serial[0] = '\0';
    libusb_get_device_descriptor(libusb_get_device(handle), &descriptor);
    libusb_get_string_descriptor_ascii(handle, descriptor.iManufacturer, (unsigned char *)maker,
                                       sizeof maker);
    libusb_get_string_descriptor_ascii(handle, descriptor.iSerialNumber, (unsigned char *)serial,
                                       USB_SERIAL_BYTES);
    return strcmp(maker, manufacturer) == 0;
}

void usb_board_node(libusb_device *device, char node[USB_NODE_BYTES])
{
    snprintf(node, USB_NODE_BYTES, "/dev/bus/usb/%03u/%03u", libusb_get_bus_number(device),
             libusb_get_device_address(device));
}

/* What can be told of a device; false where it is no board.  The handle, NULL where
 * it cannot be opened, is the caller's. */
static bool examine(libusb_device *device, struct usb_board_info *info,
                    libusb_device_handle **handle, int *code)
{
    *info = (struct usb_board_info){.speed = libusb_get_device_speed(device)};
    *handle = NULL;
    if (!has_our_number(device))
        return false;
    usb_board_node(device, info->node);
    *code = libusb_open(device, handle);
    info->openable = *code == 0;
    if (*code != 0)
        return *code != LIBUSB_ERROR_NO_DEVICE;
    if (read_strings(*handle, info->serial))
        return true;
    libusb_close(*handle);
    *handle = NULL;
    return false;
}

static bool start(libusb_context **context, struct error *err)
{
    int code = libusb_init(context);
    return code == 0 || failed(err, "cannot be used here", code);
}

/* Is the device one of those that could be opened?  *info is it then. */
static bool is_known(libusb_device *device, const struct usb_board_info *board, size_t count,
                     struct usb_board_info *info)
{
    char node[USB_NODE_BYTES];

    usb_board_node(device, node);
    for (size_t i = 0; i < count; i++) {
        if (board[i].openable && has_our_number(device) && strcmp(board[i].node, node) == 0) {
            *info = board[i];
            return true;
        }
    }
    return false;
}

bool usb_board_look(struct usb_board_info board[USB_BOARDS_MOST], size_t *count, struct error *err)
{
    libusb_context *context;
    libusb_device **list = NULL;
    struct usb_board_info there[USB_BOARDS_MOST];
    size_t found = 0;
    int code;

    if (!start(&context, err))
        return false;
    ssize_t devices = libusb_get_device_list(context, &list);
    for (ssize_t i = 0; i < devices && found < USB_BOARDS_MOST; i++) {
        libusb_device_handle *handle = NULL;
        if (is_known(list[i], board, *count, &there[found]) ||
            examine(list[i], &there[found], &handle, &code))
            found++;
        if (handle)
            libusb_close(handle);
    }
    if (devices >= 0)
        libusb_free_device_list(list, 1);
    libusb_exit(context);
    if (devices < 0)
        return failed(err, "the devices cannot be listed", (int)devices);
    memcpy(board, there, found * sizeof *board);
    *count = found;
    return true;
}

bool usb_board_list(struct usb_board_info board[USB_BOARDS_MOST], size_t *count, struct error *err)
{
    *count = 0;
    return usb_board_look(board, count, err);
}

void usb_board_name(const struct usb_board_info *board, char name[USB_NAME_BYTES])
{
    snprintf(name, USB_NAME_BYTES, "usb%s%s", board->openable ? ":" : "", board->serial);
}

const char *usb_board_speed(int speed)
{
    switch (speed) {
    case LIBUSB_SPEED_FULL:
        return "full, 12 Mbit/s";
    case LIBUSB_SPEED_HIGH:
        return "high, 480 Mbit/s";
    case LIBUSB_SPEED_SUPER:
        return "super, 5 Gbit/s";
    default:
        return "unknown";
    }
}

/* A look at all that is plugged in, for one. */
struct search {
    const char *serial; /* "": any */
    size_t fitting;
    char first[USB_SERIAL_BYTES]; /* another that fits */
    struct usb_board_info closed; /* a board that could not be opened, and why not */
    int code;
};

static bool fits(const struct search *search, const struct usb_board_info *info)
{
    return search->serial[0] == '\0' || strcmp(search->serial, info->serial) == 0;
}

static void consider(struct search *search, libusb_device *device, struct usb_board_handle *found)
{
    struct usb_board_info info;
    libusb_device_handle *handle;
    int code;

    if (!examine(device, &info, &handle, &code))
        return;
    if (!handle) {
        search->closed = info;
        search->code = code;
        return;
    }
    if (!fits(search, &info) || ++search->fitting > 1) {
        if (fits(search, &info))
            memcpy(search->first, info.serial, sizeof search->first);
        libusb_close(handle);
        return;
    }
    found->device = handle;
    found->info = info;
}

static bool not_found(const struct search *search, struct error *err)
{
    if (search->code == LIBUSB_ERROR_ACCESS)
        return error_set(err, ERROR_FAILED,
                         "usb: no permission to open %s: put 70-millrace.rules, which `make "
                         "install` installs, into /etc/udev/rules.d, run `udevadm control "
                         "--reload` as root, and plug the board in again",
                         search->closed.node);
    if (search->code != 0)
        return failed(err, search->closed.node, search->code);
    if (search->serial[0] != '\0')
        return error_set(err, ERROR_FAILED,
                         "usb: no board with the serial number '%s'; `millrace devices` lists "
                         "those that are there",
                         search->serial);
    return error_set(err, ERROR_FAILED, "usb: no board is plugged in");
}

static bool claim(struct usb_board_handle *handle, struct error *err)
{
    int code = libusb_claim_interface(handle->device, USB_INTERFACE);
    if (code == LIBUSB_ERROR_BUSY)
        return error_set(err, ERROR_FAILED,
                         "usb: the board %s is in use by another process; `fuser %s` names it",
                         handle->info.serial, handle->info.node);
    if (code != 0)
        return failed(err, "the board's interface", code);
    code = usb_board_restart(handle);
    return code == 0 || failed(err, "the board does not begin", code);
}

bool usb_board_open(struct usb_board_handle *handle, const char *serial, struct error *err)
{
    struct search search = {.serial = serial};
    libusb_device **list = NULL;

    *handle = (struct usb_board_handle){.context = NULL};
    if (!start(&handle->context, err))
        return false;
    ssize_t devices = libusb_get_device_list(handle->context, &list);
    for (ssize_t i = 0; i < devices; i++)
        consider(&search, list[i], handle);
    if (devices >= 0)
        libusb_free_device_list(list, 1);

    bool opened = false;
    if (search.fitting > 1)
        error_set(err, ERROR_INPUT,
                  "usb: several boards are plugged in; say which: usb:%s, usb:%s, ...",
                  handle->info.serial, search.first);
    else if (search.fitting == 0)
        not_found(&search, err);
    else
        opened = claim(handle, err);
    if (!opened)
        usb_board_close(handle);
    return opened;
}

void usb_board_close(struct usb_board_handle *handle)
{
    if (handle->device) {
        libusb_release_interface(handle->device, USB_INTERFACE);
        libusb_close(handle->device);
    }
    if (handle->context)
        libusb_exit(handle->context);
    *handle = (struct usb_board_handle){.context = NULL};
}

int usb_board_restart(struct usb_board_handle *handle)
{
    int code = libusb_set_interface_alt_setting(handle->device, USB_INTERFACE, 0);
    if (code == 0 || code == LIBUSB_ERROR_NO_DEVICE)
        return code;
    /* It does not even answer that: have the port reset, which begins anew as well. */
    code = libusb_reset_device(handle->device);
    return code == LIBUSB_ERROR_NOT_FOUND ? LIBUSB_ERROR_NO_DEVICE : code;
}
