#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From a model to a bitstream: whole boards through Yosys, nextpnr and the packer, each
# clock held to the board's. BOARDS names the boards: one of a minute or two unless
# said (`make soak` has the large one too).
set -u
: "${BUILD:=build}" "${BOARDS:=ulx3s-12f icebreaker-flash}"

[ -z "${SANITIZED:-}" ] || { echo 'ok - bitstream # SKIP no sanitizer sees nextpnr'; exit 0; }
for tool in jq yosys; do
    command -v $tool >/dev/null || { echo "ok - bitstream # SKIP $tool is not here"; exit 0; }
done

failed=0
mkdir -p "$BUILD/boards"

# check NAME LOG COMMAND...
check() {
    name=$1 log=$2
    shift 2
    if "$@" >"$log" 2>&1; then
        echo "ok - $name"
    else
        echo "not ok - $name"
        tail -n 12 "$log" | sed 's/^/# /'
        failed=1
    fi
}

for board in $BOARDS; do
    export BOARD="$board"
    case $board in
        icebreaker*) place=nextpnr-ice40 ;;
        *) place=nextpnr-ecp5 ;;
    esac
    if ! command -v $place >/dev/null && [ ! -x "$BUILD/venv/bin/yowasp-$place" ]; then
        echo "ok - bitstream of $board # SKIP $place is not here: scripts/setup --boards"
        continue
    fi
    check "bitstream of $board" "$BUILD/boards/$board.log" scripts/board bitstream
    check "clocks of $board" "$BUILD/boards/$board-timing.log" scripts/board timing
done

# refuses NAME STATUS MESSAGE COMMAND...
refuses() {
    name=$1 wanted=$2 message=$3
    shift 3
    "$@" >"$BUILD/boards/log" 2>&1
    status=$?
    if [ $status -eq "$wanted" ] && grep -q "$message" "$BUILD/boards/log"; then
        echo "ok - $name"
    else
        echo "not ok - $name: status $status: $(cat "$BUILD/boards/log")"
        failed=1
    fi
}

refuses 'an unknown board' 2 'not one of: icebreaker' env BOARD=none scripts/board bitstream
refuses 'too many block RAMs' 1 'does not fit on icebreaker: [0-9]* ram_blocks of 30' \
    env BOARD=icebreaker scripts/board bitstream
empty=$BUILD/nothing-built
rm -rf "$empty"
mkdir -p "$empty"
ln -sf "$PWD/$BUILD/millgen" "$empty/millgen"
refuses 'flash: nothing is built' 1 'nothing built' \
    env BUILD="$empty" BOARD=cynthion scripts/board flash
mkdir -p "$empty/boards/cynthion"
: >"$empty/boards/cynthion/cynthion.bit"
refuses 'flash: no loader' 1 'which loads cynthion, is not here' \
    env BUILD="$empty" BOARD=cynthion scripts/board flash
exit $failed
