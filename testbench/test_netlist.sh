#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The netlist that Yosys makes of the whole design is the design: simulated with the
# primitives' own models it generates 4 tokens of stories260K, each logit equal to the
# reference's. The models are those that Yosys brings; where it has but an empty
# module they are testbench/primitives/. NETLIST_BOARDS names the
# boards.
set -u
: "${BUILD:=build}" "${NETLIST_BOARDS:=ulx3s-12f icebreaker-flash}"

[ -z "${SANITIZED:-}" ] || { echo 'ok - netlist # SKIP no sanitizer sees Verilog'; exit 0; }
for tool in yosys verilator jq; do
    command -v $tool >/dev/null || { echo "ok - netlist # SKIP $tool is not here"; exit 0; }
done

share=$(dirname "$(command -v yosys)")/../share/yosys
folder=$BUILD/netlist
failed=0
mkdir -p "$folder"
mill=$folder/stories.mill
"$BUILD/millgen" compile models/stories260K/stories260K.bin -o "$mill" --weights 2 --seq 16 \
    2>"$folder/log" || { cat "$folder/log"; exit 1; }

# The models of a family's primitives: Yosys', less its empty block RAM.
cells() {
    case $1 in
        ecp5) sed 's/^module DP16KD(/module DP16KD_without_a_model(/' "$share/ecp5/cells_sim.v" ;;
        ice40) cat "$share/ice40/cells_sim.v" ;;
    esac
}

# simulator BOARD FOLDER: build FOLDER/netlist/sim from what is emitted into FOLDER.
simulator() {
    family=$(jq -r .family "$2/board.json")
    mkdir -p "$2/netlist"
    cells "$family" >"$2/netlist/cells.v"
    cp "$2/tape.bin" "$2/design.json" "$2/sim_main.cpp" "$2"/*.h "$2/netlist"
    printf 'sim:\n' >"$2/netlist/Makefile"
    constants=$(sed -n '/^CONSTANTS/,/[^\\]$/p' "$2/Makefile" |
        sed 's/CONSTANTS = //' | tr -d '\\\n')
    synthesis=$("$BUILD/millgen" boards --json |
        jq -r --arg board "$1" '.boards[] | select(.name == $board) | .synthesis')
    (cd "$2" && yosys -q -p "read_verilog -defer millrace_top.v rtl/*.v; \
        $synthesis -top millrace_top; write_verilog -noattr netlist/top.v") &&
        (cd "$2/netlist" && verilator --cc --exe --build -Wno-fatal -Wno-lint --timescale 1ns/1ps \
            --top-module millrace_top --Mdir obj_dir -O3 --x-assign fast --x-initial fast \
            --no-assert -CFLAGS "$constants" -DNO_ICE40_DEFAULT_ASSIGNMENTS \
            -MAKEFLAGS 'OPT_FAST=-O1 OPT_GLOBAL=-O2 OPT_SLOW=-O0' -o ../sim \
            "+incdir+$share/$family" -y ../primitives top.v cells.v sim_main.cpp)
}

# netlist BOARD DESIGN-OPTION...
netlist() {
    board=$1
    shift
    rm -rf "${folder:?}/$board"
    if "$BUILD/millgen" emit "$mill" --board "$board" -o "$folder/$board" "$@" &&
        simulator "$board" "$folder/$board" >"$folder/$board.log" 2>&1 &&
        "$BUILD/millrace" run "$mill" --device "sim:$folder/$board/netlist" -p 'Once' -n 4 \
            --check >"$folder/$board.run" 2>&1; then
        echo "ok - netlist of $board: $(tail -n 1 "$folder/$board.run")"
    else
        echo "not ok - netlist of $board"
        tail -n 20 "$folder/$board.log" "$folder/$board.run" | sed 's/^/# /'
        failed=1
    fi
}

for board in $NETLIST_BOARDS; do
    netlist "$board" --lanes 4 --columns 1 --top-k 4 --fifo 64
done
exit $failed
