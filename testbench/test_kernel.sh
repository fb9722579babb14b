#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# millrace on a real Linux with Debian's libusb, in a virtual machine, and the Verilated
# board at its USB: everything but the wires. The text has to be the reference's, also with
# 1 % of the bus's packets damaged, after the board was unplugged in mid-run, and after a
# host was killed. Skips where QEMU or the kernel (scripts/setup --kernel) is missing.
set -u

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

# board NAME MODEL SERIAL: a board with MODEL's design.
board() {
    "$BUILD/millgen" compile "$2" -o "$work/$1.mill" --weights 8 --seq 64 &&
        "$BUILD/millgen" emit "$work/$1.mill" --board sim -o "$BUILD/kernel-$1" &&
        "$MAKE" --no-print-directory usb-redirect DESIGN="$BUILD/kernel-$1" SERIAL="$3"
}

# The guest's processor has not all that ours has.
prepare() {
    "$MAKE" --no-print-directory -j"$JOBS" BUILD="$BUILD/portable" OPT=-O1 \
        "$BUILD/portable/millrace" &&
        board stories models/stories260K/stories260K.bin KERNEL01 &&
        board mamba models/mamba2-500k KERNEL02
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
cat >"$work/guest.sh" <<END
cd /tmp/host
millrace=$BUILD/portable/millrace
until [ -c /dev/bus/usb/001/002 -a -c /dev/bus/usb/001/003 ]; do sleep 0.1; done
part() {
    name=\$1
    shift
    "\$@" >\$name.out 2>\$name.err
    echo \$? >\$name.status
    read -r up rest </proc/uptime
    echo "guest: \$name done at \$up s"
}
tell="\$millrace run stories.mill --device usb:KERNEL01 -n 32 -p"
tell() {
    \$tell 'Once upon a time'
}
# host ORDER FILE: once FILE has something.
host() {
    until [ -s \$2 ]; do sleep 0.05; done
    echo "host: \$1"
}
part devices \$millrace devices --json
part denied setpriv --reuid=65534 --clear-groups \$millrace run stories.mill --device usb
part which \$millrace run stories.mill --device usb
part another \$millrace run stories.mill --device usb:KERNEL02
part whole tell
part mamba \$millrace run mamba.mill --device usb:KERNEL02 -p 'Once upon a time' -n 32
\$tell 'Once upon a time' >killed.out 2>&1 &
until [ -s killed.out ]; do sleep 0.05; done
part busy tell
kill -KILL \$!
part after tell
echo 'host: faults'
part load \$millrace load stories.mill --device usb:KERNEL01
part faults tell
host unplug unplugged.out &
part unplugged tell
part faulty_mamba \$millrace run mamba.mill --device usb:KERNEL02 -p 'Once upon a time' -n 32
END

begun=$(date +%s)
for name in stories mamba; do
    env -C "$BUILD/kernel-$name" ./usb_redirect "$work/$name.socket" 1 2>"$work/$name.server" &
    servers+=($!)
    until [ -S "$work/$name.socket" ]; do sleep 0.05; done
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

# says PART STATUS MESSAGE
# shellcheck disable=SC2317 # check calls it
says() {
    tail "$work/$1".{out,err,status}
    test "$(cat "$work/$1.status")" -eq "$2" && grep -F -- "$3" "$work/$1.err"
}

check 'the board is found' jq -e '.devices[] | select(.name == "usb:KERNEL01") | .available and
    .board == "sim" and .speed == "high, 480 Mbit/s"' "$work/devices.out"
check 'without permission: says what to do' says denied 1 '70-millrace.rules'
check 'loaded, then 32 tokens: the reference'"'"'s text' told whole "$stories"
check 'a Mamba-2 model: the reference'"'"'s text' told mamba "$mamba"
check 'two boards: which?' says which 2 'say which: usb:KERNEL0'
check 'another model'"'"'s board is refused' says another 2 'made for another model'
check 'a second host is refused' says busy 1 'in use by another process'
check 'after a host was killed' told after "$stories"
check '1 % of packets damaged: loading' says load 0 'loaded into usb:KERNEL01 and verified'
check '1 % of packets damaged: 32 tokens' told faults "$stories"
check '1 % of packets damaged: the Mamba-2 model' told faulty_mamba "$mamba"
check 'unplugged in mid-run: goes on' told unplugged "$stories"
check 'unplugged in mid-run: says so' says unplugged 0 'the board was unplugged; waiting'
seconds=$(($(date +%s) - begun))
echo "# $seconds s from power on to power down"
[ $failed -ne 0 ] || echo "$seconds" >"$BUILD/kernel_run_seconds"
exit $failed
