#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A whole design behind its USB device, in Verilator: testbench/usb/usb_pipe.cpp takes the
# place of the emitted simulation, so that `millrace run` goes through tokens, packets, the
# device core and the way between the clocks. Without faults and with 1 % of damaged packets,
# with the tape in the memory, with loading it first and with sending it in every pass, the
# text must be the reference's; and the pixels, of a random image network's design.
#
# What a pass costs whose tape is sent is measured at high speed, and, where STREAM_AT_FULL is
# set, for two minutes at full speed.
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

# streams NAME TOKENS: are all logits the reference's where the tape comes with every pass?
streams() {
    if timeout 300 "$BUILD/millrace" run "$work/design.mill" --device "sim:$work/design" \
        --stream --check -n "$2" >"$work/run.log" 2>&1; then
        echo "ok - usb board, --stream at $1"
    else
        cat "$work/run.log"
        echo "not ok - usb board, --stream at $1, seed $SEED"
    fi
}

# cost SPEED BYTES CYCLES TOKENS: a pass's cycles over those that its tape takes at a rate of
# BYTES in CYCLES of 60 MHz, what the bus allows.
cost() {
    said=$(USB_TRUE_TIME=1 timeout 300 "$BUILD/millrace" run "$work/design.mill" --stream --json \
        -n "$4" --device "sim:$work/design" 2>"$work/run.log" |
        jq -r --argjson rate "$2" --argjson cycles "$3" \
            '.cycles_per_token * $rate / $cycles / .tape_bytes * 10000 | round / 10000')
    if jq -ne "${said:-9} <= 1.1" >"$work/compared"; then
        echo "ok - usb board, a pass with --stream at $1 speed costs $said of its tape's time"
    else
        cat "$work/run.log"
        echo "not ok - usb board, a pass with --stream at $1 speed costs '$said' of its tape's time"
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
    streams 'high speed, 1 % of the packets damaged' 6
    unset USB_FAULTS
    cost high 6656 7500 2
fi
if build full 0 --lanes 8 --columns 1; then
    same 'full speed'
    export USB_FAULTS=10
    same 'full speed, 1 % of the packets damaged'
    unset USB_FAULTS
    streams 'full speed' 2
    [ -z "${STREAM_AT_FULL:-}" ] || cost full 1216 60000 1
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
