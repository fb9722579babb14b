#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Read by testbench/test_formal*.sh: proofs with yosys-smtbmc, of the properties in
# testbench/formal/, in $BUILD/formal. Exits where a tool is missing.
set -u
: "${BUILD:=build}" "${SOLVER:=z3}"

[ -z "${SANITIZED:-}" ] || { echo 'ok - proofs # SKIP no sanitizer sees Verilog'; exit 0; }
for tool in yosys yosys-smtbmc "$SOLVER"; do
    command -v "$tool" >/dev/null || { echo "ok - proofs # SKIP $tool is not here"; exit 0; }
done

root=$PWD
mkdir -p "$BUILD/formal"
cd "$BUILD/formal" || exit 1
rm -rf modules
mkdir modules
cp "$root"/rtl/*.v "$root"/rtl/usb/*.v "$root"/rtl/mixer/*.v \
    "$root"/rtl/picture/picture_edge_memory.v modules/

# translate NAME FOLDER PASSES: the properties NAME, over the modules in FOLDER, as SMT,
# down to gates: z3 is far quicker with those than with words and memories.
translate() {
    yosys -q -p "
        read_verilog -formal $root/testbench/formal/$1_properties.v
        hierarchy -check -top $1_properties -libdir $2
        proc; flatten; opt_clean; memory_nordff; memory_map; $3 opt -fast
        techmap; opt -fast; abc -g AND,XOR,MUX; opt_clean
        setundef -undriven -anyseq; dffunmap; opt_clean
        write_smt2 -wires $1.smt2" >"$1.log" 2>&1 && return
    cat "$1.log"
    return 1
}

# solve NAME OPTION...: does yosys-smtbmc find no fault?
solve() {
    name=$1
    shift
    timeout 120 yosys-smtbmc -s "$SOLVER" --noprogress "$@" "$name.smt2" >"$name.log" 2>&1
}

# result NAME WHAT STATUS
result() {
    if [ "$3" -eq 0 ]; then
        echo "ok - $1: $2"
    else
        tail -n 20 "$1.log"
        echo "not ok - $1: $2"
    fi
}

# proof NAME DEPTH PASSES COVER: nothing goes wrong within DEPTH steps; and what the
# properties say can happen does within COVER.
proof() {
    translate "$1" modules "$3" || { echo "not ok - $1 cannot be translated"; return; }
    solve "$1" -t "$2"
    result "$1" "holds for $2 steps" $?
    solve "$1" -c -t "$4"
    result "$1" "can do what it is for" $?
}

# break_module MODULE SED: all modules in the folder broken, one of them with a fault.
break_module() {
    rm -rf broken
    cp -r modules broken
    sed "$2" "modules/$1.v" >"broken/$1.v"
    ! cmp -s "modules/$1.v" "broken/$1.v"
}

# mutation NAME MODULE DEPTH PASSES SED: the same with a fault in MODULE.
mutation() {
    break_module "$2" "$5" || { echo "not ok - $1: '$5' changes nothing"; return; }
    translate "$1" broken "$4" || { echo "not ok - $1 cannot be translated"; return; }
    solve "$1" -t "$3"
    if grep -q 'Status: FAILED' "$1.log"; then
        echo "ok - $1: the fault $5 is found"
    else
        echo "not ok - $1 with $5: no fault is found"
    fi
}
