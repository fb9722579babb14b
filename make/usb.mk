# SPDX-License-Identifier: Apache-2.0
# Buses with boards on them, for tests of the host: testbench/usb_host/.

USB_HOST     := $(BUILD)/testbench/usb_host
USB_OBJECTS  := $(addprefix $(BUILD)/obj/testbench/,protocol_server.o \
                  $(addprefix usb_host/,urb_queue.o faulty_port.o software_board.o))

# umockdev is needed for the first alone, which is left out where it is not installed.
UMOCKDEV       := $(wildcard /usr/include/umockdev-1.0/umockdev.h)
UMOCKDEV_FLAGS  = $(shell pkg-config --cflags umockdev-1.0)
UMOCKDEV_LIBS   = $(shell pkg-config --libs umockdev-1.0)

mock-bus: $(USB_HOST)/mock_bus
$(BUILD)/obj/testbench/usb_host/mock_bus.o: BUILD_CFLAGS += $(UMOCKDEV_FLAGS)
$(USB_HOST)/mock_bus: $(BUILD)/obj/testbench/usb_host/mock_bus.o $(USB_OBJECTS) \
                      $(BUILD)/libmillrace.a $(BUILD)/stamp/link
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(BUILD)/libmillrace.a $(LIBRARIES) $(UMOCKDEV_LIBS)

.PHONY: mock-bus
