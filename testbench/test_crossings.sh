#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Whole boards: nothing goes from one clock to another but through the first flip-flops of
# rtl/async_fifo.v, which testbench/formal proves, and of rtl/usb/usb_crossing.v, which
# testbench/usb tests. For each clock all is followed that its registers reach through
# logic alone; the registers of other clocks at the end must be those. A copy of the design
# with a short cut must be found out.
set -u
: "${BUILD:=build}"

[ -z "${SANITIZED:-}" ] || { echo 'ok - crossings # SKIP no sanitizer sees Verilog'; exit 0; }
command -v yosys >/dev/null || { echo 'ok - crossings # SKIP yosys is not here'; exit 0; }

folder=$BUILD/crossings
mkdir -p "$folder"

# The registers of a netlist before it is mapped, and what no path goes through.
# shellcheck disable=SC2016 # Yosys' names
registers='$dff,$adff,$aldff,$dffe,$sdff'
# shellcheck disable=SC2016
ends="$registers"',$memwr,$memwr_v2'
first='w:*_gray_met* w:*crossing.seen* w:*crossing.acknowledged* w:*crossing.configured* %u %u %u'

# flat PLACE TOP: the design in PLACE as one module, flat.il, and the names of its clocks.
flat() {
    (cd "$1" && yosys -q -p "
        read_verilog -lib +/ecp5/cells_bb.v
        read_verilog -defer millrace_top.v fpga/*.v rtl/*.v
        hierarchy -check -top $2; proc; flatten; opt_clean; splitnets -format __ -ports; opt_clean
        select -set registers t:$(echo "$registers" | sed 's/,/ t:/g')
        tee -q -o clocks.txt select -list @registers %ci1:+[CLK] w:* %i
        write_ilang flat.il" >flat.log 2>&1)
}

# paths PLACE: paths.txt has the registers that paths from another clock end in, but for
# those that may.
paths() {
    {
        echo "read_ilang flat.il; select -set registers t:$(echo "$registers" | sed 's/,/ t:/g')"
        echo "select -set first $first %ci1 @registers %i"
        sed 's|^[^/]*/||' "$1/clocks.txt" | while read -r clock; do
            echo "select -set own w:$clock %co1:+[CLK] @registers %i"
            echo "select -set reached @own %co1:+[Q] %co*:-$ends %co1 @registers %i @own %d"
            echo 'select -set bad @bad @reached @first %d %u'
        done
        echo 'tee -q -o paths.txt select -list @bad'
    } | sed '2a select -set bad @first @first %d' >"$1/paths.ys"
    (cd "$1" && yosys -q paths.ys >paths.log 2>&1)
}

# crossings BOARD TOP CLOCKS
crossings() {
    if ! { "$BUILD/millgen" emit "$folder/model.mill" --board "$1" --lanes 8 --columns 1 \
        --top-k 4 --fifo 256 -o "$folder/$1" && flat "$folder/$1" "$2" && paths "$folder/$1"; }
    then
        cat "$folder/$1"/*.log
        echo "not ok - $1: its clocks cannot be followed"
        return
    fi
    clocks=$(wc -l <"$folder/$1/clocks.txt")
    if [ "$clocks" -ne "$3" ]; then
        echo "not ok - $1: $clocks clocks, wanted $3: $(tr '\n' ' ' <"$folder/$1/clocks.txt")"
    elif [ -s "$folder/$1/paths.txt" ]; then
        echo "not ok - $1: paths between clocks end in $(tr '\n' ' ' <"$folder/$1/paths.txt")"
    else
        echo "ok - $1: $clocks clocks, no path between them but through the crossings"
    fi
}

"$BUILD/millgen" compile models/stories260K/stories260K.bin -o "$folder/model.mill" --seq 32 \
    2>"$folder/log" || { cat "$folder/log"; exit 1; }
crossings ulx3s-12f ulx3s 3
crossings cynthion cynthion 3

# The result of the memory's test, looked at without the queue.
broken=$folder/ulx3s-12f
sed -i 's/if (reply_valid & reply_kind/if (reply_valid_i \& reply_kind/' \
    "$broken/rtl/memory_crossing.v"
if flat "$broken" ulx3s && paths "$broken" && grep -q '^ulx3s/' "$broken/paths.txt"; then
    echo "ok - a short cut between two clocks is found: $(wc -l <"$broken/paths.txt") registers"
else
    cat "$broken"/*.log
    echo 'not ok - a short cut between two clocks is not found'
fi
