#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A whole design behind its USB device, in Verilator: testbench/usb/usb_pipe.cpp takes the
# place of the emitted simulation, so that `millrace run` goes through tokens, packets, the
# device core and the way between the clocks. Without faults and with 1 % of damaged packets,
# with the tape in the memory and with loading it first, the text must be the reference's; and
# the pixels, of a random image network's design.
set -u
: "${BUILD:=build}" "${SEED:=1}"

[ -z "${SANITIZED:-}" ] || { echo 'ok - usb board # SKIP no sanitizer sees Verilog'; exit 0; }
command -v verilator >/dev/null || { echo 'ok - usb board # SKIP verilator is not here'; exit 0; }

root=$PWD
work=$BUILD/usb/board
mkdir -p "$work"
work=$(cd "$work" && pwd)

text() {
    timeout 300 "$BUILD/millrace" run "$work/design.mill" --device "$1" -p 'Once upon a time' \
        -n 32 2>"$work/run.log"
}

# same NAME: is the text through USB the reference's?
same() {
    if text "sim:$work/design" >"$work/text" && cmp -s "$work/text" "$work/expected"; then
        echo "ok - usb board, $1"
    else
        cat "$work/text" "$work/run.log"
        echo "not ok - usb board, $1, seed $SEED"
    fi
}

# build SPEED HIGH_SPEED OPTION...: the design's simulation by USB in place of the usual one;
# options are millgen emit's.
build() {
    speed=$1 high=$2
    shift 2
    rm -rf "$work/design"
    "$BUILD/millgen" emit "$work/design.mill" --board sim -o "$work/design" "$@" 2>/dev/null
    make -s -C "$work/design" -f Makefile -f "$root/testbench/usb/board.mk" TREE="$root" \
        HIGH_SPEED="$high" usb-board >"$work/build.log" 2>&1 &&
        g++ -std=c++17 -O2 -Wall -Wextra -Werror -I testbench/usb -o "$work/design/sim" \
            testbench/usb/usb_pipe.cpp "$work/design/usb/libusb_board.a" -lpthread \
            >>"$work/build.log" 2>&1 && return
    cat "$work/build.log"
    echo "not ok - usb board at $speed speed does not build"
    return 1
}

export SEED
"$BUILD/millgen" compile models/stories260K/stories260K.bin -o "$work/design.mill" --weights 8 \
    --acts 8 2>/dev/null
text ref >"$work/expected"

if build high 1 --lanes 8 --columns 1; then
    same 'high speed'
    export USB_FAULTS=10
    same 'high speed, 1 % of the packets damaged'
    rm "$work/design/tape.bin"
    same 'high speed, the tape loaded, 1 % of the packets damaged'
    unset USB_FAULTS
fi
if build full 0 --lanes 8 --columns 1; then
    same 'full speed'
    export USB_FAULTS=10
    same 'full speed, 1 % of the packets damaged'
fi

# A picture's rows, which begin anew where one comes to harm.
mkdir -p "$work/pictures"
options=$("$BUILD/testbench/random_picture" 3 "$work/pictures")
cp "$work/pictures/net.mill" "$work/design.mill"
export USB_FAULTS=2
# shellcheck disable=SC2086 # options, split on purpose
if build full 0 $options; then
    if timeout 300 "$BUILD/millrace" upscale "$work/design.mill" "$work/pictures/0.png" \
        -o "$work/out.png" --device "sim:$work/design" --check >"$work/run.log" 2>&1; then
        echo 'ok - usb board, a picture at full speed, 0.2 % of the packets damaged'
    else
        cat "$work/run.log"
        echo "not ok - usb board, a picture at full speed, seed $SEED"
    fi
fi
