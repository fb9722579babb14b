#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Proofs about the USB device core: testbench/formal/usb_*_properties.v. What is sent, and
# when, and how a conversation begins in two clocks are proved for any time at all, by
# induction; the two queues for 14 steps, with yosys's own solver, which is the quicker one
# there.
. testbench/prove.sh

# connect SIGNAL...: passes that show the properties these of the module's registers.
connect() {
    for signal; do printf 'connect -set dut_%s \\dut.%s; ' "$signal" "$signal"; done
}

# induction NAME PASSES COVER
induction() {
    translate "$1" modules "$2" || { echo "not ok - $1 cannot be translated"; return; }
    solve "$1" -t 4 && solve "$1" -i -t 3
    result "$1" 'holds at any time' $?
    solve "$1" -c -t "$3"
    result "$1" 'can do what it is for' $?
}

# queue NAME FOLDER: is there no fault?
queue() {
    timeout 300 yosys -q -p "
        read_verilog -formal $root/testbench/formal/$1_properties.v
        hierarchy -check -top $1_properties -libdir $2
        proc; flatten; chformal -cover -remove; opt_clean; memory_nordff; memory_map; opt -fast
        setundef -undriven -anyseq; opt -full
        sat -verify -prove-asserts -set-assumes -seq 14 $1_properties" >"$1.log" 2>&1
}

# queue_mutation NAME SED
queue_mutation() {
    if break_module "$1" "$2" && ! queue "$1" broken && grep -q 'proof did fail' "$1.log"; then
        echo "ok - $1: the fault $2 is found"
    else
        tail -n 5 "$1.log"
        echo "not ok - $1: the fault $2 is not found"
    fi
}

transmitter=$(connect state pid crc16)
induction usb_transmitter "$transmitter" 16
mutation usb_transmitter usb_packet_transmitter 8 "$transmitter" 's/16.hA001/16'"'"'hA003/'
mutation usb_transmitter usb_packet_transmitter 8 "$transmitter" 's/{~pid, pid}/{pid, pid}/'

transactions=$(connect state in_toggle out_toggle is_setup is_control)
induction usb_transactions "$transactions" 16
for fault in 's/(token_address_i == address_i)/1/' 's/handshake_i & (pid_i == ACK)/handshake_i/' \
    's/had_room & fresh/had_room/' 's/if (accepts) out_toggle/if (whole) out_toggle/' \
    's/if (ended_i | (waited == PATIENCE))/if (handshake_i | (waited == PATIENCE))/'; do
    mutation usb_transactions usb_transactions 8 "$transactions" "$fault"
done

crossing="$(connect wanted request usb_drop acknowledged seen held)clk2fflogic;"
induction usb_crossing "$crossing" 90
for fault in 's/held\[4\] & held\[3\]/held[3]/' 's/wanted | request |/wanted |/' \
    's/rst_i | restart_o/rst_i/'; do
    mutation usb_crossing usb_crossing 40 "$crossing" "$fault"
done

for name in usb_bulk_out usb_bulk_in; do
    queue "$name" modules
    result "$name" 'holds for 14 steps' $?
done
queue_mutation usb_bulk_out 's/if (drop_i) written <= kept/if (1'"'"'b0) written <= kept/'
queue_mutation usb_bulk_out 's/(~valid_o | ready_i);/1;/'
queue_mutation usb_bulk_in 's/if (begin_i & ~fixed)/if (begin_i)/'
queue_mutation usb_bulk_in 's/begin_i ? kept :/begin_i ? read_at :/'
