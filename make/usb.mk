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

# The Verilated board behind usb-redir, in the emitted folder DESIGN, with the number SERIAL.
REDIRECT_OBJECTS = $(addprefix $(BUILD)/obj/testbench/,kernel/usb_redirect.o \
                     kernel/simulated_port.o usb_host/urb_queue.o)
usb-redirect: $(REDIRECT_OBJECTS)
	$(Q)$(MAKE) -s -C $(DESIGN) -f Makefile -f $(CURDIR)/testbench/usb/board.mk TREE=$(CURDIR) \
	  SERIAL=$(SERIAL) usb-board
	$(Q)$(CXX) -o $(DESIGN)/usb_redirect $(REDIRECT_OBJECTS) $(DESIGN)/usb/libusb_board.a \
	  -lusbredirparser -lpthread

.PHONY: mock-bus usb-redirect

-include $(USB_OBJECTS:.o=.d) $(wildcard $(BUILD)/obj/testbench/usb_host/*.d \
                                        $(BUILD)/obj/testbench/kernel/*.d)
