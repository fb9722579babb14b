# SPDX-License-Identifier: Apache-2.0
# A simulated board with a USB device, of a folder that `millgen emit --board sim` wrote:
#
#     make -C FOLDER -f Makefile -f TREE/testbench/usb/board.mk TREE=TREE usb-board
#
# makes FOLDER/usb/libusb_board.a, which testbench/usb/usb_board.h describes. SERIAL is the
# device's, eight characters; HIGH_SPEED=0 makes a full-speed device.

HIGH_SPEED ?= 1
SERIAL     ?= 00000000
USB_BENCH   = $(TREE)/testbench/usb

# The first character is the lowest byte.
USB_SERIAL  = 64'h$(shell printf '%s' '$(SERIAL)' | rev | od -An -v -t x1 | tr -d ' \n')
USB_BUS     = $(patsubst -DTAPE_BUS_BITS=%,%,$(filter -DTAPE_BUS_BITS=%,$(CONSTANTS)))
USB_FLAGS   = --cc --exe -Wall --top-module usb_board --Mdir usb --prefix Vusb_board \
              -y rtl -y primitives -y $(TREE)/fpga -Wno-PINMISSING -O3 --x-assign fast \
              --x-initial fast --no-assert -GT=$(USB_BUS) -GHIGH_SPEED=$(HIGH_SPEED) \
              "-GSCALE=11'd10" "-GSERIAL=$(USB_SERIAL)" \
              -CFLAGS '$(CONSTANTS) -std=c++17 -I$(CURDIR) -I$(USB_BENCH)'
USB_OBJECTS = Vusb_board__ALL.a verilated.o verilated_threads.o usb_board.o
USB_SOURCES = millrace_top.v $(USB_BENCH)/usb_board.v $(USB_BENCH)/usb_board.cpp

usb-board: usb/libusb_board.a
usb/libusb_board.a: $(USB_SOURCES) $(wildcard $(USB_BENCH)/*.h rtl/*.v) \
                    $(wildcard $(TREE)/fpga/usb_*.v) tape_memory.h
	$(VERILATOR) $(USB_FLAGS) $(USB_SOURCES)
	$(MAKE) -C usb -f Vusb_board.mk OPT_FAST=$(OPT_FAST) OPT_GLOBAL=-O2 OPT_SLOW=-O0 $(USB_OBJECTS)
	rm -f $@
	$(AR) rcs $@ usb/*.o

.PHONY: usb-board
