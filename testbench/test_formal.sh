#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Proofs of what must never happen, with yosys-smtbmc and yosys: testbench/formal/. Each proof's
# properties module wraps the module that it is about. A copy of the module with a fault
# put in must fail the same proof.
. testbench/prove.sh

one_clock=

proof fifo 16 "$one_clock" 16
mutation fifo fifo 12 "$one_clock" 's/~stored\[BITS\]/1'"'"'b1/'
mutation fifo fifo 12 "$one_clock" 's/(stored != 0) & read_free/(stored != 0)/'

proof width_fifo 14 "$one_clock" 14
mutation width_fifo width_fifo 12 "$one_clock" 's/in_valid_i && &part/in_valid_i/'
mutation width_fifo width_fifo 12 "$one_clock" 's/out_ready_i && &part/out_ready_i/'


# The queue between two clocks, whose edges come in any order: all of 26 steps, with
# yosys's own solver, which is the quicker one here.
# crossing FOLDER: is there no fault?
crossing() {
    timeout 120 yosys -q -p "
        read_verilog -formal $root/testbench/formal/async_fifo_properties.v
        hierarchy -check -top async_fifo_properties -libdir $1
        proc; flatten; opt_clean; memory_nordff; memory_map; clk2fflogic; opt -fast
        setundef -undriven -anyseq; opt -full
        sat -verify -prove-asserts -set-assumes -seq 26 async_fifo_properties
        " >async_fifo.log 2>&1
}

crossing "$root/rtl"
result async_fifo 'holds for 26 steps of either clock' $?
for fault in 's/~full & /1 | /' 's/read_gray != write_gray_seen/1/'; do
    rm -rf broken
    mkdir -p broken
    cp "$root/rtl/skid_buffer.v" broken/
    sed "$fault" "$root/rtl/async_fifo.v" >broken/async_fifo.v
    if crossing broken || ! grep -q 'proof did fail' async_fifo.log; then
        tail -n 5 async_fifo.log
        echo "not ok - async_fifo: the fault $fault is not found"
    else
        echo "ok - async_fifo: the fault $fault is found"
    fi
done

# Yosys's own solver again: with these z3 does not end.
# prove NAME FOLDER OPTION...: is there no fault in the modules of FOLDER?
prove() {
    name=$1 modules=$2
    shift 2
    timeout 900 yosys -q -p "
        read_verilog -formal $root/testbench/formal/${name}_properties.v
        hierarchy -check -top ${name}_properties -libdir $modules
        proc; flatten; opt_clean; memory_map; opt -full; chformal -cover -remove
        setundef -undriven -anyseq; async2sync; opt -full
        sat -verify -prove-asserts -set-assumes $* ${name}_properties" >"$name.log" 2>&1
}

# prove_mutation NAME FILE SED OPTION...: the same with a fault in FILE.v.
prove_mutation() {
    name=$1 file=$2 fault=$3
    shift 3
    rm -rf broken
    mkdir -p broken
    cp modules/*.v broken/
    sed "$fault" "modules/$file.v" >"broken/$file.v"
    if cmp -s "modules/$file.v" "broken/$file.v" || prove "$name" broken "$@" ||
        ! grep -q 'proof did fail' "$name.log"; then
        tail -n 5 "$name.log"
        echo "not ok - $name: the fault $fault is not found"
    else
        echo "ok - $name: the fault $fault is found"
    fi
}

# From a reset on, $FORMAL_STEPS steps. Three bursts meet in 26, and each step more takes longer
# than all before: `make soak` takes them.
: "${FORMAL_STEPS:=18}"
bounded="-set-def-inputs -set-init-undef -seq $FORMAL_STEPS"
# shellcheck disable=SC2086 # options, split on purpose
{
    prove sdram_controller "$root/rtl" $bounded
    result sdram_controller "holds for $FORMAL_STEPS steps" $?
    for fault in 's/TURN_WAIT = 8 + CAS_LATENCY/TURN_WAIT = 7 + CAS_LATENCY/' \
        's/(rows\[prepare_bank\] == prepare_row)/1/'; do
        prove_mutation sdram_controller sdram_controller "$fault" $bounded
    done
    prove_mutation sdram_controller sdram_bank \
        's/AFTER_WRITE_AUTO = BURST + T_WR/AFTER_WRITE_AUTO = BURST/' $bounded
    prove_mutation sdram_controller sdram_controller 's/~(blocked & issue_auto)/1/' \
        -set-def-inputs -set-init-undef -seq 26
}

# Kept edges in the board's memory: the memory's bursts there and back take 16 steps.
edges='-set-def-inputs -set-init-undef -seq 18'
# shellcheck disable=SC2086 # options, split on purpose
{
    prove picture_edge_memory modules $edges
    result picture_edge_memory 'holds for 18 steps' $?
    for fault in "s/BURST\\[BURST_BITS:0\\] - .*/BURST[BURST_BITS:0];/" \
        's/in_ready && !dropping/in_ready/' 's/flush = state == REST/flush = 1/' \
        's/stored <= stored - burst/stored <= stored/'; do
        prove_mutation picture_edge_memory picture_edge_memory "$fault" $edges
    done
}

# For ever, by induction on what holds in each of the reader's states.
prove tape_reader "$root/rtl" -tempinduct -maxsteps 4
result tape_reader 'holds for ever' $?
for fault in 's/if (lines_left == 1) state <= HEADER/if (lines_left == 0) state <= HEADER/' \
    's/(lines_left == 0) ? HEADER : PAYLOAD/PAYLOAD/' \
    's/(fault != 0) ? FAILED/(fault == 3) ? FAILED/'; do
    prove_mutation tape_reader tape_reader "$fault" -tempinduct -maxsteps 4
done
