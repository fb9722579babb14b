#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The memories and their clock crossing, in Icarus Verilog: testbench/memory/. SEED may
# be given.
set -u
: "${BUILD:=build}" "${SEED:=1}"

[ -z "${SANITIZED:-}" ] || { echo 'ok - memories # SKIP no sanitizer sees Verilog'; exit 0; }
command -v iverilog >/dev/null || { echo 'ok - memories # SKIP iverilog is not here'; exit 0; }

root=$PWD
folder=$BUILD/memory
mkdir -p "$folder"
cd "$folder" || exit 1

# bench NAME PARAMETER=VALUE...: what it prints is TAP; a bench that says nothing failed.
bench() {
    name=$1
    shift
    parameters="-P${name}_tb.SEED=$SEED"
    for parameter; do parameters="$parameters -P${name}_tb.$parameter"; done
    # shellcheck disable=SC2086 # options, split on purpose
    iverilog -g2005 -Wall -y "$root/rtl" -o "$name.vvp" $parameters \
        "$root/testbench/memory/${name}_tb.v" >"$name.log" 2>&1
    if [ -s "$name.log" ]; then
        cat "$name.log"
        echo "not ok - $name does not compile cleanly"
    fi
    said=$(timeout 120 vvp -n "$name.vvp")
    echo "${said:-not ok - $name $* says nothing}"
}

for depth in 4 32; do
    bench async_fifo DEPTH=$depth
    bench async_fifo DEPTH=$depth OUT_PERIOD=2700
    bench async_fifo DEPTH=$depth IN_PERIOD=3100
done
