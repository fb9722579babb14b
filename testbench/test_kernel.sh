#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# millrace on a real Linux with Debian's libusb, in a virtual machine, and two Verilated
# boards at its USB, one of high and one of full speed: everything but the wires. The text has
# to be the reference's, also with 1 % of the bus's packets damaged, after the board was
# unplugged in mid-run, and after a host was killed. Skips where QEMU or the kernel
# (scripts/setup --kernel) is missing.
#
# Nothing hangs on speed: a run that something is to befall stands still meanwhile. Nor on
# where the tree is or who may read it: all that the guest uses of it is in the work folder.
set -u
umask 022

: "${BUILD:=build}" "${MAKE:=make}" "${JOBS:=$(nproc)}"
skip() {
    echo "ok - kernel # SKIP $1"
    exit 0
}
[ -z "${SANITIZED:-}" ] || skip 'test_usb_host.sh is the one for sanitizers'
for tool in qemu-system-x86_64 busybox cpio verilator; do
    command -v $tool >/dev/null || skip "$tool is not here"
done
[ -e /usr/include/usbredirparser.h ] || skip 'libusbredirparser-dev is not here'
kernel=$BUILD/kernel
[ -d "$kernel/boot" ] || skip "no kernel in $kernel: scripts/setup --kernel fetches it"

root=$PWD
case $BUILD in /*) ;; *) BUILD=$root/$BUILD kernel=$root/$kernel ;; esac
OBJCACHE=$(command -v ccache)
export OBJCACHE
work=$(mktemp -d)
chmod 755 "$work"
servers=()
trap 'kill "${servers[@]}" 2>&-; rm -rf "$work"' EXIT
number=0
failed=0

# check NAME COMMAND...: the command succeeds.
check() {
    local name=$1
    shift
    number=$((number + 1))
    if "$@" >"$work/check" 2>&1; then
        echo "ok $number - $name"
        return
    fi
    echo "not ok $number - $name"
    sed 's/^/# /' "$work/check"
    failed=1
}

# board NAME MODEL SERIAL HIGH_SPEED: a board with MODEL's design.
board() {
    "$BUILD/millgen" compile "$2" -o "$work/$1.mill" --weights 8 --seq 64 &&
        "$BUILD/millgen" emit "$work/$1.mill" --board sim -o "$BUILD/kernel-$1" &&
        "$MAKE" --no-print-directory usb-redirect DESIGN="$BUILD/kernel-$1" SERIAL="$3" \
            HIGH_SPEED="$4"
}

# The guest's processor has not all that ours has, whatever CFLAGS say.
prepare() {
    "$MAKE" --no-print-directory -j"$JOBS" BUILD="$BUILD/portable" OPT=-O1 CFLAGS= \
        "$BUILD/portable/millrace" &&
        cp "$BUILD/portable/millrace" "$work" &&
        board stories models/stories260K/stories260K.bin KERNEL01 1 &&
        board mamba models/mamba2-500k KERNEL02 0
}
prepare >"$work/log" 2>&1 || { cat "$work/log"; echo 'not ok - kernel: does not build'; exit 1; }

# The reference's text of a model.
tell() {
    "$BUILD/millrace" run "$work/$1.mill" --device ref -p 'Once upon a time' -n 32 2>&-
}
stories=$(tell stories)
mamba=$(tell mamba)

# What the guest does. Each part leaves what it said, and its status, in a file; "host: "
# lines are orders to us.
cat >"$work/guest.sh" <<'END'
cd /tmp/host
export LC_ALL=C
finished() {
    echo $? >$1.status
    read -r up rest </proc/uptime
    echo "guest: $1 done at $up s"
}
part() {
    local name=$1
    shift
    "$@" >$name.out 2>$name.err
    finished $name
}

# Where the board with the serial number $1 is; fails where it is not plugged in.
node() {
    local serial file
    for file in /sys/bus/usb/devices/*/serial; do
        { read -r serial <$file; } 2>&- && [ "$serial" = $1 ] || continue
        file=/dev/bus/usb/$(printf '%03d/%03d' $(cat ${file%serial}busnum ${file%serial}devnum))
        [ -c $file ] && echo $file
        return
    done
    return 1
}
plugged() {
    until node $1 >/dev/null; do sleep 0.1; done
}

tell="./millrace run stories.mill --device usb:KERNEL01 -n 32 -p"
tell() {
    $tell 'Once upon a time'
}
tell_mamba() {
    ./millrace run mamba.mill --device usb:KERNEL02 -p 'Once upon a time' -n 32
}
# begin NAME: a story that stands still after the first words that are not the prompt's.
# `resume` has it go on to its end.
begin() {
    name=$1
    mkfifo /run/said
    $tell 'Once upon a time' >/run/said 2>$name.err &
    teller=$!
    exec 3</run/said
    read -r -N 20 -u 3 words
    kill -STOP $teller
    rm /run/said
}
resume() {
    kill -CONT $teller
    { printf '%s' "$words"; cat <&3; } >$name.out
    wait $teller
    finished $name
}

