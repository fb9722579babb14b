/* SPDX-License-Identifier: Apache-2.0 */
/* A board on USB. */
#include <stdio.h>

#include "host/device_backend.h"
#include "host/usb/transport_usb.h"

struct device *device_usb_open(const char *serial, const struct mill *mill,
                               const struct device_options *options, struct error *err)
{
    char name[sizeof((struct device_info *)NULL)->name];

    struct transport *transport = transport_usb_open(serial, err);
    if (!transport)
        return NULL;
    snprintf(name, sizeof name, "usb:%.50s", transport_usb_serial(transport));
    return device_stream_open(name, transport, mill, options, err);
}
