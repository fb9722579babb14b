#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The USB device core (rtl/usb/) against a host model that plays foul, in Verilator, and its
# way to another clock, in Icarus: testbench/usb/. SEED and USB_TRANSACTIONS, a speed each,
# may be given.
set -u
: "${BUILD:=build}" "${SEED:=1}" "${USB_TRANSACTIONS:=20000}"

[ -z "${SANITIZED:-}" ] || { echo 'ok - usb # SKIP no sanitizer sees Verilog'; exit 0; }
command -v verilator >/dev/null || { echo 'ok - usb # SKIP verilator is not here'; exit 0; }

OBJCACHE=$(command -v ccache)
export OBJCACHE
root=$PWD
case $BUILD in /*) ;; *) BUILD=$root/$BUILD ;; esac
mkdir -p "$BUILD/usb"

# bench NAME TOP FILE.cpp DEFINES VERILATOR-OPTION...
bench() {
    name=$1 top=$2 file=$3 defines=$4
    shift 4
    verilator --cc --exe --build -Wall --top-module "$top" -y rtl/usb --Mdir "$BUILD/usb/$name" \
        -O3 --x-assign fast -CFLAGS "$defines -std=c++17 -I$root/testbench/usb" \
        -MAKEFLAGS 'OPT_FAST=-O2 OPT_GLOBAL=-O2' -o bench "$@" \
        "rtl/usb/$top.v" "$root/testbench/usb/$file" >"$BUILD/usb/$name.log" 2>&1 || {
        cat "$BUILD/usb/$name.log"
        echo "not ok - usb, $name: does not build"
        return
    }
    said=$("$BUILD/usb/$name/bench" "$SEED" "$USB_TRANSACTIONS")
    echo "${said:-not ok - usb, $name: says nothing}"
}

bench full-speed usb_device usb_device_test.cpp -DHIGH_SPEED=0 -GHIGH_SPEED=0 "-GSCALE=20'd100"
bench high-speed usb_device usb_device_test.cpp -DHIGH_SPEED=1 -GHIGH_SPEED=1 "-GSCALE=20'd100"
bench wire usb_full_speed usb_device_test.cpp '-DHIGH_SPEED=0 -DON_THE_WIRE' "-GSCALE=20'd100"
bench ulpi usb_high_speed usb_device_test.cpp '-DHIGH_SPEED=1 -DON_ULPI -DSWAPPED=1' \
    -GSWAP_LINES=1 "-GSCALE=20'd100"

# crossing USB_PERIOD PERIOD: of the two clocks, in picoseconds.
crossing() {
    iverilog -g2005 -Wall -y rtl -y rtl/usb -Pusb_crossing_tb.SEED="$SEED" \
        -Pusb_crossing_tb.USB_PERIOD="$1" -Pusb_crossing_tb.PERIOD="$2" \
        -o "$BUILD/usb/crossing.vvp" testbench/usb/usb_crossing_tb.v || {
        echo 'not ok - usb_crossing does not compile'
        return
    }
    said=$(timeout 120 vvp -n "$BUILD/usb/crossing.vvp")
    echo "${said:-not ok - usb_crossing says nothing}"
}

command -v iverilog >/dev/null || { echo 'ok - usb_crossing # SKIP iverilog is not here'; exit 0; }
crossing 1000 1000
crossing 1000 3700
crossing 3700 1000
crossing 20833 17778