plugged KERNEL01
plugged KERNEL02
part devices ./millrace devices --json
part denied setpriv --reuid=65534 --clear-groups ./millrace run stories.mill --device usb
part which ./millrace run stories.mill --device usb
part another ./millrace run stories.mill --device usb:KERNEL02
part whole tell
part mamba tell_mamba
begin killed
part busy tell
kill -KILL $teller
wait $teller
part after tell
echo 'host: faults'
part load ./millrace load stories.mill --device usb:KERNEL01
part faults tell
timeout -s KILL 1 $tell 'Once upon a time' --stream >killed_stream.out 2>&1
part stream $tell 'Once upon a time' --stream -n 6
begin unplugged
before=$(node KERNEL01)
echo 'host: unplug'
while [ "$(node KERNEL01)" = $before ]; do sleep 0.1; done
plugged KERNEL01
resume
part faulty_mamba tell_mamba
dmesg >dmesg
END

begun=$(date +%s)
for name in stories mamba; do
    env -C "$BUILD/kernel-$name" ./usb_redirect "$work/$name.socket" 1 2>"$work/$name.server" &
    servers+=($!)
    until [ -S "$work/$name.socket" ]; do
        kill -0 $! || { cat "$work/$name.server"; echo 'not ok - kernel: no board'; exit 1; }
        sleep 0.05
    done
done
timeout 900 testbench/kernel/boot "$kernel" "$work" "$work"/{stories,mamba}.socket 2>&1 |
    while read -r line; do
        case ${line%$'\r'} in
            'host: faults') kill -USR1 "${servers[@]}" ;;
            'host: unplug') kill -USR2 "${servers[0]}" ;;
            *) echo "# ${line%$'\r'}" ;;
        esac
    done
kill "${servers[@]}" 2>&-
servers=()
sed 's/^/# /' "$work"/*.server

# told PART TEXT
# shellcheck disable=SC2317 # check calls it
told() {
    tail "$work/$1".{out,err,status}
    test "$(cat "$work/$1.status")" -eq 0 -a "$(cat "$work/$1.out")" = "$2"
}

# begun PART TEXT: a beginning of it, at least the prompt and a few letters more.
# shellcheck disable=SC2317 # check calls it
begun() {
    tail "$work/$1".{out,err,status}
    test "$(cat "$work/$1.status")" -eq 0 -a "$(wc -c <"$work/$1.out")" -gt 20 &&
        [[ $2 == "$(cat "$work/$1.out")"* ]]
}

# says PART STATUS MESSAGE
# shellcheck disable=SC2317 # check calls it
says() {
    tail "$work/$1".{out,err,status}
    test "$(cat "$work/$1.status")" -eq "$2" && grep -F -- "$3" "$work/$1.err"
}

check 'a board at high speed is found' jq -e '.devices[] | select(.name == "usb:KERNEL01") |
    .available and .board == "sim" and .speed == "high, 480 Mbit/s"' "$work/devices.out"
check 'a board at full speed is found' jq -e '.devices[] | select(.name == "usb:KERNEL02") |
    .available and .board == "sim" and .speed == "full, 12 Mbit/s"' "$work/devices.out"
check 'without permission: says what to do' says denied 1 '70-millrace.rules'
check 'loaded, then 32 tokens: the reference'"'"'s text' told whole "$stories"
check 'a Mamba-2 model at full speed: the reference'"'"'s text' told mamba "$mamba"
check 'two boards: which?' says which 2 'say which: usb:KERNEL0'
check 'another model'"'"'s board is refused' says another 2 'made for another model'
check 'a second host is refused' says busy 1 'in use by another process'
check 'after a host was killed' told after "$stories"
check '1 % of packets damaged: loading' says load 0 'loaded into usb:KERNEL01 and verified'
check '1 % of packets damaged: 32 tokens' told faults "$stories"
check '1 % of packets damaged: the tape with every pass, a killed host before' \
    begun stream "$stories"
check '1 % of packets damaged: the Mamba-2 model' told faulty_mamba "$mamba"
check 'unplugged in mid-run: goes on' told unplugged "$stories"
check 'unplugged in mid-run: says so' says unplugged 0 'the board was unplugged; waiting'
seconds=$(($(date +%s) - begun))
echo "# $seconds s from power on to power down"
[ $failed -ne 0 ] || echo "$seconds" >"$BUILD/kernel_run_seconds"
exit $failed
