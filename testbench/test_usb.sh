#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The USB device core (rtl/usb/) against a host model that plays foul and one that loses no
# time, in Verilator, and its way to another clock, in Icarus: testbench/usb/. SEED and
# USB_TRANSACTIONS, a bench each, may be given.
set -u
: "${BUILD:=build}" "${SEED:=1}" "${USB_TRANSACTIONS:=20000}"

[ -z "${SANITIZED:-}" ] || { echo 'ok - usb # SKIP no sanitizer sees Verilog'; exit 0; }
command -v verilator >/dev/null || { echo 'ok - usb # SKIP verilator is not here'; exit 0; }

OBJCACHE=$(command -v ccache)
export OBJCACHE
root=$PWD
case $BUILD in /*) ;; *) BUILD=$root/$BUILD ;; esac
mkdir -p "$BUILD/usb"

# build NAME TOP FILE.cpp DEFINES VERILATOR-OPTION...
build() {
    name=$1 top=$2 file=$3 defines=$4
    shift 4
    verilator --cc --exe --build -Wall --top-module "$top" -y rtl/usb --Mdir "$BUILD/usb/$name" \
        -O3 --x-assign fast -CFLAGS "$defines -std=c++17 -I$root/testbench/usb" \
        -MAKEFLAGS 'OPT_FAST=-O2 OPT_GLOBAL=-O2' -o bench "-GSCALE=11'd100" "$@" \
        "rtl/usb/$top.v" "$root/testbench/usb/$file" >"$BUILD/usb/$name.log" 2>&1 && return
    cat "$BUILD/usb/$name.log"
    echo "not ok - usb, $name: does not build"
    return 1
}

# foul NAME TOP DEFINES VERILATOR-OPTION...: against a host that plays foul.
foul() {
    name=$1 top=$2 defines=$3
    shift 3
    build "$name" "$top" usb_device_test.cpp "$defines" "$@" || return
    said=$("$BUILD/usb/$name/bench" "$SEED" "$USB_TRANSACTIONS")
    echo "${said:-not ok - usb, $name: says nothing}"
}

# rate SPEED LEAST DEFINES: the payload over what the bus allows, either way.
rate() {
    build "rate-$1" "usb_$1_speed" usb_rate_test.cpp "$3" || return
    said=$("$BUILD/usb/rate-$1/bench" 20)
    if echo "$said" | awk -v least="$2" '{ exit !($1 >= least && $2 >= least) }'; then
        echo "ok - usb at $1 speed, of what the bus allows: $said, IN and OUT"
    else
        echo "not ok - usb at $1 speed, of what the bus allows: $said is below $2"
    fi
}

foul full-speed usb_device -DHIGH_SPEED=0 -GHIGH_SPEED=0
foul high-speed usb_device -DHIGH_SPEED=1 -GHIGH_SPEED=1
foul wire usb_full_speed '-DHIGH_SPEED=0 -DON_THE_WIRE'
foul ulpi usb_high_speed '-DHIGH_SPEED=1 -DON_ULPI -DSWAPPED=1' -GSWAP_LINES=1
rate full 0.90 '-DHIGH_SPEED=0 -DON_THE_WIRE'
rate high 0.85 '-DHIGH_SPEED=1 -DON_ULPI -DSWAPPED=0'

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
